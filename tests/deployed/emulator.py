"""The emulator of AWS, with what it lacks and with faults that tests switch on.

- SQS puts the messages of a dead-letter queue back: `StartMessageMoveTask` and `ListMessageMoveTasks`.
- EventBridge invokes functions asynchronously, with Lambda's retries and destinations of failed events.
- Tables throttle: calls that name them get the errors of AWS (Amazon DynamoDB Developer Guide, "Error handling").
- The concurrency of a queue may be a parameter of the template.
- The clock of the functions, the queues and the table can run faster, so that ten minutes pass in half a minute.
  Functions get it from libfaketime; timers within a process (`CLOCK_MONOTONIC`) keep the real pace.

`run` starts it instead of the emulator's own command. Tests change faults by calls to the port in
`LEADHOUSE_FAULTS_PORT`: `PUT /throttled` with a list of tables, `PUT /clock` with a speed, `GET` of both.
"""

import http.server
import json
import os
import threading
import time
import uuid

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import dynamodb, eventbridge, lambda_svc, sqs

FAKE_TIME_LIBRARY = os.environ.get("LEADHOUSE_FAKE_TIME_LIBRARY", "")
IDLE_TIMEOUT = 30  # seconds until the processes of all functions must be idle


class Clock:
    """The time, put forward by earlier speeds. Stands in for the module `time`."""

    def __init__(self):
        self.shown_at_start = self.started = time.time()
        self.speed = 1

    def time(self):
        return self.shown_at_start + (time.time() - self.started) * self.speed

    def set_speed(self, speed):
        self.shown_at_start, self.started, self.speed = self.time(), time.time(), speed

    def is_real(self):
        return self.speed == 1 and abs(self.time() - time.time()) < 0.001

    def __getattr__(self, name):
        return getattr(time, name)


class Faults:
    """The faults that are switched on."""

    def __init__(self):
        self.clock, self.tables, self.throttled_calls = Clock(), [], 0

    def set_speed(self, speed):
        """Changes the speed of the clock. Functions get new processes, whose clocks are set when they start."""
        if speed != 1 and not FAKE_TIME_LIBRARY:
            raise ValueError("libfaketime is not installed")
        deadline = time.monotonic() + IDLE_TIMEOUT
        while lambda_runtime.workers_in_use() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.clock.set_speed(speed)
        lambda_runtime.reset()

    def throttles(self, request):
        """Returns whether a call of DynamoDB names a table that throttles."""
        return any(f'"{table}"' in request or f"table/{table}" in request for table in self.tables)


FAULTS = Faults()


def throttling_error(action, request):
    """Returns the response to a call of a table that throttles."""
    message = "Throughput exceeds the current capacity of your table or index."
    error = {"__type": "com.amazon.coral.availability#ThrottlingException", "message": message}
    if action == "TransactWriteItems":
        count = len(json.loads(request)["TransactItems"])
        reasons = [{"Code": "ThrottlingError", "Message": message}] + [{"Code": "None"}] * (count - 1)
        error = {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
            "CancellationReasons": reasons,
        }
    return 400, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(error).encode()


def throttle(handle):
    """Returns DynamoDB's handler of calls, preceded by throttling."""

    async def handle_or_throttle(method, path, headers, body, query_params):
        if FAULTS.tables:
            action, request = headers.get("x-amz-target", "").split(".")[-1], body.decode()
            if FAULTS.throttles(request):
                FAULTS.throttled_calls += 1
                return throttling_error(action, request)
        return await handle(method, path, headers, body, query_params)

    return handle_or_throttle


def with_clock(environment_of):
    """Returns the function that makes the environment variables of a function's process, followed by its clock."""

    def environment_with_clock(*arguments):
        environment = environment_of(*arguments)
        if not FAULTS.clock.is_real():
            offset = FAULTS.clock.time() - time.time()
            environment.update(
                LD_PRELOAD=FAKE_TIME_LIBRARY,
                FAKETIME=f"{offset:+.3f} x{FAULTS.clock.speed}",
                DONT_FAKE_MONOTONIC="1",
            )
        return environment

    return environment_with_clock


