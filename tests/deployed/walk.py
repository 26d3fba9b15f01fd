"""Follows leads through a deployed stack, black box: over HTTP as callers do, and at a receiver of webhooks.

What only an operator does is done with the operator's commands. `run` deploys the stack and calls this.
"""

import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys
import time
import traceback
import zlib

import boto3

from receiver import Receiver, eventually
from stack import Stack

EVENTS = sorted((pathlib.Path(__file__).resolve().parents[2] / "events").glob("*.json"))
FIRST_WAIT = 300  # seconds to the first retry, of which jitter makes at most a tenth more
RETRY_AFTER = 7_800  # seconds that a busy receiver asks for: further away than the queue reaches at the walk's pace
DAY = 36  # seconds that a day of follow-up takes: its last step is further away than the queue reaches
NOT_FOR_LOGS = ["jane.walker@", "Jane Walker", "lh_live_", "rd_live_", "vp_live_", "whsec_"]

PROMISES = []


def promise(method):
    """Marks what is promised; the name says it. Promises are tried in the order in which they stand."""
    PROMISES.append(method)
    return method


class Walk:
    """A tenant of its own, with a key, and what is promised to it."""

    def __init__(self, stack, speedup):
        self.stack, self.speedup = stack, speedup
        self.tenant = stack.operator("tenant", "create", "--name", "Walker", "--tier", "pro")["tenantId"]
        self.key = self.new_key()["key"]
        self.test_key = self.new_key("--mode", "test")["key"]

    def new_key(self, *more):
        return self.stack.operator("key", "create", "--tenant", self.tenant, *more)

    def post(self, path, body, **headers):
        return self.stack.call("POST", path, self.key, body, {n.replace("_", "-"): v for n, v in headers.items()})

    def get(self, path):
        return self.stack.call("GET", path, self.key).json(200)

    def test(self, method, path, body=None, status=200):
        """A call in test mode, where nobody is written to."""
        return self.stack.call(method, path, self.test_key, body).json(status)

    def steps(self, lead):
        return [step["status"] for step in self.test("GET", f"/v2/leads/{lead}/sequence")["steps"]]

    @promise
    def health_needs_no_key(self):
        answer = self.stack.call("GET", "/v2/health")
        answer.json(200)
        assert answer.headers["X-Request-Id"] and answer.headers["Cache-Control"] == "no-store"

    @promise
    def refusals_have_the_shape_of_the_contract_whose_path_was_called(self):
        code = lambda answer, status: answer.json(status)["error"]["code"]
        assert code(self.stack.call("GET", "/v2/leads"), 401) == "UNAUTHORIZED"
        assert code(self.stack.call("GET", "/v2/leads", self.key[:-1] + "!"), 401) == "UNAUTHORIZED"
        assert code(self.stack.call("GET", "/v2/nothing", self.key), 404) == "NOT_FOUND"
        assert code(self.stack.call("PUT", "/v2/leads", self.key), 405) == "METHOD_NOT_ALLOWED"
        assert code(self.post("/v2/leads", "{"), 400) == "INVALID_REQUEST"
        assert code(self.post("/v2/leads", {"name": "Jane Walker"}), 400) == "INVALID_REQUEST"
        assert isinstance(self.stack.call("GET", "/api/v1/leads").json(401)["error"], str)
        assert isinstance(self.stack.call("GET", "/api/v1/nothing", self.key).json(404)["error"], str)

    @promise
    def webhooks_go_to_public_hosts_over_tls_or_in_tests_to_loopback(self):
        for url in ["http://example.com/hook", "https://10.0.0.1/hook", "https://169.254.169.254/", "ftp://a.com"]:
            self.post("/v2/webhooks", {"url": url, "events": ["*"]}).json(400)

    @promise
    def a_far_retry_is_put_off_until_a_sweep_promotes_it(self):
        """Only begun here: the last promise looks at what came of it."""
        self.busy = Receiver((503, {"Retry-After": str(RETRY_AFTER)}))
        self.post("/v2/webhooks", {"url": self.busy.url, "events": ["lead.created"]}).json(201)
        self.post("/v2/leads", {"name": "Jane Walker", "phone": "+46701234567"}).json(201)
        self.far = self.busy.wait_for(1, 60)[0][1]["X-Delivery"]
        shown = lambda: self.get(f"/v2/deliveries/{self.far}")
        put_off = eventually(20, "the attempt is recorded", lambda: (d := shown())["attempts"] and d)
        assert put_off["status"] == "PENDING" and put_off["nextAttemptAt"]

    @promise
    def a_lead_with_consent_is_followed_up_in_test_mode_at_once(self):
        """Only begun here, at a pace of its own: a later promise looks at what came of it."""
        for function in ["leads", "sequences", "follow_up"]:
            self.stack.hurry(function, 86_400 / DAY)
        business = f"/v2/businesses/{self.get('/v2/businesses')['data'][0]['id']}"
        self.stack.call("PATCH", business, self.key, {"channels": ["WHATSAPP", "SMS", "EMAIL"]}).json(200)
        new = {"name": "Jane Walker", "phone": "+46701234567", "consent": {"given": True}, "category": "TEST_DRIVE"}
        self.followed, self.left = [self.test("POST", "/v2/leads", new, 201)["id"] for _ in range(2)]
        started = self.test("POST", "/v2/sequences", {"leadId": self.followed}, 201)
        assert [step["day"] for step in started["steps"]] == [0, 1, 3, 7] and started["status"] == "RUNNING", started
        assert self.test("POST", "/v2/sequences", {"leadId": self.followed}, 409)
        eventually(30, "the first step", lambda: self.steps(self.followed)[0] == "SIMULATED")

    @promise
    def a_stop_is_heeded_and_so_is_a_lead_that_was_won(self):
        stop = f"/v2/sequences/{self.left}/stop"
        self.test("POST", "/v2/sequences", {"leadId": self.left}, 201)
        stopped = self.test("POST", stop)
        assert (stopped["status"], stopped["stopReason"]) == ("STOPPED", "REQUESTED"), stopped
        assert self.test("POST", stop)["status"] == "STOPPED", "once more is as good"
        again = self.test("POST", "/v2/sequences", {"leadId": self.left}, 201)
        assert again["status"] == "RUNNING"
        self.test("PATCH", f"/v2/leads/{self.left}", {"status": "WON"})
        won = self.test("GET", f"/v2/leads/{self.left}/sequence")
        assert (won["status"], won["stopReason"], won["nextStepAt"]) == ("STOPPED", "WON", None), won

    @promise
    def a_business_writes_texts_of_its_own(self):
        steps = [{"day": 0, "text": "Hi {{first_name}}, how was {{car_model|your drive}}?"}]
        new = {"name": "Short", "category": "TEST_DRIVE", "steps": steps}
        template = self.post("/v2/sequence-templates", new).json(201)
        path = f"/v2/sequence-templates/{template['id']}"
        assert self.get(path) == template and self.get("/v2/sequence-templates")["data"] == [template]
        assert len(self.get("/v2/sequence-templates?builtIn=true")["data"]) == 5
        changed = self.stack.call("PATCH", path, self.key, {"name": "Shorter"}).json(200)
        assert self.get("/v2/sequence-templates?category=TEST_DRIVE")["data"] == [changed]

    @promise
    def a_person_is_written_an_e_mail_of_that_text_once(self):
        sender = self.stack.let_email_go_out()
        address = "jane.walker@example.net"
        consented = {"consent": {"given": True}, "category": "TEST_DRIVE"}
        lead = self.post("/v2/leads", {"name": "Jane Walker", "email": address, **consented}).json(201)["id"]
        started = self.post("/v2/sequences", {"leadId": lead}, Idempotency_Key="walk-mail").json(201)
        again = self.post("/v2/sequences", {"leadId": lead}, Idempotency_Key="walk-mail").json(201)
        assert again == started
        shown = lambda: self.get(f"/v2/leads/{lead}/messages")["data"]
        sent = eventually(30, "it is sent", lambda: [one for one in shown() if one["status"] != "SENDING"])
        assert [(one["channel"], one["status"]) for one in sent] == [("EMAIL", "SENT")], sent
        assert sent[0]["body"] == "Hi Jane, how was your drive?"
        got = [(one["Source"], one["To"], one["BodyText"]) for one in self.stack.email()]
        assert got == [(sender, [address], sent[0]["body"])], got
        assert self.get(f"/v2/leads/{lead}/sequence")["status"] == "COMPLETED"
        counted = lambda: self.get("/v2/analytics/kpis")["messagesSent"] == 1
        eventually(30, "it is counted", counted)

    @promise
    def a_test_drive_with_consent_is_followed_up_by_itself(self):
        new = {"customer_name": "Jane Walker", "phone": "+46701234567", "consent": True}
        lead = self.test("POST", "/v1/leads", new, 201)
        assert lead["sequence"]["status"] == "running", lead
        self.rescued, path = lead["id"][2:], f"/v1/leads/{lead['id']}"
        simulated = lambda: [one["status"] for one in self.test("GET", path)["messages"]] == ["simulated"]
        eventually(30, "the first message", simulated)
        stopped = self.test("POST", f"/v1/sequences/{lead['id']}/stop")
        assert stopped["status"] == "stopped", stopped
        again = self.test("POST", "/v1/sequences", {"lead_id": lead["id"]}, 201)
        assert again["status"] == "running", again
        changed = self.test("PATCH", path, {"status": "converted"})
        assert changed["sequence"]["stop_reason"] == "won", changed

    @promise
    def a_lead_is_stored_once_and_told_by_a_signed_webhook_that_tries_again(self):
        self.receiver = Receiver((503, {}))
        new = {"url": self.receiver.url, "events": ["lead.created", "lead.won"]}
        self.subscription = self.post("/v2/webhooks", new).json(201)
        body = {"name": "Jane Walker", "email": "jane.walker@example.com"}
        first = self.post("/v2/leads", body, Idempotency_Key="walk-1")
        lead = first.json(201)
        again = self.post("/v2/leads", body, Idempotency_Key="walk-1")
        assert (again.status, again.body) == (201, first.body) and again.headers["Idempotent-Replayed"] == "true"
        self.post("/v2/leads", {**body, "name": "Another"}, Idempotency_Key="walk-1").json(422)
        assert self.get(f"/v2/leads/{lead['id']}") == lead
        (failed_at, failed, _), (retried_at, retried, sent) = self.receiver.wait_for(2, 90)
        assert failed["X-Delivery"] == retried["X-Delivery"], "the delivery id never changes"
        scheduled = FIRST_WAIT / self.speedup
        assert scheduled * 0.98 <= retried_at - failed_at <= scheduled * 1.1 + 10, retried_at - failed_at
        assert retried["X-Event"] == "lead.created" and json.loads(sent)["data"] == lead
        self.lead, self.delivery = lead, retried["X-Delivery"]

    @promise
    def every_delivery_is_signed_twice_over(self):
        _, headers, body = self.receiver.received[1]
        secret = self.subscription["secret"]
        assert headers["X-Signature"] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        standard = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert f"v1,{standard}" in headers["webhook-signature"].split()

    @promise
    def the_audit_shows_both_attempts(self):
        path = f"/v2/deliveries/{self.delivery}"
        shown = eventually(20, "it is recorded", lambda: (d := self.get(path))["status"] == "DELIVERED" and d)
        attempts = [(one["number"], one["outcome"], one["status"]) for one in shown["attempts"]]
        assert attempts == [(1, "REFUSED", 503), (2, "DELIVERED", 200)], attempts
        assert shown["webhookId"] == self.subscription["id"] and shown["attempts"][1]["response"] == "ok"

    @promise
    def a_change_is_told_too(self):
        self.stack.call("PATCH", f"/v2/leads/{self.lead['id']}", self.key, {"status": "WON"}).json(200)
        _, headers, body = self.receiver.wait_for(3, 60)[2]
        assert headers["X-Event"] == "lead.won" and json.loads(body)["data"]["status"] == "WON"

    @promise
    def a_body_that_the_gateway_wraps_in_base64_is_read_as_any_other(self):
        name = "Jane Walker på gång"
        body = json.dumps({"name": name, "phone": "+46701234567"}, ensure_ascii=False).encode()
        lead = self.post("/v2/leads", body, Content_Type="application/octet-stream").json(201)
        assert lead["name"] == name

    @promise
    def revenue_defenders_calls_and_hears_in_its_own_words(self):
        key = self.new_key("--contract", "revenueDefenders")["key"]
        receiver = Receiver()
        new = {"url": receiver.url, "events": ["lead.created"], "contract": "revenueDefenders"}
        self.post("/v2/webhooks", new).json(201)
        lead = self.stack.call("POST", "/api/v1/leads", key, {"name": "Jane Walker", "phone": "+46701234567"}).json(201)
        _, headers, body = receiver.wait_for(1, 60)[0]
        assert headers["X-RevenueDefenders-Signature"].startswith("sha256=") and json.loads(body)["id"] == lead["id"]

    @promise
    def a_declared_file_is_put_once_hashed_and_read_behind_links(self):
        file = {"contentType": "text/plain", "size": 5, "sha256": hashlib.sha256(b"hello").hexdigest()}
        made = self.post("/v2/evidence", {"category": "MESSAGE", "file": file}).json(201)
        link, wanted = made["uploadUrl"], made["uploadHeaders"]
        put = lambda body, **other: self.stack.follow("PUT", link, body, {**wanted, **other}).status
        assert put(b"hello") == 403, "without TLS nobody is let in"
        self.stack.let_plain_http_reach_files()
        refused = [
            put(b"hello!", **{"Content-Length": "6"}),
            put(b"hello", **{"Content-Type": "text/html"}),
            self.stack.follow("PUT", link.replace("evidence/", "evidence/0"), b"hello", wanted).status,
            self.stack.follow("GET", link).status,
        ]
        assert refused == [403] * 4, refused
        assert self.get(f"/v2/evidence/{made['id']}")["status"] == "AWAITING_UPLOAD"
        assert put(b"hello") == 200
        shown = lambda: self.get(f"/v2/evidence/{made['id']}")
        ready = eventually(60, "the file is hashed", lambda: (e := shown())["status"] == "READY" and e)
        assert ready["sha256"] == file["sha256"]
        read = self.stack.follow("GET", ready["fileUrl"])
        assert (read.status, read.body, read.headers["Content-Type"]) == (200, b"hello", "text/plain")
        assert read.headers["Content-Disposition"] == "attachment"
        assert put(b"hello") == 412, "nothing replaces it"
        assert self.stack.follow("GET", ready["fileUrl"].split("?")[0]).status == 403

    @promise
    def a_photo_comes_with_a_lead_and_goes_with_it(self):
        number = lambda value: struct.pack(">I", value)
        chunk = lambda name, data: number(len(data)) + name + data + number(zlib.crc32(name + data))
        header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
        rows = zlib.compress((b"\0" + b"\xc8\x28\x28" * 8) * 8)
        png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
        photo = base64.b64encode(png).decode()
        new = {"customer_name": "Jane Walker", "phone": "+46701234567", "license_photo_b64": photo}
        made = self.post("/v1/leads", new, Idempotency_Key="walk-photo").json(201)
        again = self.post("/v1/leads", new, Idempotency_Key="walk-photo").json(201)
        for lead in [made, again, self.get(f"/v1/leads/{made['id']}")]:
            read = self.stack.follow("GET", lead["license_photo_url"])
            assert (read.status, read.headers["Content-Type"], read.body[:2]) == (200, "image/jpeg", b"\xff\xd8")
        assert self.stack.follow("GET", made["license_photo_url"].split("?")[0]).status == 403
        assert self.post("/v1/leads", {**new, "license_photo_b64": "..."}).status == 400
        assert self.stack.call("DELETE", f"/v2/leads/{made['id'][2:]}", self.key).status == 204
        gone = lambda: self.stack.follow("GET", made["license_photo_url"]).status in (403, 404)
        eventually(60, "the photo is gone", gone)

    @promise
    def a_dispute_is_opened_and_told(self):
        receiver = Receiver()
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

    @promise
    def vendor_pad_takes_an_address_once_and_visitors_events(self):
        key = self.new_key("--contract", "vendorPad")["key"]
        call = lambda path, body, **headers: self.stack.call("POST", f"/api/v1/developer/{path}", key, body, headers)
        body = {"first_name": "Jane", "last_name": "Walker", "email": "jane.walker@example.org"}
        made = call("leads", body).json(201)
        known = {**made, "duplicate": True}
        assert call("leads", {**body, "email": " JANE.WALKER@example.org"}).json(200) == known
        for replayed in [None, "true"]:
            again = call("leads", body, **{"Idempotency-Key": "walk-2"})
            assert again.json(200) == known and again.headers["Idempotent-Replayed"] == replayed
        change = {"email": "jane@walker.example", "phone": "+46701234567"}
        self.stack.call("PATCH", f"/v2/leads/{made['lead_id']}", key, change).json(200)
        assert not call("leads", body).json(201)["duplicate"]
        event = {"visitor_id": made["visitor_id"], "event_type": "pageview", "event_props": {"path": "/prices"}}
        recorded = call("events", event, **{"Idempotency-Key": "walk-3"}).json(201)
        listed = self.get(f"/v2/events?visitorId={made['visitor_id']}")["data"]
        assert [one["id"] for one in listed] == [recorded["event_id"]]

    @promise
    def a_person_is_forgotten_with_all_that_hangs_on_them(self):
        lead = self.post("/v2/leads", {"name": "Jane Walker", "email": "jane@forgotten.example"}).json(201)
        customer = self.post("/v2/customers", {"name": "Jane Walker", "leadId": lead["id"]}).json(201)
        event = {"visitorId": lead["visitorId"], "eventType": "pageview"}
        self.post("/v2/events", event).json(201)
        for _ in range(2):
            assert self.stack.call("DELETE", f"/v2/leads/{lead['id']}", self.key).status == 204
        for gone in [f"leads/{lead['id']}", f"customers/{customer['id']}"]:
            self.stack.call("GET", f"/v2/{gone}", self.key).json(404)
        assert self.get(f"/v2/events?visitorId={lead['visitorId']}")["data"] == []

    @promise
    def a_spent_limit_refuses_until_the_minute_ends(self):
        key = self.new_key("--per-minute", "2")["key"]
        # A minute that ends meanwhile gives two more.
        answers = [self.stack.call("GET", "/v2/leads", key) for _ in range(5)]
        refused = next(answer for answer in answers if answer.status != 200)
        assert refused.json(429)["error"]["code"] == "RATE_LIMITED"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60 and "r=0" in refused.headers["RateLimit"]

    @promise
    def a_revoked_key_is_dead_at_once(self):
        new = {"name": "passing", "scopes": ["leads:read"], "mode": "live"}
        made = self.post("/v2/keys", new).json(201)
        self.stack.call("GET", "/v2/leads", made["key"]).json(200)
        self.stack.call("POST", "/v2/leads", made["key"], {"name": "Jane Walker"}).json(403)
        assert self.stack.call("DELETE", f"/v2/keys/{made['id']}", self.key).status in (200, 204)
        self.stack.call("GET", "/v2/leads", made["key"]).json(401)
        made = self.new_key()
        self.stack.call("GET", "/v2/leads", made["key"]).json(200)
        self.stack.operator("key", "revoke", "--tenant", self.tenant, "--key", made["id"])
        self.stack.call("GET", "/v2/leads", made["key"]).json(401)

    @promise
    def every_function_takes_its_sample_event(self):
        for sample in EVENTS:
            said = self.stack.invoke(sample.stem, sample.read_bytes())
            if "rawPath" in json.loads(sample.read_bytes()):
                assert said["statusCode"] == 401, f"{sample.stem}: the sample's key is nobody's, but {said}"
            else:
                assert not (said or {}).get("batchItemFailures"), f"{sample.stem}: {said}"

    @promise
    def what_was_put_off_came_in_its_time(self):
        wait = RETRY_AFTER / self.speedup
        of_far = lambda: [at for at, headers, _ in self.busy.received if headers["X-Delivery"] == self.far]
        first, retried = eventually(wait + 60, "the retry", lambda: len(of_far()) == 2 and of_far())
        assert wait * 0.98 <= retried - first <= wait + 15, retried - first

    @promise
    def all_four_steps_come_on_their_days_and_are_counted(self):
        done = lambda: self.steps(self.followed) == ["SIMULATED"] * 4
        # Seven days and a night, and a sweep of each minute.
        eventually(8 * DAY + 90, "all four steps", done)
        assert self.test("GET", f"/v2/leads/{self.followed}/sequence")["status"] == "COMPLETED"
        messages = lambda lead: self.test("GET", f"/v2/leads/{lead}/messages")["data"]
        told = [(one["channel"], one["status"]) for one in messages(self.followed)]
        assert told == [("WHATSAPP", "SIMULATED")] * 4, told
        # The first of a sequence that was stopped at once may have gone out.
        others = messages(self.left) + messages(self.rescued)
        assert 1 <= len(others) <= 4 and all(one["status"] == "SIMULATED" for one in others), others
        assert len(self.stack.email()) == 1, "in test mode nobody is written to"
        figures = lambda: self.test("GET", "/v2/analytics/kpis")
        eventually(30, "they are counted", lambda: figures()["messagesSent"] == 4 + len(others))
        assert (figures()["leads"], figures()["converted"]) == (3, 2), figures()

    @promise
    def test_mode_is_emptied_with_its_sequences(self):
        assert self.stack.call("DELETE", "/v2/test-data", self.test_key).status == 204
        assert self.test("GET", "/v2/leads")["data"] == []
        self.stack.call("GET", f"/v2/leads/{self.followed}/sequence", self.test_key).json(404)

    @promise
    def nothing_is_left_over(self):
        sqs, s3 = boto3.client("sqs"), boto3.client("s3")
        for name in ["DeliveryQueueUrl", "DeliveryDeadLettersUrl", "FollowUpQueueUrl", "FollowUpDeadLettersUrl"]:
            counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            held = lambda: sqs.get_queue_attributes(QueueUrl=self.stack.outputs[name], AttributeNames=counts)
            eventually(30, f"{name} is empty", lambda: set(held()["Attributes"].values()) == {"0"})
        undispatched = s3.list_objects_v2(Bucket=self.stack.outputs["UndispatchedBucketName"])
        assert not undispatched.get("Contents"), undispatched["Contents"]

    @promise
    def no_log_tells_of_a_person_or_a_secret_or_an_error(self):
        logs, lines = boto3.client("logs"), []
        for function in [sample.stem for sample in EVENTS]:
            group = f"/aws/lambda/{self.stack.name}-{function}"
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            said = [event["message"] for page in pages for event in page["events"]]
            assert said, f"{function} logged nothing"
            lines += said
        bad = [line for line in lines if '"ERROR"' in line or any(word in line for word in NOT_FOR_LOGS)]
        assert not bad, "\n".join(bad[:10])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stack", required=True)
    parser.add_argument("--speedup", type=float, required=True)
    parser.add_argument("--operator", required=True)
    arguments = parser.parse_args()
    walk = Walk(Stack(arguments.stack, arguments.operator), arguments.speedup)
    passed = 0
    for kept in PROMISES:
        began = time.monotonic()
        try:
            kept(walk)
        except Exception:
            traceback.print_exc()
            print(f"  FAILED {kept.__name__.replace('_', ' ')}")
            # What comes after it builds on it.
            print(f"{passed} passed, 1 failed, {len(PROMISES) - passed - 1} not tried")
            return 1
        passed += 1
        print(f"  {time.monotonic() - began:5.1f} s  {kept.__name__.replace('_', ' ')}", flush=True)
    print(f"{passed} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
