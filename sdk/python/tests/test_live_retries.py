"""Faults between the client and a server: a retried request has one effect."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from leadhouse import ApiConnectionError, AsyncLeadhouse, Leadhouse, RetryEvent, ServerError, UploadError
from leadhouse import Hooks as LeadhouseHooks

from .live import Live, running_proxy


@pytest.mark.parametrize("fault", ["drop", "cut", "html"])
def test_a_retried_post_creates_once(live: Live, lh: Leadhouse, fault: str) -> None:
    source, retries = f"FAULT_{uuid.uuid4().hex[:8].upper()}", list[RetryEvent]()
    with running_proxy(live.base_url, lambda number, _: fault if number < 3 else None) as proxy:
        hooks = LeadhouseHooks(on_retry=retries.append)
        options: dict[str, Any] = {
            "api_key": live.native_key,
            "base_url": proxy.url,
            "initial_retry_delay": 0.01,
            "hooks": hooks,
        }
        with Leadhouse(**options) as client:
            lead = client.leads.create(name="Jane Smith", email="jane@example.com", source=source)
            assert client.leads.update(lead.id, status="WON").status == "WON"
    assert [answer[2] for answer in proxy.answered] == [201, 201, 201, 200]
    assert lead.http_response is not None
    assert (lead.http_response.is_replay, lead.http_response.attempts, len(retries)) == (True, 3, 2)
    assert [one.id for one in lh.leads.iterate(source=source)] == [lead.id]


@pytest.mark.anyio
async def test_a_retried_post_of_the_asynchronous_client_creates_once(live: Live, lh: Leadhouse) -> None:
    source = f"FAULT_{uuid.uuid4().hex[:8].upper()}"
    with running_proxy(live.base_url, lambda number, _: "drop" if number < 3 else None) as proxy:
        async with AsyncLeadhouse(api_key=live.native_key, base_url=proxy.url, initial_retry_delay=0.01) as client:
            lead = await client.leads.create(name="Jane Smith", email="jane@example.com", source=source)
    assert [one.id for one in lh.leads.iterate(source=source)] == [lead.id]


def test_a_lost_answer_can_be_asked_for_later(live: Live, lh: Leadhouse) -> None:
    source = f"FAULT_{uuid.uuid4().hex[:8].upper()}"
    body = {"name": "Jane Smith", "email": "jane@example.com", "source": source}
    with running_proxy(live.base_url, lambda *_: "drop") as proxy:
        with Leadhouse(api_key=live.native_key, base_url=proxy.url, initial_retry_delay=0.01) as client:
            with pytest.raises(ApiConnectionError) as raised:
                client.leads.create(name=body["name"], email=body["email"], source=source)
    assert len(proxy.answered) == raised.value.attempts == 3
    assert "idempotency key" in str(raised.value)
    again = lh.leads.create(**body, idempotency_key=raised.value.idempotency_key)  # type: ignore[arg-type]
    assert [one.id for one in lh.leads.iterate(source=source)] == [again.id]


def test_a_delete_whose_answer_was_lost_succeeds(live: Live, lh: Leadhouse) -> None:
    template = lh.sequence_templates.create(name="Short", steps=[{"day": 0, "text": "Hello"}])
    with running_proxy(live.base_url, lambda number, _: "drop" if number == 1 else None) as proxy:
        with Leadhouse(api_key=live.native_key, base_url=proxy.url, initial_retry_delay=0.01) as client:
            client.sequence_templates.delete(template.id)
    assert [answer[2] for answer in proxy.answered] == [204, 404]


def test_an_upload_that_failed_is_continued_with_its_key(live: Live, lh: Leadhouse) -> None:
    class NoUploads(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PUT":
                raise httpx.ConnectError("the file server cannot be reached", request=request)
            return super().handle_request(request)

    dispute = lh.disputes.create(reason="NOT_RECEIVED", amount_cents=4711)
    arguments: dict[str, Any] = {"category": "OTHER", "dispute_id": dispute.id, "content_type": "text/plain"}
    with httpx.Client(transport=NoUploads()) as http_client:
        client = Leadhouse(
            api_key=live.native_key, base_url=live.base_url, initial_retry_delay=0.01, http_client=http_client
        )
        with pytest.raises(UploadError) as raised:
            client.evidence.upload(b"hello", **arguments)
    error = raised.value
    assert (error.evidence.status, error.status_code) == ("AWAITING_UPLOAD", None)
    for _ in range(2):
        evidence = lh.evidence.upload(b"hello", idempotency_key=error.idempotency_key, **arguments)
        assert (evidence.id, evidence.status) == (error.evidence.id, "READY")
    assert [one.id for one in lh.evidence.iterate(dispute_id=dispute.id)] == [error.evidence.id]


def test_a_page_of_a_proxy_is_an_error(live: Live) -> None:
    with running_proxy(live.base_url, lambda *_: "html") as proxy:
        with Leadhouse(api_key=live.native_key, base_url=proxy.url, initial_retry_delay=0.01) as client:
            with pytest.raises(ServerError, match="did not come from Leadhouse"):
                client.me()
