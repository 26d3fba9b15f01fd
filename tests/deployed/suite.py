"""The phases of tests, and what all tests share: the stack, a tenant with its keys, the stream pump and the faults."""

import contextlib
import enum
import json
import pathlib

from receiver import WebhookReceiver
from stream_pump import StreamPump

WALKER = {"name": "Jane Walker", "phone": "+46701234567"}  # a lead
EVENTS = sorted((pathlib.Path(__file__).resolve().parents[2] / "events").glob("*.json"))


class Phase(enum.IntEnum):
    """Tests run in this order; later ones use what earlier ones made."""

    START = 1  # what takes minutes begins
    CALLS = 2
    END = 3  # what took minutes ends; until then nothing fails
    FAULTS = 4
    LAST = 5


def test(phase):
    """Marks a test."""

    def mark(method):
        method.phase = phase
        return method

    return mark


class Suite:
    """What all tests share."""

    def __init__(self, stack, speedup, faults):
        self.stack, self.speedup, self.faults = stack, speedup, faults
        self.pump = StreamPump(faults.now)
        self.tenant = stack.operator("tenant", "create", "--name", "Walker", "--tier", "pro")["tenantId"]
        self.key = self.new_key()["key"]
        self.test_key = self.new_key("--mode", "test")["key"]

    def new_key(self, *options):
        return self.stack.operator("key", "create", "--tenant", self.tenant, *options)

    def post(self, path, body, **headers):
        return self.stack.call("POST", path, self.key, body, {n.replace("_", "-"): v for n, v in headers.items()})

    def get(self, path):
        return self.stack.call("GET", path, self.key).json(200)

    def in_test_mode(self, method, path, body=None, status=200):
        """Makes a call in test mode, in which messages are simulated."""
        return self.stack.call(method, path, self.test_key, body).json(status)

    def new_tenant_with_receiver(self):
        """Returns the id of a tenant of its own, its key, and the receiver of its new leads."""
        tenant = self.stack.operator("tenant", "create", "--name", "Walker", "--tier", "pro")["tenantId"]
        key, receiver = self.stack.operator("key", "create", "--tenant", tenant)["key"], WebhookReceiver()
        new = {"url": receiver.url, "events": ["lead.created"]}
        self.stack.call("POST", "/v2/webhooks", key, new).json(201)
        return tenant, key, receiver

    def create_leads(self, key, count):
        """Creates so many leads; returns their ids."""
        if not count:
            return set()
        body = {"leads": [WALKER] * count}
        results = self.stack.call("POST", "/v2/leads/batch", key, body).json(200)["results"]
        return {one["lead"]["id"] for one in results}

    def delivered(self, receiver):
        """Returns the ids of the leads in the received webhooks."""
        return {json.loads(body)["data"]["id"] for _, _, body in list(receiver.received)}

    def deliveries_by_lead(self, receiver):
        """Returns the ids of the deliveries of each lead, one for each received webhook."""
        deliveries = {}
        for _, headers, body in list(receiver.received):
            deliveries.setdefault(json.loads(body)["data"]["id"], []).append(headers["X-Delivery"])
        return deliveries

    def sweep(self):
        """Runs the sweeper, which also runs every minute of the real time; returns whether it succeeded."""
        with contextlib.suppress(AssertionError):
            [event] = [sample.read_bytes() for sample in EVENTS if sample.stem == "sweep"]
            self.stack.invoke("sweep", event)
            return True
        return False
