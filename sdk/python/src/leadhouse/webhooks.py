"""Verification of webhooks, and signing for the tests of a receiver.

`verify_webhook` accepts every scheme: the headers of Standard Webhooks, which each delivery has, and the header of each
contract. Signatures are compared in constant time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from typing import Any, Literal, cast

from ._model import Model, decode
from ._webhook_event import ContractName, Scheme, WebhookEvent
from ._webhook_headers import Headers, SignedHeaders
from .errors import ConfigurationError, WebhookVerificationError
from .lead_rescue import events as lead_rescue_events
from .native import events as native_events
from .revenue_defenders import events as revenue_defenders_events
from .vendor_pad import events as vendor_pad_events

__all__ = [
    "ContractName",
    "Headers",
    "Scheme",
    "WebhookEvent",
    "sign_webhook",
    "verify_webhook",
    "verify_webhook_signature",
]

DEFAULT_TOLERANCE = 300.0
"""Seconds by which the signed time of an attempt may differ from the clock, as in Standard Webhooks."""
MAX_TIMESTAMP_DIGITS = 12
"""Digits of Unix seconds; this many suffice until the year 33,658."""
STANDARD_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
_PREFIXES: dict[ContractName, str] = {
    "revenueDefenders": "x-revenuedefenders-",
    "leadRescue": "x-leadrescue-",
    "vendorPad": "x-vendorpad-",
    "native": "x-",
}
_EVENTS: dict[ContractName, dict[str, tuple[type[WebhookEvent[object]], type]]] = {
    "native": native_events.EVENTS,
    "revenueDefenders": revenue_defenders_events.EVENTS,
    "leadRescue": lead_rescue_events.EVENTS,
    "vendorPad": vendor_pad_events.EVENTS,
}
_HEX_SIGNATURE = re.compile(r"(sha256=)?([0-9a-fA-F]{64})")
_OTHER_SECRET = "Verify the body byte for byte as it arrived, with the secret of this endpoint's subscription."


def verify_webhook(
    headers: Headers,
    body: bytes | str,
    secret: str | Sequence[str],
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    contract: ContractName | None = None,
    scheme: Literal["auto", "standard", "contract"] = "auto",
    now: float | None = None,
) -> WebhookEvent[object]:
    """Verifies a webhook and returns its event.

    Args:
        headers: Headers of the request, as the framework has them.
        body: The raw body, before it is parsed.
        secret: Secret of the subscription (`whsec_…`), or several during a rotation: one that fits is enough.
        tolerance: Seconds by which the signed time may differ from the clock.
        contract: Contract that the delivery must have; any if absent.
        scheme: `standard` accepts only Standard Webhooks, whose signed time stops replays, `contract` only the header
            of the contract, `auto` either: Standard Webhooks if any of its headers is there.
        now: Time of the verification in seconds since 1970, for tests.

    Returns:
        The event. `isinstance(event, leadhouse.events.LeadCreated)` tells its type, and the type of its `data`.

    Raises:
        WebhookVerificationError: The webhook is not genuine, is a replay, or cannot be verified; see its `reason`.
        ConfigurationError: The secret is empty or malformed.
    """
    raw = _raw(body)
    secrets = _secrets(secret)
    signed = SignedHeaders(headers)
    clock = time.time() if now is None else now
    used: Scheme = "contract"
    message_id: str | None = None
    timestamp: datetime | None
    if scheme == "standard" or (scheme == "auto" and any(signed.has(name) for name in STANDARD_HEADERS)):
        used = "standard"
        message_id, timestamp = _verify_standard(signed, raw, secrets, tolerance, clock)
    else:
        timestamp = _verify_contract(signed, raw, secrets, tolerance, clock)
    payload = _payload(raw)
    found = _contract_of(signed) or _contract_by_body(payload)
    if contract is not None and found != contract:
        raise WebhookVerificationError(
            f"The delivery is one of the contract {found}, not {contract}.",
            reason="wrong_contract",
            advice="Register the endpoint with the contract that it expects.",
        )
    return _event(found, signed, payload, used, message_id, timestamp)


def verify_webhook_signature(
    *, raw_body: bytes | str, signature_header: str | None, secret: str | Sequence[str]
) -> bool:
    """Returns whether a signature over the body alone is genuine: `X-RevenueDefenders-Signature`,
    `X-LeadRescue-Signature` or `X-Signature`. `verify_webhook` also stops replays.

    Args:
        raw_body: The raw body, before it is parsed.
        signature_header: Value of the header.
        secret: Secret of the subscription, or several during a rotation.
    """
    match = _HEX_SIGNATURE.fullmatch((signature_header or "").strip())
    if match is None:
        return False
    return _matches(bytes.fromhex(match[2]), _raw(raw_body), _secrets(secret), str.encode)


def sign_webhook(
    body: bytes | str,
    secret: str,
    *,
    contract: ContractName = "native",
    type: str = "lead.created",
    id: str | None = None,
    timestamp: int | None = None,
) -> dict[str, str]:
    """Returns the headers with which Leadhouse would deliver a body, for tests of a receiver.

    Args:
        body: The raw body.
        secret: Secret of the subscription.
        contract: Contract of the subscription.
        type: Type of the event.
        id: Id of the delivery; a new one if absent.
        timestamp: Time of the attempt, in seconds since 1970; now if absent.
    """
    raw, seconds = _raw(body), str(int(time.time()) if timestamp is None else timestamp)
    delivery = id if id is not None else str(uuid.uuid4())
    key, prefix = _secrets(secret)[0], _PREFIXES[contract]
    own = _hmac(key.encode(), f"{seconds}.".encode() + raw if contract == "vendorPad" else raw).hex()
    standard = _hmac(_standard_key(key), f"{delivery}.{seconds}.".encode() + raw)
    headers = {
        f"{prefix}signature": own if contract == "native" else f"sha256={own}",
        f"{prefix}event": type,
        f"{prefix}delivery": delivery,
        "webhook-id": delivery,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(standard).decode()}",
    }
    return {**headers, f"{prefix}timestamp": seconds} if contract == "vendorPad" else headers


def _verify_standard(
    headers: SignedHeaders, body: bytes, secrets: list[str], tolerance: float, now: float
) -> tuple[str, datetime]:
    message_id, text, signatures = (headers.required(name) for name in STANDARD_HEADERS)
    timestamp = _timestamp("webhook-timestamp", text)
    given = [decoded for part in signatures.split() if (decoded := _standard_signature(part)) is not None]
    message = f"{message_id}.{text}.".encode() + body
    # Every signature is compared, so that the time tells nothing about which one was close.
    if not any([_matches(one, message, secrets, _standard_key) for one in given]):
        raise _no_match("webhook-signature")
    _check_age(timestamp, tolerance, now)
    return message_id, datetime.fromtimestamp(timestamp, timezone.utc)


def _verify_contract(
    headers: SignedHeaders, body: bytes, secrets: list[str], tolerance: float, now: float
) -> datetime | None:
    contract = next((name for name, prefix in _PREFIXES.items() if headers.has(f"{prefix}signature")), None)
    if contract is None:
        raise WebhookVerificationError(
            "The request has no signature: neither webhook-signature nor the header of a contract.",
            reason="missing_header",
            advice="Check that your framework or proxy passes the headers on, and that the request comes from Leadhouse.",
        )
    name = f"{_PREFIXES[contract]}signature"
    match = _HEX_SIGNATURE.fullmatch(headers.required(name))
    if match is None:
        raise _malformed(name, "64 hexadecimal digits")
    timestamp, message = None, body
    if contract == "vendorPad":
        text = headers.required("x-vendorpad-timestamp")
        timestamp = _timestamp("x-vendorpad-timestamp", text)
        message = f"{text}.".encode() + body
    if not _matches(bytes.fromhex(match[2]), message, secrets, str.encode):
        raise _no_match(name)
    if timestamp is None:
        return None
    _check_age(timestamp, tolerance, now)
    return datetime.fromtimestamp(timestamp, timezone.utc)


def _event(
    contract: ContractName,
    headers: SignedHeaders,
    payload: dict[str, Any],
    scheme: Scheme,
    message_id: str | None,
    timestamp: datetime | None,
) -> WebhookEvent[object]:
    prefix = _PREFIXES[contract]
    named = payload.get({"native": "type", "revenueDefenders": ""}.get(contract, "event"))
    if contract == "revenueDefenders":
        named = headers.first(f"{prefix}event")
    kind = named if isinstance(named, str) else None
    delivery = message_id or headers.first(f"{prefix}delivery") or _text_or_none(payload.get("id"))
    data = payload.get("data", payload) if contract in ("native", "vendorPad") else payload
    event_class, data_class = _EVENTS[contract].get(kind or "", (WebhookEvent[object], None))
    if data_class is not None and issubclass(data_class, Model):
        data = decode(data_class, data)
    return event_class(
        contract=contract,
        type=kind,
        id=delivery,
        timestamp=timestamp,
        scheme=scheme,
        data=data,
        payload=payload,
    )


def _contract_of(headers: SignedHeaders) -> ContractName | None:
    names = ("signature", "event", "delivery")
    found = (contract for contract, prefix in _PREFIXES.items() if any(headers.has(prefix + name) for name in names))
    return next(found, None)


def _contract_by_body(payload: dict[str, Any]) -> ContractName:
    if isinstance(payload.get("type"), str) and "data" in payload:
        return "native"
    if isinstance(payload.get("event"), str):
        return "vendorPad" if "data" in payload else "leadRescue"
    return "revenueDefenders"


def _raw(body: bytes | str) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise ConfigurationError(
        "The body must be that of the request, as bytes or text, before it is parsed: await request.body() in FastAPI, "
        "request.body in Django, request.get_data() in Flask."
    )


def _secrets(secret: str | Sequence[str]) -> list[str]:
    given = [secret] if isinstance(secret, str) else list(secret)
    secrets = [one.strip() for one in given if isinstance(one, str)]
    if not secrets or not all(secrets) or len(secrets) != len(given):
        raise ConfigurationError(
            "The webhook secret is empty. Pass the secret that was shown when the subscription was made."
        )
    return secrets


def _standard_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError("The webhook secret is malformed: it is whsec_ and base64. Copy it again.") from None


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise WebhookVerificationError(
            "The body is signed, but is no JSON object.",
            reason="malformed_body",
            advice="Answer with 400; the sender is not Leadhouse, although it knows the secret.",
        )
    return cast("dict[str, Any]", payload)


def _timestamp(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_TIMESTAMP_DIGITS):
        raise _malformed(name, "seconds since 1970")
    return int(text)


def _check_age(timestamp: int, tolerance: float, now: float) -> None:
    age = now - timestamp
    if age > tolerance:
        raise WebhookVerificationError(
            f"The delivery is {age:.0f} s old, more than {tolerance:.0f} s.",
            reason="timestamp_too_old",
            advice="It may be a replay. If not, check the clock of this machine, or raise tolerance.",
        )
    if -age > tolerance:
        raise WebhookVerificationError(
            f"The delivery is {-age:.0f} s in the future, more than {tolerance:.0f} s.",
            reason="timestamp_too_new",
            advice="Check the clock of this machine.",
        )


def _standard_signature(part: str) -> bytes | None:
    version, _, text = part.partition(",")
    try:
        return base64.b64decode(text, validate=True) if version == "v1" else None
    except (binascii.Error, ValueError):
        return None


def _matches(given: bytes, message: bytes, secrets: Iterable[str], key_of: Callable[[str], bytes]) -> bool:
    # All secrets are tried, so that the time does not tell which one fits.
    return any([hmac.compare_digest(_hmac(key_of(secret), message), given) for secret in secrets])


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _no_match(name: str) -> WebhookVerificationError:
    return WebhookVerificationError(
        f"The signature in {name} is not that of this body and secret.",
        reason="no_matching_signature",
        advice=_OTHER_SECRET,
    )


def _malformed(name: str, accepted: str) -> WebhookVerificationError:
    return WebhookVerificationError(
        f"The header {name} is malformed: it must be {accepted}.",
        reason="malformed_header",
        advice="Check that your framework or proxy passes it on unchanged.",
    )


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None
