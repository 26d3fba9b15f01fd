"""What is left after everything else: queues, undispatched records and logs."""

import re

import boto3

from receiver import wait_until
from suite import EVENTS, Phase, Suite, test

# Personal data, signing secrets, and API keys beyond their public prefix, which the line of a call shows.
FORBIDDEN_IN_LOGS = re.compile(
    r"jane\.walker@|Jane Walker|whsec_|\b(?:(?:lh|vp|lr_sk)_(?:live|test)|rd)_[0-9A-Za-z]{8}_[0-9A-Za-z]"
)


class StateTests(Suite):
    """What is left after everything else: queues, undispatched records and logs."""

    @test(Phase.END)
    def queues_and_undispatched_bucket_are_empty(self):
        sqs, s3 = boto3.client("sqs"), boto3.client("s3")
        queues = ["DeliveryQueueUrl", "DeliveryDeadLettersUrl", "FollowUpQueueUrl", "FollowUpDeadLettersUrl"]
        queues += ["SlowDeliveryQueueUrl", "SlowDeliveryDeadLettersUrl"]
        for name in [*queues, "FailedUploadsUrl"]:
            counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            queue = lambda: sqs.get_queue_attributes(QueueUrl=self.stack.outputs[name], AttributeNames=counts)
            wait_until(30, f"{name} is empty", lambda: set(queue()["Attributes"].values()) == {"0"})
        undispatched = s3.list_objects_v2(Bucket=self.stack.outputs["UndispatchedBucketName"])
        assert not undispatched.get("Contents"), undispatched["Contents"]

    def log_lines(self):
        logs, lines = boto3.client("logs"), []
        for function in [sample.stem for sample in EVENTS]:
            group = f"/aws/lambda/{self.stack.name}-{function}"
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            messages = [event["message"] for page in pages for event in page["events"]]
            assert messages, f"{function} logged nothing"
            lines += messages
        return lines

    @test(Phase.END)
    def logs_hold_no_personal_data_secrets_or_errors(self):
        bad = [line for line in self.log_lines() if '"ERROR"' in line or FORBIDDEN_IN_LOGS.search(line)]
        assert not bad, "\n".join(bad[:10])

    @test(Phase.LAST)
    def logs_hold_no_personal_data_of_parked_records(self):
        lines = self.log_lines()
        assert [line for line in lines if "record parked" in line]
        bad = [line for line in lines if FORBIDDEN_IN_LOGS.search(line)]
        assert not bad, "\n".join(bad[:10])
