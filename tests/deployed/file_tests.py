"""Files of evidence, and photos."""

import base64
import hashlib
import struct
import zlib

from receiver import wait_until
from suite import Phase, Suite, test


class FileTests(Suite):
    """Files of evidence, and photos."""

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
