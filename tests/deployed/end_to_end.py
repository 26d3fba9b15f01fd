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
from webhook_tests import WebhookTests


class EndToEnd(ApiTests, WebhookTests, FollowUpTests, FileTests, StreamFaults, QueueFaults, StateTests):
    """All tests. In a phase, those of the first class run first."""

    @classmethod
    def in_order(cls, phase):
        """Returns the tests of a phase, or all if it is empty."""
        every = [one for base in cls.__bases__ for one in vars(base).values() if hasattr(one, "phase")]
        return sorted((one for one in every if phase in ("", one.phase.name)), key=lambda one: one.phase)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", required=True, help="name of the deployed stack")
    parser.add_argument("--speedup", type=float, required=True, help="the stack's parameter Speedup")
    parser.add_argument("--operator", required=True, help="path of the leadhouse binary")
    parser.add_argument("--faults", type=int, required=True, help="port of the emulator's faults")
    parser.add_argument("--phase", default="", help="run the tests of this phase only")
    arguments = parser.parse_args()
    faults = Faults(arguments.faults)
    tests = EndToEnd(Stack(arguments.stack, arguments.operator), arguments.speedup, faults)
    in_order = EndToEnd.in_order(arguments.phase)
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
