"""Options, hooks and requests of the clients, against a transport in memory."""

from __future__ import annotations

import enum
import inspect
import json
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import anyio
import httpx
import pytest

import leadhouse
from leadhouse import (
    ApiConnectionError,
    AsyncLeadhouse,
    ConfigurationError,
    Hooks,
    Leadhouse,
    NotFoundError,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    RevenueDefenders,
    UnexpectedResponseError,
    _event_log,
    _http,
    _settings,
    _upload_file,
    _upload_progress,
    _uploads,
    webhooks,
)
from leadhouse.native import operations as native
from leadhouse.revenue_defenders import operations as revenue_defenders

from .conformance import METHODS, TABLE
from .in_memory import BASE, client


class Word(enum.Enum):
    ONE = "one"


def test_options_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADHOUSE_API_KEY", " lh_test_env\n")
    monkeypatch.setenv("LEADHOUSE_BASE_URL", f"{BASE}/v2/")
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    client(handler, api_key=None, base_url=None).me()
    assert str(seen[0].url) == f"{BASE}/v2/me"
    assert seen[0].headers["authorization"] == "Bearer lh_test_env"
    assert seen[0].headers["user-agent"].startswith(f"leadhouse-python/{leadhouse.__version__} (Python 3.")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"api_key": ""}, "No API key"),
        ({"api_key": None}, "No API key"),
        ({"api_key": "lh_live_a\r\nX-Evil: 1"}, "characters"),
        ({"api_key": "lh_live_é"}, "characters"),
        ({"base_url": None}, "No base URL"),
        ({"base_url": "leads.example.com"}, "base_url"),
        ({"base_url": "ftp://leads.example.com"}, "base_url"),
        ({"base_url": "http://"}, "base_url"),
        ({"base_url": "http://a:b@leads.example.com"}, "base_url"),
        ({"base_url": "http://leads.example.com:99999"}, "base_url"),
        ({"base_url": "http://leads.example.com?x=1"}, "base_url"),
        ({"timeout": 0}, "timeout"),
        ({"max_retries": -1}, "max_retries"),
    ],
)
def test_malformed_options_are_named(options: dict[str, Any], text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEADHOUSE_API_KEY", raising=False)
    monkeypatch.delenv("LEADHOUSE_BASE_URL", raising=False)
    with pytest.raises(ConfigurationError, match=text) as raised:
        client(lambda _: httpx.Response(200, json={}), **options)
    assert "lh_live_" not in str(raised.value)


@pytest.mark.parametrize("lead_id", ["", " ", ".", "..", None, 5])
def test_ids_that_lead_to_another_path_are_rejected(lead_id: Any) -> None:
    with pytest.raises(ConfigurationError, match="id"):
        client(lambda _: httpx.Response(200, json={})).leads.get(lead_id)


def test_every_operation_has_a_method_of_both_clients() -> None:
    for contract, module, prefix in [
        ("native", native, "Native"),
        ("revenueDefenders", revenue_defenders, "RevenueDefenders"),
    ]:
        for method in METHODS[contract].values():
            signatures = []
            for kind in ("", "Async"):
                root = getattr(module, f"{kind}{prefix}Operations")
                owner: Any = root(None)
                owner = getattr(owner, method.resource) if method.resource else owner
                signatures.append(inspect.signature(getattr(owner, method.name)).parameters)
            assert signatures[0] == signatures[1], method.name


def test_extra_fields_parameters_and_headers_are_sent() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"id": "1"})

    options: leadhouse.RequestOptions = {"body": {"newField": [1]}, "query": {"a": True}, "headers": {"X-Trace": "t"}}
    client(handler).leads.create(name="Jane", attributes={"rooms": 3}, options=options)
    assert json.loads(seen[0].content) == {"name": "Jane", "attributes": {"rooms": 3}, "newField": [1]}
    assert (seen[0].url.query, seen[0].headers["x-trace"]) == (b"a=true", "t")


def sent(**fields: Any) -> Any:
    """Returns the body with which a lead is created."""
    bodies: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(201, json={"id": "1"})

    client(handler).leads.create(**{"name": "Jane", **fields})
    return json.loads(bodies[0])


def test_values_of_python_become_json() -> None:
    number = uuid.UUID("01a217ba-1200-79a3-95a6-7de25879c9a3")
    attributes = {"a": Decimal("10"), "b": Decimal("1.5"), "c": Word.ONE, "d": date(2026, 5, 25), "e": number}
    body = sent(name="half of a pair: \ud83d!", attributes=attributes)
    assert body["name"] == "half of a pair: \ufffd!"
    assert body["attributes"] == {"a": 10, "b": 1.5, "c": "one", "d": "2026-05-25", "e": str(number)}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), object(), b"bytes", Decimal("NaN"), datetime(2026, 1, 1)]
)
def test_values_that_json_does_not_have_are_rejected(value: Any) -> None:
    with pytest.raises(ConfigurationError):
        sent(attributes={"a": value})


def test_headers_that_cannot_be_sent_are_rejected() -> None:
    for headers in ({"X-Trace": "a\r\nX-Evil: 1"}, {"X-Trace": "é"}, {"X-Trace": 5}):
        with pytest.raises(ConfigurationError, match="X-Trace"):
            sent(options={"headers": headers})
    with pytest.raises(ConfigurationError, match="If-Match"):
        client(lambda _: httpx.Response(200, json={})).leads.update("1", status="WON", if_match="\n")


