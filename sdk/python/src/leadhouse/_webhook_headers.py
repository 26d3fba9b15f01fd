"""Headers of a request, in whatever form a framework has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

from .errors import WebhookVerificationError

HeaderPairs: TypeAlias = Iterable[tuple[str | bytes, str | bytes]]


@runtime_checkable
class HasMultiItems(Protocol):
    """Headers of Starlette, FastAPI and httpx."""

    def multi_items(self) -> list[tuple[str, str]]:
        """Returns all headers, those that are sent twice too."""
        ...


Headers: TypeAlias = Mapping[str, Any] | HasMultiItems | HeaderPairs
"""A mapping (of Django, Flask, FastAPI, aiohttp, WSGI's `environ`), or a list of pairs of texts or bytes (of ASGI)."""


class SignedHeaders:
    """The headers of a delivery, found by lower-case name."""

    def __init__(self, headers: Headers) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in _pairs(headers):
            lower = _text(name).lower().replace("_", "-")
            # WSGI and CGI call the header `webhook-id` HTTP_WEBHOOK_ID.
            values = value if isinstance(value, (list, tuple)) else [value]
            self._values.setdefault(lower.removeprefix("http-"), []).extend(_text(one) for one in values)

    def has(self, name: str) -> bool:
        """Returns whether the header was sent."""
        return name in self._values

    def optional(self, name: str) -> str | None:
        """Returns the header; None if it was not sent, or is empty. Raises WebhookVerificationError if it was sent more
        than once.
        """
        values = self._values.get(name)
        return self.required(name) if values and any(value.strip() for value in values) else None

    def required(self, name: str) -> str:
        """Returns the header. Raises WebhookVerificationError if it was not sent, or more than once."""
        values = self._values.get(name)
        if not values or not any(value.strip() for value in values):
            raise WebhookVerificationError(
                f"The header {name} is missing or empty.",
                reason="missing_header",
                advice="Check that your framework or proxy passes it on, and that the request comes from Leadhouse.",
            )
        # Servers fold a header that is sent twice into one value. No value of these has a comma followed by a space,
        # and only signatures of Standard Webhooks have a comma.
        value = values[0].strip()
        if len(values) > 1 or ", " in value or ("," in value and name != "webhook-signature"):
            raise WebhookVerificationError(
                f"The header {name} is there more than once.",
                reason="duplicate_header",
                advice="Leadhouse sends each header once: something between it and you has added one.",
            )
        return value


def _pairs(headers: Headers) -> Iterable[tuple[str | bytes, Any]]:
    if isinstance(headers, HasMultiItems):
        return headers.multi_items()
    getlist = getattr(headers, "getlist", None)
    if isinstance(headers, Mapping):
        # Django's and Werkzeug's mappings show only one of several values in items().
        return [
            (name, getlist(name) if getlist else value)
            for name, value in headers.items()
            if isinstance(name, (str, bytes))
        ]
    return [(name, value) for name, value in headers]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