MOVE_TASKS = []


def start_message_move_task(data, _url):
    """Moves the messages of a dead-letter queue immediately; those that are in flight stay, as in AWS."""
    source, destination = (sqs._queue_by_arn(data[name]) for name in ["SourceArn", "DestinationArn"])
    if source is None or destination is None:
        raise sqs._Err("ResourceNotFoundException", "The source or the destination does not exist.", 404)
    now = FAULTS.clock.time()
    with sqs._queues_lock:
        moved = [message for message in source["messages"] if message["visible_at"] <= now]
        source["messages"] = [message for message in source["messages"] if message["visible_at"] > now]
        for message in moved:
            again = {"id": str(uuid.uuid4()), "receipt_handle": None, "receive_count": 0, "first_receive_at": None}
            destination["messages"].append({**message, **again, "sent_at": now, "visible_at": now})
    sqs.esm_wake.set()
    task = {
        "Status": "COMPLETED",
        "SourceArn": data["SourceArn"],
        "DestinationArn": data["DestinationArn"],
        "ApproximateNumberOfMessagesMoved": len(moved),
        "ApproximateNumberOfMessagesToMove": len(moved),
        "StartedTimestamp": int(now * 1000),
    }
    MOVE_TASKS.insert(0, task)
    return {"TaskHandle": str(uuid.uuid4())}


def list_message_move_tasks(data, _url):
    """Lists the tasks of a queue, the latest first."""
    of_source = [task for task in MOVE_TASKS if task["SourceArn"] == data["SourceArn"]]
    return {"Results": of_source[: data.get("MaxResults", 1)]}


def invoke_asynchronously(arn, payload):
    function, configuration, _ = lambda_svc._get_func_record_for_ref(arn)
    record = lambda_svc._execution_record_for_config(function, configuration)
    lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def with_numeric_concurrency(concurrency_of):
    """Reads `MaximumConcurrency` as a number: as a parameter of the template it is a string, which AWS converts."""

    def wrapped(mapping, *arguments):
        scaling = mapping.get("ScalingConfig") or {}
        numeric = {name: int(value) for name, value in scaling.items()}
        return concurrency_of({**mapping, "ScalingConfig": numeric}, *arguments)

    return wrapped


class FaultControl(http.server.BaseHTTPRequestHandler):
    """Shows and changes faults."""

    def do_GET(self):
        shown = {
            "/clock": lambda: {"time": FAULTS.clock.time(), "canRunFaster": bool(FAKE_TIME_LIBRARY)},
            "/throttled": lambda: {"tables": FAULTS.tables, "calls": FAULTS.throttled_calls},
        }
        self.respond(shown[self.path]())

    def do_PUT(self):
        value = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/clock":
            FAULTS.set_speed(value)
        else:
            FAULTS.tables = value
        self.do_GET()

    def respond(self, shown):
        body = json.dumps(shown).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    sqs._HANDLERS["StartMessageMoveTask"] = start_message_move_task
    sqs._HANDLERS["ListMessageMoveTasks"] = list_message_move_tasks
    eventbridge._dispatch_to_lambda = invoke_asynchronously
    dynamodb.handle_request = throttle(dynamodb.handle_request)
    lambda_svc._provided_worker_env = with_clock(lambda_svc._provided_worker_env)
    lambda_svc._sqs_esm_concurrency = with_numeric_concurrency(lambda_svc._sqs_esm_concurrency)
    for module in [sqs, dynamodb, lambda_runtime]:
        module.time = FAULTS.clock
    address = ("127.0.0.1", int(os.environ["LEADHOUSE_FAULTS_PORT"]))
    server = http.server.ThreadingHTTPServer(address, FaultControl)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app.main()


if __name__ == "__main__":
    main()
