"""Requests and responses as the core sees them, before and after httpx."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict


class RequestOptions(TypedDict, total=False):
    """Options of one request, which go before those of the client."""

    timeout: float
    """Seconds within which the response of each attempt must be complete."""
    max_retries: int
    """Maximum number of further attempts."""
    headers: Mapping[str, str]
    """Further headers. They replace those of the client and the SDK of the same name in any letter case;
    Authorization, Idempotency-Key, X-Idempotency-Key, Content-Type and Content-Length are rejected: only the SDK sets
    them."""
    query: Mapping[str, Any]
    """Further query parameters, with the names of the API."""
    body: Mapping[str, Any]
    """Further fields of the body, with the names of the API."""


@dataclass(frozen=True)
class RateLimit:
    """The window of the key's rate limit that has less remaining."""

    limit: int
    """Maximum number of requests in the window."""
    remaining: int
    """Number of requests that remain."""
    reset: int
    """End of the window, in seconds since 1970."""


@dataclass(frozen=True)
class HttpResponse:
    """A response as it was received."""

    status_code: int
    """HTTP status."""
    headers: Mapping[str, str]
    """Headers, with lower-case names."""
    content: bytes = field(repr=False)
    """The body."""
    attempts: int = 1
    """Number of requests that were sent for it."""
    idempotency_key: str | None = None
    """Idempotency key of the request; None for GET and DELETE."""

    @property
    def request_id(self) -> str | None:
        """Id of the request in the logs of the service: quote it to support."""
        return self.headers.get("x-request-id")

    @property
    def etag(self) -> str | None:
        """Version of the resource, for `if_match`."""
        return self.headers.get("etag")

    @property
    def is_replay(self) -> bool:
        """Whether this is the response of an earlier request with the same idempotency key."""
        return self.headers.get("idempotent-replayed") == "true"

    @property
    def rate_limit(self) -> RateLimit | None:
        """State of the key's rate limit; None for a key without limits."""
        names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
        values = [self.headers.get(name, "") for name in names]
        if not all(value.isdecimal() for value in values):
            return None
        limit, remaining, reset = map(int, values)
        return RateLimit(limit, remaining, reset)

    def json(self) -> Any:
        """Returns the parsed body. Raises ValueError if it is not JSON."""
        return json.loads(self.content)


@dataclass(frozen=True)
class Request:
    """A request, ready to be sent as often as needed."""

    method: str
    url: str = field(repr=False)
    path: str
    """Path without the query, for logs: the query may hold personal data."""
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    timeout: float
    max_retries: int
    idempotency_key: str | None = None
