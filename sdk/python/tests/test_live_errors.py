"""Errors of a server."""

from __future__ import annotations

import logging

import pytest

from leadhouse import (
    AuthenticationError,
    ConflictError,
    Hooks,
    IdempotencyError,
    InvalidCursorError,
    Leadhouse,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    RateLimitError,
    RevenueDefenders,
    ValidationError,
)

from .live import Live

NOBODY = "00000000-0000-7000-8000-000000000000"


def test_a_wrong_key_is_an_authentication_error(live: Live) -> None:
    for key in ("lh_live_wrong", live.native_key[:-1], live.native_key.swapcase()):
        with Leadhouse(api_key=key, base_url=live.base_url) as client, pytest.raises(AuthenticationError) as raised:
            client.me()
        assert raised.value.request_id
        assert key not in str(raised.value)


def test_a_missing_scope_is_named(live: Live, lh: Leadhouse) -> None:
    key = lh.keys.create(name="form", scopes=["leads:write"]).key
    with Leadhouse(api_key=key, base_url=live.base_url) as client:
        with pytest.raises(PermissionDeniedError, match="leads:read"):
            client.leads.list()


def test_a_revoked_key_is_an_authentication_error(live: Live, lh: Leadhouse) -> None:
    made = lh.keys.create(name="form", scopes=["leads:write"])
    lh.keys.revoke(made.id)
    with Leadhouse(api_key=made.key, base_url=live.base_url) as client, pytest.raises(AuthenticationError):
        client.me()


def test_invalid_fields_are_named(lh: Leadhouse) -> None:
    with pytest.raises(ValidationError) as raised:
        lh.leads.create(name="", email="not an address")
    assert {error.field for error in raised.value.fields} == {"name", "email"}
    assert raised.value.code == "INVALID_REQUEST"
    assert "email" in str(raised.value)


def test_a_rejected_cursor_says_what_to_do(lh: Leadhouse, rd: RevenueDefenders) -> None:
    for _ in range(2):
        lh.leads.create(name="Jane", email="jane@example.com")
    cursor = lh.leads.list(limit=1).next_cursor
    assert cursor
    for rejected in ("nonsense", cursor[:-2], cursor):
        with pytest.raises(InvalidCursorError, match="without a cursor"):
            list(lh.customers.iterate(cursor=rejected))
        with pytest.raises(InvalidCursorError, match="without a cursor"):
            list(rd.leads.iterate(cursor=rejected))


def test_missing_and_conflicting_resources(lh: Leadhouse) -> None:
    with pytest.raises(NotFoundError):
        lh.leads.get(NOBODY)
    lead = lh.leads.create(name="Jane", email="jane@example.com")
    lh.leads.update(lead.id, status="CONTACTED", if_match=lead.version)
    with pytest.raises(PreconditionFailedError, match="ETag"):
        lh.leads.update(lead.id, status="WON", if_match=lead.version)
    lh.leads.update(lead.id, status="OPTED_OUT")
    with pytest.raises(ConflictError):
        lh.leads.update(lead.id, status="WON")
    lh.leads.create(name="Jane", email="jane@example.com", idempotency_key="one-key-for-two")
    with pytest.raises(IdempotencyError):
        lh.leads.create(name="John", email="john@example.com", idempotency_key="one-key-for-two")


def test_a_rate_limit_names_the_seconds(live: Live, lh: Leadhouse) -> None:
    key = lh.keys.create(name="limited", scopes=["leads:read"], tier="free").key
    # With max_retry_after 0 nothing is waited for.
    with Leadhouse(api_key=key, base_url=live.base_url, max_retry_after=0) as client:
        first = client.me().http_response
        assert first is not None
        assert first.rate_limit is not None
        assert first.rate_limit.limit == 60
        with pytest.raises(RateLimitError) as raised:
            for _ in range(130):  # A minute may end meanwhile.
                client.me()
    assert raised.value.retry_after is not None
    assert 1 <= raised.value.retry_after <= 60
    assert f"{raised.value.retry_after:g} s" in str(raised.value)


def test_neither_logs_nor_events_hold_secrets(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    events: list[object] = []
    hooks = Hooks(on_request=events.append, on_response=events.append, on_retry=events.append)
    caplog.set_level(logging.DEBUG, logger="leadhouse")
    with Leadhouse(api_key=live.native_key, base_url=live.base_url, hooks=hooks) as client:
        client.leads.create(name="Jane Doe", email="secret.person@example.com")
        list(client.leads.iterate(email="secret.person@example.com"))
        seen = repr(events) + caplog.text + repr(client._transport.settings) + repr(client.__dict__)
    assert "/v2/leads" in seen
    assert live.native_key not in seen
    assert "secret.person" not in seen
    assert "Jane" not in seen
