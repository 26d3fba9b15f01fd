"""Calls of the API: errors, contracts, limits and keys."""

import gzip
import json
import re

from receiver import WebhookReceiver, wait_until
from suite import EVENTS, WALKER, Phase, Suite, test


class ApiTests(Suite):
    """Calls of the API: errors, contracts, limits and keys."""

    @test(Phase.CALLS)
    def health_needs_no_key(self):
        response = self.stack.call("GET", "/v2/health")
        response.json(200)
        assert response.headers["X-Request-Id"] and response.headers["Cache-Control"] == "no-store"

    @test(Phase.CALLS)
    def documents_and_pages_need_no_key(self):
        index = self.stack.call("GET", "/").json(200)
        assert [api["basePath"] for api in index["apis"]] == ["/v2", "/api/v1", "/v1", "/api/v1/developer"], index
        health = self.stack.call("GET", index["health"]).json(200)
        for api in index["apis"]:
            plain = self.stack.call("GET", api["openapi"])
            document = plain.json(200)
            assert document["servers"][0]["url"] == api["basePath"] and document["info"]["version"] == api["version"]
            packed = self.stack.call("GET", api["openapi"], headers={"Accept-Encoding": "gzip"})
            assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
            known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
            assert self.stack.call("GET", api["openapi"], headers=known).status == 304
            page = self.stack.call("GET", api["docs"])
            assert page.status == 200 and "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert index["apis"][0]["version"] == health["version"]
        path = re.search(rb'<script src="([^"]+)"', page.body)[1].decode()
        script = self.stack.call("GET", path, headers={"Accept-Encoding": "gzip"})
        assert script.status == 200 and len(gzip.decompress(script.body)) > 1_000_000
        plain = self.stack.call("GET", path)
        assert plain.status == 200 and plain.body == gzip.decompress(script.body)

    @test(Phase.CALLS)
    def errors_have_the_format_of_the_paths_contract(self):
        code = lambda response, status: response.json(status)["error"]["code"]
        assert code(self.stack.call("GET", "/v2/leads"), 401) == "UNAUTHORIZED"
        assert code(self.stack.call("GET", "/v2/leads", self.key[:-1] + "!"), 401) == "UNAUTHORIZED"
        assert code(self.stack.call("GET", "/v2/nothing", self.key), 404) == "NOT_FOUND"
        assert code(self.stack.call("PUT", "/v2/leads", self.key), 405) == "METHOD_NOT_ALLOWED"
        assert code(self.post("/v2/leads", "{"), 400) == "INVALID_REQUEST"
        assert code(self.post("/v2/leads", {"name": "Jane Walker"}), 400) == "INVALID_REQUEST"
        assert isinstance(self.stack.call("GET", "/api/v1/leads").json(401)["error"], str)
        assert isinstance(self.stack.call("GET", "/api/v1/nothing", self.key).json(404)["error"], str)

    @test(Phase.CALLS)
    def a_base64_body_from_the_gateway_is_decoded(self):
        name = "Jane Walker på gång"
        body = json.dumps({"name": name, "phone": "+46701234567"}, ensure_ascii=False).encode()
        lead = self.post("/v2/leads", body, Content_Type="application/octet-stream").json(201)
        assert lead["name"] == name

    @test(Phase.CALLS)
    def revenue_defenders_uses_its_own_contract(self):
        key = self.new_key("--contract", "revenueDefenders")["key"]
        receiver = WebhookReceiver()
        new = {"url": receiver.url, "events": ["lead.created"], "contract": "revenueDefenders"}
        self.post("/v2/webhooks", new).json(201)
        lead = self.stack.call("POST", "/api/v1/leads", key, WALKER).json(201)
        # A subscription may receive events of the minute before it: the clocks of functions differ.
        is_of_lead = lambda received: json.loads(received[2])["id"] == lead["id"]
        found = wait_until(60, "the event of the lead", lambda: next(filter(is_of_lead, receiver.received), None))
        assert found[1]["X-RevenueDefenders-Signature"].startswith("sha256=")

    @test(Phase.CALLS)
    def vendor_pad_finds_duplicates_and_records_events(self):
        key = self.new_key("--contract", "vendorPad")["key"]
        call = lambda path, body, **headers: self.stack.call("POST", f"/api/v1/developer/{path}", key, body, headers)
        body = {"first_name": "Jane", "last_name": "Walker", "email": "jane.walker@example.org"}
        created = call("leads", body).json(201)
        known = {**created, "duplicate": True}
        assert call("leads", {**body, "email": " JANE.WALKER@example.org"}).json(200) == known
        for replayed in [None, "true"]:
            again = call("leads", body, **{"Idempotency-Key": "vendor-lead-1"})
            assert again.json(200) == known and again.headers["Idempotent-Replayed"] == replayed
        change = {"email": "jane@walker.example", "phone": "+46701234567"}
        self.stack.call("PATCH", f"/v2/leads/{created['lead_id']}", key, change).json(200)
        assert not call("leads", body).json(201)["duplicate"]
        event = {"visitor_id": created["visitor_id"], "event_type": "pageview", "event_props": {"path": "/prices"}}
        recorded = call("events", event, **{"Idempotency-Key": "vendor-event-1"}).json(201)
        listed = self.get(f"/v2/events?visitorId={created['visitor_id']}")["data"]
        assert [one["id"] for one in listed] == [recorded["event_id"]]

    @test(Phase.CALLS)
    def erasure_deletes_a_lead_and_its_child_records(self):
        lead = self.post("/v2/leads", {"name": "Jane Walker", "email": "jane@erased.example"}).json(201)
        customer = self.post("/v2/customers", {"name": "Jane Walker", "leadId": lead["id"]}).json(201)
        event = {"visitorId": lead["visitorId"], "eventType": "pageview"}
        self.post("/v2/events", event).json(201)
        for _ in range(2):
            assert self.stack.call("DELETE", f"/v2/leads/{lead['id']}", self.key).status == 204
        for erased in [f"leads/{lead['id']}", f"customers/{customer['id']}"]:
            self.stack.call("GET", f"/v2/{erased}", self.key).json(404)
        assert self.get(f"/v2/events?visitorId={lead['visitorId']}")["data"] == []

    @test(Phase.CALLS)
    def calls_over_the_rate_limit_get_429(self):
        key = self.new_key("--per-minute", "2")["key"]
        # Five calls, because two more are allowed if a new minute begins meanwhile.
        responses = [self.stack.call("GET", "/v2/leads", key) for _ in range(5)]
        limited = next(response for response in responses if response.status != 200)
        assert limited.json(429)["error"]["code"] == "RATE_LIMITED"
        assert 1 <= int(limited.headers["Retry-After"]) <= 60 and "r=0" in limited.headers["RateLimit"]

    @test(Phase.CALLS)
    def a_revoked_key_is_rejected_immediately(self):
        new = {"name": "short-lived", "scopes": ["leads:read"], "mode": "live"}
        created = self.post("/v2/keys", new).json(201)
        self.stack.call("GET", "/v2/leads", created["key"]).json(200)
        self.stack.call("POST", "/v2/leads", created["key"], {"name": "Jane Walker"}).json(403)
        assert self.stack.call("DELETE", f"/v2/keys/{created['id']}", self.key).status in (200, 204)
        self.stack.call("GET", "/v2/leads", created["key"]).json(401)
        created = self.new_key()
        self.stack.call("GET", "/v2/leads", created["key"]).json(200)
        self.stack.operator("key", "revoke", "--tenant", self.tenant, "--key", created["id"])
        self.stack.call("GET", "/v2/leads", created["key"]).json(401)

    @test(Phase.CALLS)
    def every_function_accepts_its_sample_event(self):
        for sample in EVENTS:
            result = self.stack.invoke(sample.stem, sample.read_bytes())
            event = json.loads(sample.read_bytes())
            if "rawPath" in event:
                # The sample's key does not exist.
                status = 401 if "authorization" in event["headers"] else 200
                assert result["statusCode"] == status, f"{sample.stem}: not {status}, but {result}"
            else:
                assert not (result or {}).get("batchItemFailures"), f"{sample.stem}: {result}"
