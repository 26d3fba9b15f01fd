"""Headers of requests: those of the SDK, and those that callers add."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .errors import ConfigurationError

RESERVED_HEADERS: Final = {
    "authorization": "pass api_key",
    "idempotency-key": "pass idempotency_key",
    "x-idempotency-key": "pass idempotency_key",
    "content-type": "every body is JSON",
    "content-length": "it follows from the body",
}
"""Headers that only the SDK sets, with what callers do instead of passing them."""


def merge_headers(*groups: Mapping[str, str]) -> dict[str, str]:
    """Returns all headers; later ones override earlier ones of the same name in any letter case."""
    merged: dict[str, tuple[str, str]] = {}
    for group in groups:
        merged.update({name.lower(): (name, value) for name, value in group.items()})
    return dict(merged.values())


def checked_extra_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Returns the headers that a caller adds. Raises ConfigurationError if one is reserved."""
    for name in headers or {}:
        if instead := RESERVED_HEADERS.get(name.lower()):
            raise ConfigurationError(f"headers must not have {name}: {instead}.")
    return dict(headers or {})


def check_values(headers: Mapping[str, Any]) -> None:
    """Raises ConfigurationError if a header cannot be sent."""
    for name, value in headers.items():
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            # The value is not repeated: it may be a secret.
            raise ConfigurationError(f"The header {name} must be visible ASCII characters.")