def test_hooks_are_told_of_each_attempt() -> None:
    events: list[Any] = []
    answers: list[Any] = [httpx.Response(503), httpx.ConnectError("refused"), httpx.Response(200, json={})]

    def handler(request: httpx.Request) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response: httpx.Response = answer
        return response

    hooks = Hooks(on_request=events.append, on_response=events.append, on_retry=events.append)
    client(handler, hooks=hooks, initial_retry_delay=0).me()
    kinds = [type(event) for event in events]
    assert kinds == [RequestEvent, ResponseEvent, RetryEvent] * 2 + [RequestEvent, ResponseEvent]
    assert [event.attempt for event in events] == [1, 1, 1, 2, 2, 2, 3, 3]
    assert [event.reason for event in events if isinstance(event, RetryEvent)] == ["503", "ConnectError"]


def test_waits_have_full_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    for _ in range(200):
        with pytest.raises(leadhouse.ServerError):
            client(lambda _: httpx.Response(503), max_retries=6).me()
    by_attempt = [waits[attempt::6] for attempt in range(6)]
    for bound, chosen in zip([0.5, 1, 2, 4, 8, 8], by_attempt, strict=True):
        assert 0 <= min(chosen) < bound * 0.2
        assert bound * 0.8 < max(chosen) <= bound


def test_a_certificate_that_is_not_trusted_is_not_retried() -> None:
    import ssl

    attempts: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        attempts.append(1)
        raise httpx.ConnectError("certificate verify failed") from ssl.SSLCertVerificationError("self-signed")

    with pytest.raises(ApiConnectionError, match="certificate"):
        client(handler).me()
    assert len(attempts) == 1


def test_defaults_are_those_of_every_sdk() -> None:
    milliseconds = {
        "timeoutMs": _settings.DEFAULT_TIMEOUT,
        "initialRetryDelayMs": _settings.DEFAULT_INITIAL_RETRY_DELAY,
        "maxRetryDelayMs": _settings.DEFAULT_MAX_RETRY_DELAY,
        "maxRetryAfterMs": _settings.DEFAULT_MAX_RETRY_AFTER,
        "uploadTimeoutMs": _upload_progress.UPLOAD_TIMEOUT,
        "uploadWaitMs": _uploads.DEFAULT_UPLOAD_WAIT,
        "pollIntervalMs": _event_log.DEFAULT_POLL_INTERVAL,
    }
    others = {"maxRetries": _settings.DEFAULT_MAX_RETRIES, "toleranceSeconds": webhooks.DEFAULT_TOLERANCE}
    assert {name: seconds * 1000 for name, seconds in milliseconds.items()} | others == TABLE["sdkDefaults"]


@pytest.mark.parametrize(
    ("error", "is_unknown"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), False),
        (httpx.ConnectError("[Errno -2] Name or service not known"), False),
        (httpx.ConnectTimeout("timed out"), False),
        (httpx.ReadError("connection reset"), True),
        (httpx.WriteError("broken pipe"), True),
        (httpx.ReadTimeout("timed out"), True),
        (httpx.RemoteProtocolError("server disconnected"), True),
    ],
)
def test_a_deletion_of_what_is_not_there_succeeds_only_if_an_attempt_may_have_arrived(
    error: Exception, is_unknown: bool
) -> None:
    answers: list[Any] = [error, httpx.Response(404, json={"error": {"code": "NOT_FOUND", "message": "None."}})]

    def handler(request: httpx.Request) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response: httpx.Response = answer
        return response

    lh = client(handler, initial_retry_delay=0)
    if is_unknown:
        lh.webhooks.delete("w1")
    else:
        with pytest.raises(NotFoundError):
            lh.webhooks.delete("w1")
    assert answers == []


def test_no_representation_shows_a_link_a_file_or_a_header() -> None:
    request = _http.Request("PUT", f"{BASE}/files?signature=secret", "{uploadUrl}", {"a": "secret"}, b"secret", 1.0, 0)
    upload = _upload_file.Upload.of(b"secret", "a.txt", None)
    settings = client(lambda _: httpx.Response(200), headers={"Baggage": "secret"})._transport.settings
    assert "secret" not in repr((request, upload, settings))


def test_redirects_are_not_followed() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(308, headers={"location": "https://elsewhere.example/v2/me?token=secret"})

    with pytest.raises(UnexpectedResponseError, match="https://elsewhere.example/v2/me") as raised:
        client(handler).me()
    assert "secret" not in str(raised.value)


def test_a_client_that_was_passed_in_stays_open() -> None:
    http_client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={})))
    with Leadhouse(api_key="lh_test_x", base_url=BASE, http_client=http_client) as lh:
        lh.me()
    assert not http_client.is_closed


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_asynchronous_client_works_on(backend: str) -> None:
    answers = [httpx.Response(503), httpx.Response(200, json={"tenantName": "T"})]

    async def main() -> None:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answers.pop(0)))
        async with AsyncLeadhouse(
            api_key="lh_test_x", base_url=BASE, http_client=http_client, initial_retry_delay=0
        ) as lh:
            assert (await lh.me()).tenant_name == "T"

    anyio.run(main, backend=backend)


def test_create_client_is_that_of_revenue_defenders() -> None:
    assert isinstance(leadhouse.create_client(api_key="rd_x", base_url=BASE), RevenueDefenders)


def test_a_hook_that_raises_loses_no_response(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("logging failed")

    hooks = Hooks(on_request=fail, on_response=fail, on_retry=fail)
    client(lambda _: httpx.Response(200, json={}), hooks=hooks).me()
    assert "a hook failed" in caplog.text
