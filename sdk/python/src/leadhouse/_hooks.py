"""Hooks that are called for each attempt, for logs, metrics and traces.

No event holds the API key, a body, a query or a header, so that everything in it may be logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Event = TypeVar("Event")

logger = logging.getLogger("leadhouse")


@dataclass(frozen=True)
class RequestEvent:
    """An attempt begins."""

    method: str
    """HTTP method."""
    path: str
    """Path, without the query; `{uploadUrl}` for the sending of an evidence file."""
    attempt: int
    """Number of the attempt, from 1."""


@dataclass(frozen=True)
class ResponseEvent:
    """An attempt has ended: with a response, or with a broken connection."""

    method: str
    """HTTP method."""
    path: str
    """Path, without the query; `{uploadUrl}` for the sending of an evidence file."""
    attempt: int
    """Number of the attempt, from 1."""
    status_code: int | None
    """HTTP status; None if there was no response."""
    request_id: str | None
    """Id of the request in the logs of the service."""
    error: str | None
    """Name of the error if there was no response, such as `ConnectError`."""
    duration: float
    """Seconds."""


@dataclass(frozen=True)
class RetryEvent:
    """The request will be sent again."""

    method: str
    """HTTP method."""
    path: str
    """Path, without the query; `{uploadUrl}` for the sending of an evidence file."""
    attempt: int
    """Number of the attempt that failed, from 1."""
    delay: float
    """Seconds until the next attempt."""
    reason: str
    """Status, or name of the error."""


def _call(hook: Callable[[Event], None] | None, event: Event) -> None:
    if hook is None:
        return
    try:
        hook(event)
    except Exception:  # A fault in a hook must not lose the response of the call that it watches.
        logger.exception("a hook failed")


@dataclass(frozen=True)
class Hooks:
    """Functions that are called with each event. An exception of theirs is logged, and changes nothing."""

    on_request: Callable[[RequestEvent], None] | None = None
    on_response: Callable[[ResponseEvent], None] | None = None
    on_retry: Callable[[RetryEvent], None] | None = None

    def request(self, event: RequestEvent) -> None:
        """Calls the hook of the beginning of an attempt."""
        _call(self.on_request, event)

    def response(self, event: ResponseEvent) -> None:
        """Calls the hook of the end of an attempt, and logs it."""
        outcome = event.status_code if event.error is None else event.error
        message = "%s %s: %s in %.0f ms (attempt %d, request id %s)"
        logger.debug(message, event.method, event.path, outcome, event.duration * 1000, event.attempt, event.request_id)
        _call(self.on_response, event)

    def retry(self, event: RetryEvent) -> None:
        """Calls the hook of another attempt to come, and logs it."""
        message = "%s %s: %s, next attempt in %.1f s"
        logger.info(message, event.method, event.path, event.reason, event.delay)
        _call(self.on_retry, event)
