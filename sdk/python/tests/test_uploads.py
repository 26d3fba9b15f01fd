"""Uploads of evidence, against a transport in memory."""

from __future__ import annotations

from typing import Any, get_args

import httpx
import pytest

from leadhouse import (
    AsyncLeadhouse,
    ConfigurationError,
    Hooks,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    UploadError,
    _upload_progress,
)
from leadhouse._upload_file import TYPE_OF_EXTENSION, Upload
from leadhouse.native import models

from .in_memory import BASE, client


def test_hooks_see_the_upload_of_a_file_without_its_link() -> None:
    events: list[Any] = []
    evidence = {"id": "e1", "status": "AWAITING_UPLOAD", "uploadUrl": f"{BASE}/files/e1?signature=secret"}
    answers = [
        httpx.Response(201, json=evidence),
        httpx.Response(503),
        httpx.Response(200),
        httpx.Response(200, json={**evidence, "status": "READY"}),
    ]
    hooks = Hooks(on_request=events.append, on_response=events.append, on_retry=events.append)
    lh = client(lambda _: answers.pop(0), hooks=hooks, initial_retry_delay=0)
    lh.evidence.upload(b"hello", category="OTHER", content_type="text/plain")
    puts = [event for event in events if event.method == "PUT"]
    assert [type(event) for event in puts] == [RequestEvent, ResponseEvent, RetryEvent, RequestEvent, ResponseEvent]
    assert {event.path for event in puts} == {"{uploadUrl}"}
    assert "secret" not in repr(events)


def test_errors_of_an_upload_name_its_host_and_not_its_link() -> None:
    evidence = {"id": "e1", "status": "AWAITING_UPLOAD"}
    link = "http://files.test/tenants/t1?signature=secret"

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            raise httpx.ReadError("connection reset")
        return httpx.Response(200, json={**evidence, "uploadUrl": link} if request.method == "POST" else evidence)

    with pytest.raises(UploadError, match=r"No response from files\.test: connection reset") as raised:
        client(handler, max_retries=0).evidence.upload(b"hello", category="OTHER", content_type="text/plain")
    for text in (str(raised.value), str(raised.value.__cause__)):
        assert not any(part in text for part in ("base URL", "leadhouse.test", "tenants", "secret"))


def test_an_upload_that_fails_for_any_reason_leaves_its_evidence() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            raise RuntimeError("a transport of the caller failed")
        return httpx.Response(201, json={"id": "e1", "status": "AWAITING_UPLOAD", "uploadUrl": f"{BASE}/files/e1"})

    with pytest.raises(UploadError, match="a transport of the caller failed") as raised:
        client(handler).evidence.upload(b"hello", category="OTHER", content_type="text/plain", idempotency_key="k1")
    assert (raised.value.evidence.id, raised.value.idempotency_key) == ("e1", "k1")


def test_the_type_of_a_file_follows_from_its_name() -> None:
    assert set(TYPE_OF_EXTENSION.values()) == set(get_args(models.FileType))
    assert Upload.of(b"RIFF", "Call.WAV", None).declaration["content_type"] == "audio/wav"
    for name in (None, "photo", "letter.docx"):
        with pytest.raises(ConfigurationError, match=r"one of image/jpeg, image/png, .*, audio/wav\."):
            Upload.of(b"hello", name, None)


class SlowUpload:
    """File storage that takes longer to receive a file than the caller waits until it is processed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reads = 0

    def monotonic(self) -> float:
        return self.now

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            self.now += 100
            return httpx.Response(200)
        self.reads += request.method == "GET"
        status = "READY" if self.reads == 2 else "AWAITING_UPLOAD"
        return httpx.Response(200, json={"id": "e1", "status": status, "uploadUrl": f"{BASE}/files/e1"})


@pytest.fixture
def slow_upload(monkeypatch: pytest.MonkeyPatch) -> SlowUpload:
    storage = SlowUpload()
    monkeypatch.setattr(_upload_progress, "time", storage)
    return storage


def test_waiting_for_a_file_begins_when_it_has_been_sent(slow_upload: SlowUpload) -> None:
    evidence = client(slow_upload).evidence.upload(b"hello", category="OTHER", content_type="text/plain", wait=10)
    assert (evidence.status, slow_upload.reads) == ("READY", 2)


@pytest.mark.anyio
async def test_waiting_for_a_file_begins_when_it_has_been_sent_by_the_asynchronous_client(
    slow_upload: SlowUpload,
) -> None:
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(slow_upload))
    async with AsyncLeadhouse(api_key="lh_test_x", base_url=BASE, http_client=http_client) as lh:
        evidence = await lh.evidence.upload(b"hello", category="OTHER", content_type="text/plain", wait=10)
    assert (evidence.status, slow_upload.reads) == ("READY", 2)
