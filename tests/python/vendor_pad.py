"""Runs the VendorPad document's Python example upon each delivery of the standard input: it asserts."""

import json
import sys
from types import SimpleNamespace


class Headers(dict):
    """Headers by their names in any case, as Python's frameworks have them."""

    def __getitem__(self, name):
        return super().__getitem__(name.lower())


def judge(example, secret, delivery):
    request = SimpleNamespace(headers=Headers(delivery["headers"]))
    try:
        exec(example, {"request": request, "secret": secret, "body": delivery["body"]})
    except AssertionError:
        return "refused"
    return "accepted"


question = json.load(sys.stdin)
json.dump([judge(question["example"], question["secret"], one) for one in question["deliveries"]], sys.stdout)
