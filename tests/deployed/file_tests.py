"""Files of evidence, evidence packages, and photos."""

import base64
import hashlib
import json
import struct
import zlib

from receiver import WebhookReceiver, wait_until
from suite import WALKER, Phase, Suite, test


class FileTests(Suite):
    """Files of evidence, evidence packages, and photos."""

    @test(Phase.CALLS)
    def a_file_is_uploaded_once_hashed_and_downloaded(self):
        file = {"contentType": "text/plain", "size": 5, "sha256": hashlib.sha256(b"hello").hexdigest()}
        evidence = self.post("/v2/evidence", {"category": "MESSAGE", "file": file}).json(201)
        url, required = evidence["uploadUrl"], evidence["uploadHeaders"]
        put = lambda body, **other: self.stack.request_url("PUT", url, body, {**required, **other}).status
        assert put(b"hello") == 403, "the bucket policy requires TLS"
        self.stack.allow_plain_http("FilesBucketName")
        rejected = [
            put(b"hello!", **{"Content-Length": "6"}),
            put(b"hello", **{"Content-Type": "text/html"}),
            self.stack.request_url("PUT", url.replace("evidence/", "evidence/0"), b"hello", required).status,
            self.stack.request_url("GET", url).status,
        ]
        assert rejected == [403] * 4, rejected
        assert self.get(f"/v2/evidence/{evidence['id']}")["status"] == "AWAITING_UPLOAD"
        assert put(b"hello") == 200
        shown = lambda: self.get(f"/v2/evidence/{evidence['id']}")
        ready = wait_until(60, "the file is hashed", lambda: (e := shown())["status"] == "READY" and e)
        assert ready["sha256"] == file["sha256"]
        read = self.stack.request_url("GET", ready["fileUrl"])
        assert (read.status, read.body, read.headers["Content-Type"]) == (200, b"hello", "text/plain")
        assert read.headers["Content-Disposition"] == "attachment"
        assert put(b"hello") == 412, "a stored file is never replaced"
        assert self.stack.request_url("GET", ready["fileUrl"].split("?")[0]).status == 403

    @test(Phase.CALLS)
    def a_package_is_generated_announced_and_deleted(self):
        receiver = WebhookReceiver()
        self.post("/v2/webhooks", {"url": receiver.url, "events": ["package.generated"]}).json(201)
        lead = self.post("/v2/leads", WALKER).json(201)
        new = {"reason": "NOT_AS_DESCRIBED", "amountCents": 48_500, "leadId": lead["id"]}
        dispute = self.post("/v2/disputes", new).json(201)
        text = b"The roof was repaired on the 3rd."
        file = {"contentType": "text/plain", "size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        new = {"category": "MESSAGE", "disputeId": dispute["id"], "file": file}
        evidence = self.post("/v2/evidence", new).json(201)
        sent = self.stack.request_url("PUT", evidence["uploadUrl"], text, evidence["uploadHeaders"])
        assert sent.status == 200, sent.body
        is_ready = lambda: self.get(f"/v2/evidence/{evidence['id']}")["status"] == "READY"
        wait_until(60, "the file is hashed", is_ready)
        asked = self.post(f"/v2/disputes/{dispute['id']}/packages", {"profile": "MASTERCARD"}).json(201)
        path = f"/v2/packages/{asked['id']}"
        package = wait_until(90, "the package is generated", lambda: (p := self.get(path))["status"] != "PENDING" and p)
        assert package["status"] == "READY", package
        assert [one["shown"] for one in package["exhibits"]] == ["TEXT"], package["exhibits"]
        assert package["exhibits"][0]["sha256"] == file["sha256"]
        document = self.stack.request_url("GET", package["documentUrl"])
        assert (document.status, document.headers["Content-Type"]) == (200, "application/pdf")
        assert document.body.startswith(b"%PDF-") and len(document.body) == package["bytes"]
        assert hashlib.sha256(document.body).hexdigest() == package["sha256"]
        redirect = self.stack.call("GET", f"{path}/document", self.key)
        assert redirect.status == 302, redirect.body
        assert self.stack.request_url("GET", redirect.headers["Location"]).body == document.body
        _, headers, body = receiver.wait_for(1, 60)[0]
        assert headers["X-Event"] == "package.generated" and json.loads(body)["data"]["id"] == asked["id"]
        again = self.post(f"/v2/disputes/{dispute['id']}/packages", {"profile": "MASTERCARD"}).json(200)
        assert again["id"] == asked["id"], "nothing has changed"
        assert self.stack.call("DELETE", f"/v2/leads/{lead['id']}", self.key).status == 204
        assert self.stack.call("GET", path, self.key).status == 404
        deleted = lambda: self.stack.request_url("GET", package["documentUrl"]).status in (403, 404)
        wait_until(60, "the document is deleted", deleted)

    @test(Phase.CALLS)
    def a_photo_is_stored_and_deleted_with_its_lead(self):
        number = lambda value: struct.pack(">I", value)
        chunk = lambda name, data: number(len(data)) + name + data + number(zlib.crc32(name + data))
        header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
        rows = zlib.compress((b"\0" + b"\xc8\x28\x28" * 8) * 8)
        png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
        photo = base64.b64encode(png).decode()
        new = {"customer_name": "Jane Walker", "phone": "+46701234567", "license_photo_b64": photo}
        created = self.post("/v1/leads", new, Idempotency_Key="photo-1").json(201)
        again = self.post("/v1/leads", new, Idempotency_Key="photo-1").json(201)
        for lead in [created, again, self.get(f"/v1/leads/{created['id']}")]:
            read = self.stack.request_url("GET", lead["license_photo_url"])
            assert (read.status, read.headers["Content-Type"], read.body[:2]) == (200, "image/jpeg", b"\xff\xd8")
        assert self.stack.request_url("GET", created["license_photo_url"].split("?")[0]).status == 403
        assert self.post("/v1/leads", {**new, "license_photo_b64": "..."}).status == 400
        assert self.stack.call("DELETE", f"/v2/leads/{created['id'][2:]}", self.key).status == 204
        deleted = lambda: self.stack.request_url("GET", created["license_photo_url"]).status in (403, 404)
        wait_until(60, "the photo is deleted", deleted)
