"""Faults of the emulated AWS, and the time of its functions and queues."""

import contextlib
import json
import os
import pathlib
import random
import signal
import threading
import time
import urllib.request


class Faults:
    """A client of the emulator's faults (`emulator.py`)."""

    def __init__(self, port):
        self.url, self.at_start, self.started, self.speed = f"http://127.0.0.1:{port}", 0, 0, 1
        self.synchronize()

    def call(self, path, value=None):
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"{self.url}{path}", body, method="GET" if body is None else "PUT")
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read())

    def synchronize(self):
        self.at_start, self.started = self.call("/clock")["time"], time.time()

    def now(self):
        """Returns the time of functions and queues, in seconds."""
        return self.at_start + (time.time() - self.started) * self.speed

    def can_run_faster(self):
        return self.call("/clock")["canRunFaster"]

    @contextlib.contextmanager
    def faster(self, speed):
        """Lets the time of functions and queues pass faster."""
        self.set_speed(speed)
        try:
            yield
        finally:
            self.set_speed(1)

    def set_speed(self, speed):
        self.call("/clock", speed)
        self.speed = speed
        self.synchronize()

    @contextlib.contextmanager
    def throttled(self, table):
        """Lets all calls of a table fail as if their rate were too high."""
        self.call("/throttled", [table])
        try:
            yield
        finally:
            self.call("/throttled", [])

    def throttled_calls(self):
        """Returns the number of calls that were throttled so far."""
        return self.call("/throttled")["calls"]


def function_processes(stack_name):
    """Returns the ids of the processes of a stack's functions in this test's emulator."""
    wanted = [f"AWS_ENDPOINT_URL={os.environ['AWS_ENDPOINT_URL']}".encode(), b"AWS_LAMBDA_RUNTIME_API="]
    name, found = f"AWS_LAMBDA_FUNCTION_NAME={stack_name}-".encode(), []
    for environment in pathlib.Path("/proc").glob("[0-9]*/environ"):
        # Another user's process, or one that has just ended.
        with contextlib.suppress(OSError):
            variables = environment.read_bytes().split(b"\0")
            has = lambda start: any(one.startswith(start) for one in variables)
            if wanted[0] in variables and has(wanted[1]) and has(name):
                found.append(int(environment.parent.name))
    return found


class RandomKills:
    """Ends processes of functions at random times, without any warning, until it is left."""

    MIN_INTERVAL, MAX_INTERVAL = 0.3, 2.5  # seconds; a process needs up to one to start on a busy machine

    def __init__(self, stack_name, seed):
        self.stack_name, self.random, self.count, self.ended = stack_name, random.Random(seed), 0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.ended.wait(self.random.uniform(self.MIN_INTERVAL, self.MAX_INTERVAL)):
            processes = function_processes(self.stack_name)
            if processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.random.choice(processes), signal.SIGKILL)
                    self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
