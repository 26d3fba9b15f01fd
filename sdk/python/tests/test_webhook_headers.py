"""Headers in the forms of frameworks, and the safety of the comparison."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import pytest
from django.http.request import HttpHeaders
from httpx import Headers as HttpxHeaders
from starlette.datastructures import Headers as StarletteHeaders

from leadhouse import ConfigurationError, WebhookVerificationError, events, sign_webhook, verify_webhook
from leadhouse.webhooks import ContractName

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BODY = b'{"id": "1", "type": "lead.created", "timestamp": "2026-05-25T12:00:00.000Z", "data": {"name": "Jane"}}'
NOW = 1_795_867_200
"""Time of signing and of verification: the tests may take longer than a delivery may be old."""
SIGNED = sign_webhook(BODY, SECRET, timestamp=NOW)
CONTRACTS: list[ContractName] = ["native", "revenueDefenders", "leadRescue", "vendorPad"]


def environ() -> dict[str, Any]:
    names = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in SIGNED.items()}
    return {**names, "REQUEST_METHOD": "POST", "wsgi.version": (1, 0)}


FRAMEWORKS: dict[str, Callable[[], Any]] = {
    "dict": lambda: SIGNED,
    "names in upper case": lambda: {name.upper(): value for name, value in SIGNED.items()},
    "pairs": lambda: list(SIGNED.items()),
    "pairs of bytes (ASGI)": lambda: [(name.encode(), value.encode()) for name, value in SIGNED.items()],
    "lists of values": lambda: {name: [value] for name, value in SIGNED.items()},
    "Starlette": lambda: StarletteHeaders(SIGNED),
    "httpx": lambda: HttpxHeaders(SIGNED),
    "Django": lambda: HttpHeaders(environ()),
    "WSGI": environ,
}


@pytest.mark.parametrize("form", list(FRAMEWORKS))
def test_headers_of(form: str) -> None:
    event = verify_webhook(FRAMEWORKS[form](), BODY, SECRET, now=NOW)
    assert isinstance(event, events.LeadCreated)
    assert event.data.name == "Jane"


@pytest.mark.parametrize(
    "doubled",
    [
        lambda name: [*SIGNED.items(), (name, SIGNED[name])],
        lambda name: {**SIGNED, name: [SIGNED[name], SIGNED[name]]},
        lambda name: {**SIGNED, name: f"{SIGNED[name]}, {SIGNED[name]}"},
        lambda name: StarletteHeaders(raw=[(n.encode(), v.encode()) for n, v in [*SIGNED.items(), (name, "x")]]),
        lambda name: HttpxHeaders([*SIGNED.items(), (name, SIGNED[name])]),
    ],
)
@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_doubled_headers_are_rejected(doubled: Callable[[str], Any], name: str) -> None:
    with pytest.raises(WebhookVerificationError) as raised:
        verify_webhook(doubled(name), BODY, SECRET, now=NOW)
    assert raised.value.reason == "duplicate_header"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_changed_byte_is_accepted(contract: ContractName) -> None:
    signed = sign_webhook(BODY, SECRET, contract=contract)
    own = {name: value for name, value in signed.items() if not name.startswith("webhook-")}
    for headers in (signed, own):
        verify_webhook(headers, BODY, SECRET)
        for position in range(len(BODY)):
            changed = BODY[:position] + bytes([BODY[position] ^ 1]) + BODY[position + 1 :]
            with pytest.raises(WebhookVerificationError):
                verify_webhook(headers, changed, SECRET)


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", compare)
    others = ["whsec_" + "A" * 43 + "=", "whsec_" + "B" * 43 + "="]
    two = {**SIGNED, "webhook-signature": f"{SIGNED['webhook-signature']} v1,{'A' * 43}="}
    verify_webhook(two, BODY, [SECRET, *others], now=NOW)
    assert len(compared) == 2 * 3, "every signature with every secret, also after one fits"


@pytest.mark.parametrize("body", [{"id": "1"}, ["x"], 5, None])
def test_parsed_bodies_are_rejected(body: Any) -> None:
    with pytest.raises(ConfigurationError, match="before it is parsed"):
        verify_webhook(SIGNED, body, SECRET)


def test_stripping_the_signed_time_is_noticed_on_demand() -> None:
    own = {name: value for name, value in SIGNED.items() if not name.startswith("webhook-")}
    assert verify_webhook(own, BODY, SECRET).timestamp is None
    with pytest.raises(WebhookVerificationError) as raised:
        verify_webhook(own, BODY, SECRET, scheme="standard")
    assert raised.value.reason == "missing_header"


def test_signed_bodies_that_are_no_object_are_rejected() -> None:
    bodies: list[str | bytes] = ["", "[]", "5", "{", "[" * 200_000, "\ud800".encode("utf-8", "surrogatepass")]
    for body in bodies:
        with pytest.raises(WebhookVerificationError) as raised:
            verify_webhook(sign_webhook(body, SECRET), body, SECRET)
        assert raised.value.reason == "malformed_body"


def test_an_error_says_what_to_do_and_shows_no_secret() -> None:
    with pytest.raises(WebhookVerificationError) as raised:
        verify_webhook(SIGNED, BODY + b" ", SECRET, now=NOW)
    assert "before it is parsed" in str(raised.value) or "byte for byte" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_an_empty_key_is_rejected() -> None:
    for secret in ("whsec_", "whsec_="):
        with pytest.raises(ConfigurationError):
            verify_webhook(SIGNED, BODY, secret)


def test_a_tolerance_that_is_no_number_is_rejected() -> None:
    for tolerance in (float("nan"), -1.0):
        with pytest.raises(ConfigurationError):
            verify_webhook(SIGNED, BODY, SECRET, tolerance=tolerance)


def test_a_header_with_other_bytes_than_ascii_is_a_wrong_signature() -> None:
    for text in ("caf\udce9", "\ud800", "caf\u00e9"):
        with pytest.raises(WebhookVerificationError):
            verify_webhook({**SIGNED, "webhook-id": text}, BODY, SECRET, now=NOW)
