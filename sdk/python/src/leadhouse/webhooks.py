"""Verification of webhooks, and signing for the tests of a receiver.

`verify_webhook` accepts every scheme: the headers of Standard Webhooks, which each delivery has, and the header of each
contract. Signatures are compared in constant time.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Sequence
from typing import Any, Literal, cast

from ._model import Model, decode
from ._webhook_event import ContractName, Scheme, WebhookEvent
from ._webhook_headers import Headers, SignedHeaders
from ._webhook_signatures import (
    HEX_SIGNATURE,
    OWNERSHIP_CHALLENGE,
    PREFIXES,
    STANDARD_HEADERS,
    Proof,
    checked_secrets,
    contract_of,
    hmac_sha256,
    matches,
    raw_bytes,
    standard_key,
    verify_contract,
    verify_standard,
)
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
_EVENTS: dict[ContractName, dict[str, tuple[type[WebhookEvent[object]], type]]] = {
    "native": native_events.EVENTS,
    "revenueDefenders": revenue_defenders_events.EVENTS,
    "leadRescue": lead_rescue_events.EVENTS,
    "vendorPad": vendor_pad_events.EVENTS,
}


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
        ConfigurationError: The secret is empty or malformed, or the tolerance is not a number of seconds.
    """
    raw = raw_bytes(body)
    secrets = checked_secrets(secret)
    if not tolerance >= 0:  # Neither is NaN, with which no time would be too old.
        raise ConfigurationError("tolerance must be a number of seconds, at least 0.")
    signed = SignedHeaders(headers)
    clock = time.time() if now is None else now
    by_headers = contract_of(signed)
    is_standard = scheme == "standard" or (scheme == "auto" and any(signed.has(name) for name in STANDARD_HEADERS))
    proof = (verify_standard if is_standard else verify_contract)(signed, raw, secrets, tolerance, clock)
    payload = _payload(raw)
    by_body = _contract_of_body(payload)
    # What is signed goes before headers, which anybody on the way can add.
    found = proof.contract or by_body or by_headers or _default_contract(payload)
    if contract is not None and found != contract:
        raise WebhookVerificationError(
            f"The delivery is one of the contract {found}, not {contract}.",
            reason="wrong_contract",
            advice="Register the endpoint with the contract that it expects.",
        )
    # The type of Revenue Defenders stands in a header alone. It is none of theirs if the body is of another contract.
    named = signed.optional(f"{PREFIXES[found]}event") if found == "revenueDefenders" and by_body is None else None
    return _event(found, signed, payload, proof, named)


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
    match = HEX_SIGNATURE.fullmatch((signature_header or "").strip())
    if match is None:
        return False
    return matches(bytes.fromhex(match[2]), raw_bytes(raw_body), checked_secrets(secret), str.encode)


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
    raw, seconds = raw_bytes(body), str(int(time.time()) if timestamp is None else timestamp)
    delivery = id if id is not None else str(uuid.uuid4())
    key, prefix = checked_secrets(secret)[0], PREFIXES[contract]
    own = hmac_sha256(key.encode(), f"{seconds}.".encode() + raw if contract == "vendorPad" else raw).hex()
    standard = hmac_sha256(standard_key(key), f"{delivery}.{seconds}.".encode() + raw)
    headers = {
        "content-type": "application/json",
        f"{prefix}signature": own if contract == "native" else f"sha256={own}",
        f"{prefix}event": type,
        f"{prefix}delivery": delivery,
        "webhook-id": delivery,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(standard).decode()}",
    }
    return {**headers, f"{prefix}timestamp": seconds} if contract == "vendorPad" else headers


def _event(
    contract: ContractName,
    headers: SignedHeaders,
    payload: dict[str, Any],
    proof: Proof,
    named: str | None,
) -> WebhookEvent[object]:
    prefix = PREFIXES[contract]
    has_data = contract in ("native", "vendorPad")
    kind: str | None
    if payload.get("type") == OWNERSHIP_CHALLENGE:
        kind = OWNERSHIP_CHALLENGE
    elif contract == "revenueDefenders":
        kind = named
    else:
        kind = _text_or_none(payload.get("type" if contract == "native" else "event"))
    delivery = proof.message_id or headers.optional(f"{prefix}delivery")
    if delivery is None and has_data:
        delivery = _text_or_none(payload.get("id"))
    data = payload.get("data", payload) if has_data else payload
    event_class, data_class = _EVENTS[contract].get(kind or "", (WebhookEvent[object], None))
    if data_class is not None and issubclass(data_class, Model):
        data = decode(data_class, data)
    return event_class(
        contract=contract,
        type=kind,
        id=delivery,
        timestamp=proof.timestamp,
        scheme=proof.scheme,
        data=data,
        payload=payload,
    )


def _contract_of_body(payload: dict[str, Any]) -> ContractName | None:
    """Returns the contract of a body by the fields that only bodies of the contract have. None for the resources of
    Revenue Defenders, which have none, and for the challenge, which is the same in every contract.
    """
    if payload.get("type") == OWNERSHIP_CHALLENGE:
        return None
    if isinstance(payload.get("type"), str) and "data" in payload:
        return "native"
    if not isinstance(payload.get("event"), str):
        return None
    return "vendorPad" if "data" in payload else "leadRescue"


def _default_contract(payload: dict[str, Any]) -> ContractName:
    """Returns the contract where neither the body nor a header says which it is."""
    return "native" if payload.get("type") == OWNERSHIP_CHALLENGE else "revenueDefenders"


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise WebhookVerificationError(
            "The body is signed, but is no JSON object.",
            reason="malformed_body",
            advice="Answer with 400; the sender is not Leadhouse, although it knows the secret.",
        )
    return cast("dict[str, Any]", payload)


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None
