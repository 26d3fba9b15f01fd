"""A stream pump: reads the table's stream for the functions behind it by AWS's rules.

The emulator invokes these functions too, but takes a batch that failed for processed: it ignores batch failures,
bisecting, the number of retries, and destinations in S3. The pump takes over its event source mappings, with their
settings, and obeys all of these (AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB" and "Retaining
discarded batches for DynamoDB event sources").
"""

import base64
import datetime
import json
import threading
import time
import uuid
import zlib

import boto3

POLL_INTERVAL = 0.2  # seconds
RETRY_DELAY = 0.2  # seconds; AWS waits longer, and longer each time
FOREVER = -1  # value of MaximumRetryAttempts and MaximumRecordAgeInSeconds


def number_of(record):
    return record["dynamodb"]["SequenceNumber"]


def to_event(value):
    """Returns a record of the SDK as Lambda passes it: in JSON, bytes in base64 and times as seconds."""
    if isinstance(value, dict):
        return {name: to_event(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [to_event(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return int(value.timestamp())
    return value


def matches(pattern, record):
    """Returns whether a record matches a pattern of a filter: all fields, and of alternatives one."""
    if isinstance(pattern, dict):
        return all(matches(inner, (record or {}).get(name)) for name, inner in pattern.items())
    return any(
        (isinstance(record, str) and record.startswith(one["prefix"])) if isinstance(one, dict) else record == one
        for one in pattern
    )


class Batch:
    """A batch of records with the number of times that it was handed over in vain."""

    def __init__(self, records, retries=0):
        self.records, self.retries = records, retries


class Lane:
    """One of the concurrent readers of a shard: hands over its batches in order.

    `invoke(records)` returns the response, or None if the function failed. `discard(records, condition, retries)` gives
    records to the destination. `now()` returns the time in seconds.
    """

    def __init__(self, settings, invoke, discard, now=time.time, sleep=time.sleep):
        self.settings, self.invoke, self.discard, self.now, self.sleep = settings, invoke, discard, now, sleep

    def hand_over(self, records):
        """Hands over records until each was processed or discarded."""
        pending = [Batch(records)]
        while pending:
            pending = self.attempt(pending[0]) + pending[1:]

    def attempt(self, batch):
        """Hands over a batch once; returns the batches that are to be handed over in its place."""
        batch = self.without_old_records(batch)
        if not batch.records:
            return []
        failed = self.failed_records(batch.records, self.invoke(batch.records))
        if not failed:
            return []
        self.sleep(RETRY_DELAY)
        # A response that names a record bisects the batch there: the records before it are done with.
        if self.settings.get("BisectBatchOnFunctionError") and not self.named and len(failed) > 1:
            middle = len(failed) // 2
            # Splitting does not count as a retry.
            return [Batch(failed[:middle], batch.retries), Batch(failed[middle:], batch.retries)]
        retries, most = batch.retries + 1, self.settings.get("MaximumRetryAttempts", FOREVER)
        if most != FOREVER and retries > most:
            self.discard(failed, "RetryAttemptsExhausted", retries)
            return []
        return [Batch(failed, retries)]

    def without_old_records(self, batch):
        limit = self.settings.get("MaximumRecordAgeInSeconds", FOREVER)
        is_old = lambda one: limit != FOREVER and self.now() - one["dynamodb"]["ApproximateCreationDateTime"] > limit
        old = [one for one in batch.records if is_old(one)]
        if old:
            self.discard(old, "RecordAgeExceeded", batch.retries)
        return Batch([one for one in batch.records if not is_old(one)], batch.retries)

    def failed_records(self, records, response):
        """Returns the records that are not done with: from the earliest named one on, or all if the function failed or
        named one that it did not get."""
        self.named = False
        if response is None:
            return records
        if "ReportBatchItemFailures" not in self.settings.get("FunctionResponseTypes", []):
            return []
        named = [one.get("itemIdentifier") for one in response.get("batchItemFailures") or []]
        numbers = [number_of(one) for one in records]
        if any(one not in numbers for one in named):
            return records
        self.named = bool(named)
        return records[min(map(numbers.index, named)) :] if named else []


class MappingReader(threading.Thread):
    """Reads the stream for one event source mapping."""

    def __init__(self, pump, settings):
        super().__init__(daemon=True)
        self.pump, self.settings = pump, settings
        filters = settings.get("FilterCriteria", {}).get("Filters", [])
        self.patterns = [json.loads(one["Pattern"]) for one in filters]
        self.function = settings["FunctionArn"].split(":function:")[1].split(":")[0]
        self.parallelism = int(settings.get("ParallelizationFactor", 1))
        self.clients = {name: boto3.client(name) for name in ["dynamodbstreams", "lambda", "s3"]}

    def run(self):
        streams, stream = self.clients["dynamodbstreams"], self.settings["EventSourceArn"]
        [shard] = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]  # the emulator has one
        self.shard = shard["ShardId"]
        start = {"StreamArn": stream, "ShardId": self.shard, "ShardIteratorType": self.settings["StartingPosition"]}
        iterator = streams.get_shard_iterator(**start)["ShardIterator"]
        while True:
            self.pump.released.wait()
            time.sleep(max(POLL_INTERVAL, self.settings.get("MaximumBatchingWindowInSeconds", 0)))
            self.pump.released.wait()
            page = streams.get_records(ShardIterator=iterator)
            iterator = page["NextShardIterator"]
            records = [{**to_event(one), "eventSourceARN": stream} for one in page["Records"]]
            self.hand_over([one for one in records if any(matches(pattern, one) for pattern in self.patterns)])

    def hand_over(self, records):
        """Hands over records in concurrent lanes. Records of one item are in one lane."""
        lanes = {}
        for record in records:
            key = json.dumps(record["dynamodb"]["Keys"], sort_keys=True).encode()
            lanes.setdefault(zlib.crc32(key) % self.parallelism, []).append(record)
        threads = [threading.Thread(target=self.run_lane, args=(lane,), daemon=True) for lane in lanes.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def run_lane(self, records):
        lane = Lane(self.settings, self.invoke, self.discard, self.pump.now)
        size = self.settings["BatchSize"]
        for first in range(0, len(records), size):
            lane.hand_over(records[first : first + size])

    def invoke(self, records):
        payload = json.dumps({"Records": records})
        response = self.clients["lambda"].invoke(FunctionName=self.function, Payload=payload)
        return None if "FunctionError" in response else json.loads(response["Payload"].read() or "null") or {}

    def discard(self, records, condition, retries):
        """Stores records at the destination, with what AWS tells about them."""
        arrived = lambda one: datetime.datetime.fromtimestamp(
            one["dynamodb"]["ApproximateCreationDateTime"], datetime.UTC
        ).strftime("%Y-%m-%dT%H:%M:%SZ")
        now = datetime.datetime.fromtimestamp(self.pump.now(), datetime.UTC)
        discarded = {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": self.settings["FunctionArn"],
                "condition": condition,
                "approximateInvokeCount": retries,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "DDBStreamBatchInfo": {
                "shardId": self.shard,
                "startSequenceNumber": number_of(records[0]),
                "endSequenceNumber": number_of(records[-1]),
                "approximateArrivalOfFirstRecord": arrived(records[0]),
                "approximateArrivalOfLastRecord": arrived(records[-1]),
                "batchSize": len(records),
                "streamArn": self.settings["EventSourceArn"],
            },
            "payload": json.dumps({"Records": records}),
        }
        bucket = self.settings["DestinationConfig"]["OnFailure"]["Destination"].split(":::")[1]
        time_of_key = now.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S")
        key = f"aws/lambda/{self.settings['UUID']}/{self.shard}/{time_of_key}-{uuid.uuid4()}"
        self.clients["s3"].put_object(Bucket=bucket, Key=key, Body=json.dumps(discarded).encode())


class StreamPump:
    """Reads the stream for all functions of a stack that are behind it."""

    def __init__(self, now=time.time):
        """Reads with the clock of the functions, in seconds."""
        functions = boto3.client("lambda")
        self.clock, self.released, self.offset, self.readers = now, threading.Event(), 0, {}
        self.released.set()
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            if ":dynamodb:" in mapping["EventSourceArn"]:
                functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
                reader = MappingReader(self, mapping)
                self.readers[reader.function.rsplit("-", 1)[1]] = reader
                reader.start()

    def now(self):
        """Returns the time of the pump, in seconds."""
        return self.clock() + self.offset

    def advance(self, seconds):
        """Puts the clock forward, by which records grow old."""
        self.offset += seconds

    def hold(self):
        """Stops reading; what is being handed over goes on."""
        self.released.clear()

    def release(self):
        """Goes on reading."""
        self.released.set()
