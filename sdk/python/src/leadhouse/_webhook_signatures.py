"""Signatures of webhooks: the headers of Standard Webhooks, and the header of each contract."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from ._webhook_event import ContractName, Scheme
from ._webhook_headers import SignedHeaders
from .errors import ConfigurationError, WebhookVerificationError

MAX_TIMESTAMP = 253_402_300_799
"""Seconds since 1970 of the last second that `datetime` knows, in the year 9999."""
STANDARD_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
PREFIXES: dict[ContractName, str] = {
    "revenueDefenders": "x-revenuedefenders-",
    "leadRescue": "x-leadrescue-",
    "vendorPad": "x-vendorpad-",
    "native": "x-",
}
OWNERSHIP_CHALLENGE = "webhook.verification"
"""Type of the request that asks an endpoint to confirm its subscription. Its body is the same in every contract."""
HEX_SIGNATURE = re.compile(r"(sha256=)?([0-9a-fA-F]{64})")


@dataclass(frozen=True)
class Proof:
    """Facts that a signature proves."""

    scheme: Scheme
    contract: ContractName | None
    """Contract whose signature was verified; None for Standard Webhooks, whose headers no contract has to itself."""
    message_id: str | None
    """Signed id; None where the scheme signs none."""
    timestamp: datetime | None
    """Signed time of the attempt; None where the scheme signs none."""


def verify_standard(headers: SignedHeaders, body: bytes, secrets: list[str], tolerance: float, now: float) -> Proof:
    """Verifies the headers of Standard Webhooks."""
    message_id, text, signatures = (headers.required(name) for name in STANDARD_HEADERS)
    timestamp = _timestamp("webhook-timestamp", text)
    given = [decoded for part in signatures.split() if (decoded := _standard_signature(part)) is not None]
    # As it was received: frameworks decode headers with other bytes than ASCII to surrogates.
    message = f"{message_id}.{text}.".encode("utf-8", "surrogatepass") + body
    # All are compared, so that the time tells nothing about which one fits.
    if True not in [matches(one, message, secrets, standard_key) for one in given]:
        raise _no_match("webhook-signature")
    _check_age(timestamp, tolerance, now)
    return Proof("standard", None, message_id, datetime.fromtimestamp(timestamp, timezone.utc))


def verify_contract(headers: SignedHeaders, body: bytes, secrets: list[str], tolerance: float, now: float) -> Proof:
    """Verifies the header of a contract."""
    contract = contract_of(headers)
    if contract is None or not headers.has(f"{PREFIXES[contract]}signature"):
        raise WebhookVerificationError(
            "The request has no signature: neither webhook-signature nor the header of a contract.",
            reason="missing_header",
            advice="Check that your proxy passes the headers on, and that the request comes from Leadhouse.",
        )
    name = f"{PREFIXES[contract]}signature"
    match = HEX_SIGNATURE.fullmatch(headers.required(name))
    timestamp, message = None, body
    if contract == "vendorPad":
        text = headers.required("x-vendorpad-timestamp")
        timestamp = _timestamp("x-vendorpad-timestamp", text)
        message = f"{text}.".encode() + body
    if match is None or not matches(bytes.fromhex(match[2]), message, secrets, str.encode):
        raise _no_match(name)
    if timestamp is None:
        return Proof("contract", contract, None, None)
    _check_age(timestamp, tolerance, now)
    return Proof("contract", contract, None, datetime.fromtimestamp(timestamp, timezone.utc))


def contract_of(headers: SignedHeaders) -> ContractName | None:
    """Returns the contract whose headers are there. Raises WebhookVerificationError if there are those of several."""
    names = ("signature", "event", "delivery")
    found: list[ContractName] = [
        contract for contract, prefix in PREFIXES.items() if any(headers.has(prefix + name) for name in names)
    ]
    if len(found) > 1:
        raise WebhookVerificationError(
            f"The request has headers of several contracts: {', '.join(found)}.",
            reason="conflicting_headers",
            advice="Leadhouse sends those of one contract: something between it and you has added the others.",
        )
    return found[0] if found else None


def raw_bytes(body: bytes | str) -> bytes:
    """Returns the bytes of a body. Raises ConfigurationError if it was parsed already."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise ConfigurationError(
        "The body must be that of the request, as bytes or text, before it is parsed: await request.body() in FastAPI, "
        "request.body in Django, request.get_data() in Flask."
    )


def checked_secrets(secret: str | Sequence[str]) -> list[str]:
    """Returns the secrets. Raises ConfigurationError if there is none, or an empty one."""
    # A missing environment variable is None, whatever the type says.
    given = [secret] if isinstance(secret, str) else list(secret or [])
    secrets = [one.strip() for one in given if isinstance(one, str)]
    if not secrets or not all(secrets) or len(secrets) != len(given):
        raise ConfigurationError(
            "The webhook secret is empty. Pass the secret that was shown when the subscription was made."
        )
    return secrets


def standard_key(secret: str) -> bytes:
    """Returns the key of Standard Webhooks: the bytes behind `whsec_`."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    # Anybody could sign with an empty key.
    if not key:
        raise ConfigurationError("The webhook secret is malformed: it is whsec_ and base64. Copy it again.")
    return key


def _timestamp(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise WebhookVerificationError(
            f"The header {name} is malformed: it must be seconds since 1970.",
            reason="malformed_header",
            advice="Check that your framework or proxy passes it on unchanged.",
        )
    # Longer numbers are as much too new as this one, and Python does not read thousands of digits.
    return int(text) if len(text) <= len(str(MAX_TIMESTAMP)) else MAX_TIMESTAMP


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


def matches(given: bytes, message: bytes, secrets: list[str], key_of: Callable[[str], bytes]) -> bool:
    """Returns whether a signature is that of one of the secrets."""
    # All are compared, so that the time tells nothing about which one fits.
    return True in [hmac.compare_digest(hmac_sha256(key_of(secret), message), given) for secret in secrets]


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """Returns the HMAC-SHA256 of a message."""
    return hmac.new(key, message, hashlib.sha256).digest()


def _no_match(name: str) -> WebhookVerificationError:
    return WebhookVerificationError(
        f"The signature in {name} is not that of this body and secret.",
        reason="no_matching_signature",
        advice="Verify the body byte for byte as it arrived, with the secret of this endpoint's subscription.",
    )
