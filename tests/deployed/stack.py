"""A deployed stack: calls to its API, its functions and the operator's commands, and workarounds for the emulator."""

import contextlib
import http.client
import json
import re
import subprocess
import urllib.parse

import boto3


class Response:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self, status):
        """Returns the parsed body; fails if the response has another status."""
        assert self.status == status, f"{self.status} instead of {status}: {self.body.decode()}"
        return json.loads(self.body) if self.body else None


class Stack:
    """A deployed stack."""

    def __init__(self, name, operator):
        self.name, self.operator_binary = name, operator
        outputs = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in outputs}
        url = urllib.parse.urlsplit(self.outputs["ApiUrl"])
        self.host, self.port = url.netloc, url.port
        self.create_routes()
        self.adapt_policies()

    def create_routes(self):
        """Creates the routes from the API's `Body`, to which SAM writes them and which the emulator ignores."""
        gateway, cloudformation = boto3.client("apigatewayv2"), boto3.client("cloudformation")
        functions = boto3.client("lambda")
        processed = cloudformation.get_template(StackName=self.name, TemplateStage="Processed")["TemplateBody"]
        template = json.loads(processed) if isinstance(processed, str) else processed
        api = {"ApiId": self.host.split(".")[0]}
        targets = {}
        for path, methods in template["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
            for method, operation in methods.items():
                integration = operation["x-amazon-apigateway-integration"]
                function = re.search(r"\$\{(\w+)\.Arn\}", json.dumps(integration["uri"]))[1]
                if function not in targets:
                    found = cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=function)
                    name = found["StackResourceDetail"]["PhysicalResourceId"]
                    created = gateway.create_integration(
                        **api,
                        IntegrationType="AWS_PROXY",
                        IntegrationUri=functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"],
                        PayloadFormatVersion=integration["payloadFormatVersion"],
                    )
                    targets[function] = f"integrations/{created['IntegrationId']}"
                method = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
                key = "$default" if path == "/$default" else f"{method} {path}"
                gateway.create_route(**api, RouteKey=key, Target=targets[function])

    def adapt_policies(self):
        """Adapts policies to the emulator. It checks `sqs:SendMessageBatch`, an action that AWS does not have because
        `sqs:SendMessage` covers batches, and it checks `ses:SendEmail` without the identity and the sender address."""
        iam = boto3.client("iam")
        for role in iam.list_roles()["Roles"]:
            role = role["RoleName"]
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                for statement in document["Statement"]:
                    if statement["Action"] == "ses:SendEmail":
                        del statement["Condition"]
                        statement["Resource"] = "*"
                both = json.dumps(document).replace('"sqs:SendMessage"', '["sqs:SendMessage", "sqs:SendMessageBatch"]')
                iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=both)

    def speed_up(self, function, speedup):
        """Sets the speed-up of one function, which applies to the waits that this function schedules."""
        functions, name = boto3.client("lambda"), f"{self.name}-{function}"
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        environment = {"Variables": {**variables, "LEADHOUSE_SPEEDUP": str(speedup)}}
        functions.update_function_configuration(FunctionName=name, Environment=environment)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)

    @contextlib.contextmanager
    def denied(self, function, action):
        """Denies a function an action of AWS, as a faulty deployment would."""
        iam, name = boto3.client("iam"), f"{self.name}-{function}"
        role = boto3.client("lambda").get_function_configuration(FunctionName=name)["Role"].split("/")[-1]
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        denied = {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(denied))
        try:
            yield
        finally:
            iam.delete_role_policy(RoleName=role, PolicyName="denied")

    @contextlib.contextmanager
    def held(self, function):
        """Stops the queue of a function: its messages stay there."""
        functions, mappings = boto3.client("lambda"), "EventSourceMappings"
        listed = functions.list_event_source_mappings(FunctionName=f"{self.name}-{function}")[mappings]
        [mapping] = [one["UUID"] for one in listed if ":sqs:" in one["EventSourceArn"]]
        functions.update_event_source_mapping(UUID=mapping, Enabled=False)
        try:
            yield
        finally:
            functions.update_event_source_mapping(UUID=mapping, Enabled=True)

    def message_count(self, queue):
        """Returns the number of messages in a queue (an output), with those that are being processed."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        read = boto3.client("sqs").get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=names)
        return sum(int(read["Attributes"][name]) for name in names)

    def move_messages(self, source, destination):
        """Moves all messages of a queue (an output) to another, as if they had failed too often."""
        sqs, moved = boto3.client("sqs"), True
        while moved:
            moved = sqs.receive_message(QueueUrl=self.outputs[source], MaxNumberOfMessages=10).get("Messages")
            for message in moved or []:
                sqs.send_message(QueueUrl=self.outputs[destination], MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=self.outputs[source], ReceiptHandle=message["ReceiptHandle"])

    def undispatched(self, prefix):
        """Returns the objects in the bucket of undispatched records whose keys begin with `prefix`, parsed."""
        s3, bucket = boto3.client("s3"), self.outputs["UndispatchedBucketName"]
        found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [json.loads(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()) for one in found]

    def verify_email_sender(self):
        """Verifies the domain of the sender address in SES; returns the address."""
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=f"{self.name}-follow_up")
        sender = configuration["Environment"]["Variables"]["LEADHOUSE_EMAIL_FROM"]
        boto3.client("sesv2").create_email_identity(EmailIdentity=sender.split("@")[1])
        return sender

    def sent_emails(self):
        """Returns the e-mails that the emulator was asked to send."""
        sent = self.request_url("GET", f"http://127.0.0.1:{self.port}/_ministack/ses/messages").json(200)
        return [one for messages in sent["messages"].values() for one in messages]

    def allow_plain_http(self, bucket):
        """Deletes the policy of a bucket (an output) that requires TLS, which the emulator does not support."""
        boto3.client("s3").delete_bucket_policy(Bucket=self.outputs[bucket])

    def call(self, method, path, key=None, body=None, headers=None):
        """Calls the API, with an API key if one is given."""
        headers = {"Host": self.host, **(headers or {})}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), {"Content-Type": "application/json", **headers}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            return Response(connection.getresponse())
        finally:
            connection.close()

    def request_url(self, method, url, body=None, headers=None):
        """Sends a request to a URL, without an API key."""
        url = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        try:
            connection.request(method, f"{url.path}?{url.query}", body, headers or {})
            return Response(connection.getresponse())
        finally:
            connection.close()

    def operator(self, *arguments):
        """Runs an operator's command on the deployed tables; returns its output."""
        tables = ["--table", self.outputs["TableName"], "--access-table", self.outputs["AccessTableName"]]
        done = subprocess.run([self.operator_binary, *arguments, *tables], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def redrive(self, *arguments):
        """Runs the operator's command that puts back what was given up; returns whether nothing failed, and its report by
        source and function."""
        command = [self.operator_binary, "redrive", "--stack", self.name, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.stdout, done.stderr
        sources = {(one["source"], one["function"]): one for one in json.loads(done.stdout)["sources"]}
        return done.returncode == 0, sources

    def invoke(self, function, payload):
        """Invokes a function; returns its result."""
        response = boto3.client("lambda").invoke(FunctionName=f"{self.name}-{function}", Payload=payload)
        result = json.loads(response["Payload"].read() or "null")
        assert "FunctionError" not in response, result
        return result
