"""Webhooks: deliveries, retries and signatures."""

import base64
import hashlib
import hmac
import json

from receiver import WebhookReceiver, wait_until
from suite import WALKER, Phase, Suite, test

FIRST_RETRY = 300  # seconds until the first retry; jitter adds at most a tenth
RETRY_AFTER = 7_800  # seconds; even at the stack's speed-up longer than the longest delay of a queue


class WebhookTests(Suite):
    """Webhooks: deliveries, retries and signatures."""

    @test(Phase.START)
    def a_distant_retry_is_deferred_to_the_sweep(self):
        """The retry is checked by `a_deferred_retry_arrives_on_time`."""
        self.busy = WebhookReceiver((503, {"Retry-After": str(RETRY_AFTER)}))
        self.post("/v2/webhooks", {"url": self.busy.url, "events": ["lead.created"]}).json(201)
        self.post("/v2/leads", WALKER).json(201)
        self.deferred = self.busy.wait_for(1, 60)[0][1]["X-Delivery"]
        shown = lambda: self.get(f"/v2/deliveries/{self.deferred}")
        deferred = wait_until(20, "the attempt is recorded", lambda: (d := shown())["attempts"] and d)
        assert deferred["status"] == "PENDING" and deferred["nextAttemptAt"]

    @test(Phase.CALLS)
    def a_part_of_a_sweep_is_taken_over(self):
        """As a sweep with a backlog hands it over; it knows nothing of the shards of newer releases."""
        part = json.dumps({"shards": ["due#9", "due#63", "due#newer#0"]}).encode()
        result = self.stack.invoke("sweep", part)
        assert (result["failed"], result["handed_over_shards"], result["unfinished_shards"]) == (0, 0, 0), result

    @test(Phase.CALLS)
    def webhooks_to_forbidden_targets_are_rejected(self):
        for url in ["http://example.com/hook", "https://10.0.0.1/hook", "https://169.254.169.254/", "ftp://a.com"]:
            self.post("/v2/webhooks", {"url": url, "events": ["*"]}).json(400)

    @test(Phase.CALLS)
    def a_lead_is_created_once_and_its_webhook_is_retried(self):
        self.receiver = WebhookReceiver((503, {}))
        new = {"url": self.receiver.url, "events": ["lead.created", "lead.won"]}
        self.subscription = self.post("/v2/webhooks", new).json(201)
        body = {"name": "Jane Walker", "email": "jane.walker@example.com"}
        first = self.post("/v2/leads", body, Idempotency_Key="lead-1")
        lead = first.json(201)
        again = self.post("/v2/leads", body, Idempotency_Key="lead-1")
        assert (again.status, again.body) == (201, first.body) and again.headers["Idempotent-Replayed"] == "true"
        self.post("/v2/leads", {**body, "name": "Another"}, Idempotency_Key="lead-1").json(422)
        assert self.get(f"/v2/leads/{lead['id']}") == lead
        (failed_at, failed, _), (retried_at, retried, sent) = self.receiver.wait_for(2, 90)
        assert failed["X-Delivery"] == retried["X-Delivery"], "the delivery id never changes"
        scheduled = FIRST_RETRY / self.speedup
        assert scheduled * 0.98 <= retried_at - failed_at <= scheduled * 1.1 + 10, retried_at - failed_at
        assert retried["X-Event"] == "lead.created" and json.loads(sent)["data"] == lead
        self.lead, self.delivery = lead, retried["X-Delivery"]

    @test(Phase.CALLS)
    def every_delivery_has_both_signatures(self):
        _, headers, body = self.receiver.received[1]
        secret = self.subscription["secret"]
        assert headers["X-Signature"] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        standard = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert f"v1,{standard}" in headers["webhook-signature"].split()

    @test(Phase.CALLS)
    def a_delivery_lists_both_attempts(self):
        path = f"/v2/deliveries/{self.delivery}"
        shown = wait_until(20, "the delivery is recorded", lambda: (d := self.get(path))["status"] == "DELIVERED" and d)
        attempts = [(one["number"], one["outcome"], one["status"]) for one in shown["attempts"]]
        assert attempts == [(1, "REFUSED", 503), (2, "DELIVERED", 200)], attempts
        assert shown["webhookId"] == self.subscription["id"] and shown["attempts"][1]["response"] == "ok"

    @test(Phase.CALLS)
    def a_status_change_sends_a_webhook(self):
        self.stack.call("PATCH", f"/v2/leads/{self.lead['id']}", self.key, {"status": "WON"}).json(200)
        _, headers, body = self.receiver.wait_for(3, 60)[2]
        assert headers["X-Event"] == "lead.won" and json.loads(body)["data"]["status"] == "WON"

    @test(Phase.CALLS)
    def a_dispute_sends_a_webhook(self):
        receiver = WebhookReceiver()
        self.post("/v2/webhooks", {"url": receiver.url, "events": ["dispute.created"]}).json(201)
        customer = self.post("/v2/customers", {"name": "Jane Walker"}).json(201)
        paid = {"amountCents": 100, "customerId": customer["id"]}
        transaction = self.post("/v2/transactions", paid).json(201)
        new = {"reason": "GENERAL", "amountCents": 100, "transactionId": transaction["id"], "leadId": self.lead["id"]}
        dispute = self.post("/v2/disputes", new, Idempotency_Key="dispute-1").json(201)
        _, headers, body = receiver.wait_for(1, 60)[0]
        assert headers["X-Event"] == "dispute.created" and json.loads(body)["data"] == dispute
        changed = self.stack.call("PATCH", f"/v2/disputes/{dispute['id']}", self.key, {"status": "WON"}).json(200)
        assert self.get("/v2/disputes?status=WON")["data"] == [changed]
        for listed in ["customers", "transactions", "evidence"]:
            assert self.get(f"/v2/{listed}")["data"], listed

    @test(Phase.CALLS)
    def the_event_log_has_every_change_in_order(self):
        start = self.get("/v2/event-log?after=latest")["pagination"]["after"]
        first, second = [self.post("/v2/leads", WALKER).json(201)["id"] for _ in range(2)]
        self.stack.call("PATCH", f"/v2/leads/{first}", self.key, {"status": "WON"}).json(200)
        example = self.post("/v2/event-log", {"event": "lead.lost"}).json(202)["eventId"]
        after, events = start, []

        def is_complete():
            """Reads on; returns whether all has come."""
            nonlocal after
            page = self.get(f"/v2/event-log?limit=2&after={after}")
            after = page["pagination"]["after"]
            events.extend(page["data"])
            changes = {(one["event"], one["payload"]["data"].get("id")) for one in events}
            return changes >= {("lead.created", first), ("lead.created", second), ("lead.won", first)}

        wait_until(60, "all events are in the log", is_complete)
        of_first = [one["event"] for one in events if one["payload"]["data"].get("id") == first]
        assert of_first.index("lead.created") < of_first.index("lead.won"), of_first
        assert [(one["id"], one["event"]) for one in events if one["example"]] == [(example, "lead.lost")]
        read_again = self.get(f"/v2/event-log?after={start}")["data"]
        assert read_again[: len(events)] == events, "no event appears before one that was read"
        assert self.stack.call("DELETE", f"/v2/leads/{second}", self.key).status == 204
        erased = [one for one in self.get(f"/v2/event-log?after={start}")["data"] if one["erased"]]
        assert erased and all(one["payload"] is None for one in erased), erased

    @test(Phase.END)
    def a_deferred_retry_arrives_on_time(self):
        wait = RETRY_AFTER / self.speedup
        attempts = lambda: [at for at, headers, _ in self.busy.received if headers["X-Delivery"] == self.deferred]
        first, retried = wait_until(wait + 60, "the retry", lambda: len(attempts()) == 2 and attempts())
        assert wait * 0.98 <= retried - first <= wait + 15, retried - first
