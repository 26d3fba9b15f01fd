"""End-to-end tests of a deployed stack: black box over HTTP, with webhook receivers on loopback.

Tenants and keys are created with the operator's commands. `run` deploys the stack and starts this script.
"""

import argparse
import sys
import time
import traceback

from api_tests import ApiTests
from faults import Faults
from file_tests import FileTests
from follow_up_tests import FollowUpTests
from queue_faults import QueueFaults
from stack import Stack
from state_tests import StateTests
from stream_faults import StreamFaults
from suite import TESTS
from webhook_tests import WebhookTests


class EndToEnd(ApiTests, WebhookTests, FollowUpTests, FileTests, StreamFaults, QueueFaults, StateTests):
    """All tests."""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", required=True, help="name of the deployed stack")
    parser.add_argument("--speedup", type=float, required=True, help="the stack's parameter Speedup")
    parser.add_argument("--operator", required=True, help="path of the leadhouse binary")
    parser.add_argument("--faults", type=int, required=True, help="port of the emulator's faults")
    arguments = parser.parse_args()
    faults = Faults(arguments.faults)
    tests = EndToEnd(Stack(arguments.stack, arguments.operator), arguments.speedup, faults)
    in_order = [run for _, run in sorted(TESTS, key=lambda one: one[0])]
    for passed, run in enumerate(in_order):
        name, started = run.__name__.replace("_", " "), time.monotonic()
        try:
            run(tests)
        except Exception:
            traceback.print_exc()
            print(f"  FAILED {name}")
            # Later tests depend on this one, so they are not run.
            print(f"{passed} passed, 1 failed, {len(in_order) - passed - 1} skipped")
            return 1
        print(f"  {time.monotonic() - started:5.1f} s  {name}", flush=True)
    print(f"{len(in_order)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
