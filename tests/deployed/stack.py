"""A deployed stack as those outside see it, and what the emulator lacks made up for."""

import http.client
import json
import re
import subprocess
import urllib.parse

import boto3


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self, status):
        """The body, of an answer that must have this status."""
        assert self.status == status, f"{self.status} instead of {status}: {self.body.decode()}"
        return json.loads(self.body) if self.body else None


class Stack:
    """The deployed stack: its API, its functions and its operator."""

    def __init__(self, name, operator):
        self.name, self.operator_binary = name, operator
        outputs = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in outputs}
        url = urllib.parse.urlsplit(self.outputs["ApiUrl"])
        self.host, self.port = url.netloc, url.port
        self.replay_routes()
        self.make_policies_fit()

    def replay_routes(self):
        """The emulator passes over an HTTP API's `Body`, where SAM writes the routes: they are made from it here."""
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
                    made = gateway.create_integration(
                        **api,
                        IntegrationType="AWS_PROXY",
                        IntegrationUri=functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"],
                        PayloadFormatVersion=integration["payloadFormatVersion"],
                    )
                    targets[function] = f"integrations/{made['IntegrationId']}"
                method = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
                key = "$default" if path == "/$default" else f"{method} {path}"
                gateway.create_route(**api, RouteKey=key, Target=targets[function])

    def make_policies_fit(self):
        """The emulator asks for `sqs:SendMessageBatch`, which is no action of AWS: `sqs:SendMessage` covers batches.
        And it asks for `ses:SendEmail` without saying of which identity or from which address."""
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

    def hurry(self, function, speedup):
        """Lets waits that this function decides on pass so many times faster, whatever the others do."""
        functions, name = boto3.client("lambda"), f"{self.name}-{function}"
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        faster = {"Variables": {**variables, "LEADHOUSE_SPEEDUP": str(speedup)}}
        functions.update_function_configuration(FunctionName=name, Environment=faster)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)

    def let_email_go_out(self):
        """Verifies the domain that e-mail comes from; answers with the address."""
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=f"{self.name}-follow_up")
        sender = configuration["Environment"]["Variables"]["LEADHOUSE_EMAIL_FROM"]
        boto3.client("sesv2").create_email_identity(EmailIdentity=sender.split("@")[1])
        return sender

    def email(self):
        """What the emulator was given to send."""
        told = self.follow("GET", f"http://127.0.0.1:{self.port}/_ministack/ses/messages").json(200)
        return [one for messages in told["messages"].values() for one in messages]

    def let_plain_http_reach_files(self):
        """The emulator speaks no TLS, without which the bucket's own policy lets nobody in."""
        boto3.client("s3").delete_bucket_policy(Bucket=self.outputs["FilesBucketName"])

    def call(self, method, path, key=None, body=None, headers=None):
        headers = {"Host": self.host, **(headers or {})}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), {"Content-Type": "application/json", **headers}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def follow(self, method, link, body=None, headers=None):
        """Follows a link, without a key."""
        url = urllib.parse.urlsplit(link)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        try:
            connection.request(method, f"{url.path}?{url.query}", body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def operator(self, *arguments):
        """Runs one of the operator's commands against the deployed tables; answers with what it told."""
        place = ["--table", self.outputs["TableName"], "--access-table", self.outputs["AccessTableName"]]
        done = subprocess.run([self.operator_binary, *arguments, *place], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def invoke(self, function, payload):
        answer = boto3.client("lambda").invoke(FunctionName=f"{self.name}-{function}", Payload=payload)
        said = json.loads(answer["Payload"].read() or "null")
        assert "FunctionError" not in answer, said
        return said
