"""Runs the VendorPad document's Python example upon each delivery of the standard input: it asserts."""

import json
import sys
from types import SimpleNamespace


class Headers(dict):
    """Headers by their names in any case, as Python's frameworks have them."""

    def __getitem__(self, name):
        return super().__getitem__(name.lower())


def verify(example, secret, delivery):
    request = SimpleNamespace(headers=Headers(delivery["headers"]))
    try:
        exec(example, {"request": request, "secret": secret, "body": delivery["body"]})
    except AssertionError:
        return "rejected"
    return "accepted"


request_data = json.load(sys.stdin)
json.dump([verify(request_data["example"], request_data["secret"], one) for one in request_data["deliveries"]], sys.stdout)
