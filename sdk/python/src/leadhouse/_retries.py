"""The life of one request: its attempts, the waits between them, and its outcome. It does no I/O itself, so that the
synchronous and the asynchronous client share it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import httpx

from ._hooks import RequestEvent, ResponseEvent, RetryEvent
from ._http import HttpResponse, Request
from ._responses import error_of, retry_after_of
from ._settings import Settings
from .errors import ApiConnectionError, ApiTimeoutError, ConfigurationError

RETRIED_STATUSES = frozenset({408, 429})
"""Statuses below 500 that are always retried. A 409 is retried if it has `Retry-After`."""
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Errors before there is a connection: the request cannot have had an effect."""


class RetryLoop:
    """One request and its attempts."""

    def __init__(
        self, request: Request, settings: Settings, random_number: Callable[[], float] = random.random
    ) -> None:
        self.request = request
        self._settings = settings
        self._random_number = random_number
        self._attempt = 0
        self._began = 0.0
        self._is_outcome_unknown = False

    def begin_attempt(self) -> None:
        """Begins an attempt."""
        self._attempt += 1
        self._began = time.monotonic()
        self._settings.hooks.request(RequestEvent(self.request.method, self.request.path, self._attempt))

    def on_connection_error(self, error: Exception) -> float:
        """Ends an attempt without a response. Returns the seconds until the next, or raises ApiConnectionError."""
        self._notify_response(None, None, type(error).__name__)
        if isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)):
            raise ConfigurationError(f"The request could not be sent: {error}.") from error
        if self._attempt > self.request.max_retries or _is_certificate_error(error):
            raise self._connection_error(error) from error
        self._is_outcome_unknown = self._is_outcome_unknown or not isinstance(error, NOTHING_SENT)
        return self._wait(self._backoff(), type(error).__name__)

    def on_response(self, status_code: int, headers: list[tuple[str, str]], content: bytes) -> HttpResponse | float:
        """Ends an attempt. Returns the response, or the seconds until the next attempt, or raises ApiError."""
        joined = _join_repeated(headers)
        key = self.request.idempotency_key
        response = HttpResponse(status_code, joined, content, self._attempt, key)
        self._notify_response(status_code, response.request_id, None)
        # The attempt before may have deleted it without its response having arrived.
        deleted_before = self.request.method == "DELETE" and status_code == 404 and self._is_outcome_unknown
        if 200 <= status_code < 300 or deleted_before:
            return response
        delay = self._delay_after(response)
        if delay is None:
            raise error_of(response)
        # After 408 too: a proxy or the server gave up waiting at an unknown point.
        self._is_outcome_unknown = self._is_outcome_unknown or status_code >= 500 or status_code == 408
        return self._wait(delay, str(status_code))

    def _delay_after(self, response: HttpResponse) -> float | None:
        asked = retry_after_of(response)
        status = response.status_code
        retried = status in RETRIED_STATUSES or status >= 500 or (status == 409 and asked is not None)
        if not retried or self._attempt > self.request.max_retries:
            return None
        # Waiting longer than the caller allows would only hide the error.
        if asked is not None and asked > self._settings.max_retry_after:
            return None
        # Also after `Retry-After`: jitter keeps callers apart that were rejected together.
        return (asked or 0.0) + self._backoff()

    def _backoff(self) -> float:
        # Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        settings = self._settings
        bound: float = min(settings.max_retry_delay, settings.initial_retry_delay * 2 ** (self._attempt - 1))
        return self._random_number() * bound

    def _wait(self, delay: float, reason: str) -> float:
        request = self.request
        self._settings.hooks.retry(RetryEvent(request.method, request.path, self._attempt, delay, reason))
        return delay

    def _notify_response(self, status_code: int | None, request_id: str | None, error: str | None) -> None:
        request, duration = self.request, time.monotonic() - self._began
        event = ResponseEvent(request.method, request.path, self._attempt, status_code, request_id, error, duration)
        self._settings.hooks.response(event)

    def _connection_error(self, error: Exception) -> ApiConnectionError:
        key, attempts = self.request.idempotency_key, self._attempt
        if isinstance(error, (httpx.TimeoutException, TimeoutError)):
            limit = f"{self.request.timeout * 1000:g} ms"
            message = f"No complete response within {limit} ({_attempts_text(attempts)})."
            return ApiTimeoutError(message, idempotency_key=key, attempts=attempts)
        # Without path and query: those of an upload hold a signature.
        host = httpx.URL(self.request.url).netloc.decode()
        cause = str(error) or type(error).__name__
        message = f"No response from {host}: {cause} ({_attempts_text(attempts)})."
        return ApiConnectionError(message, idempotency_key=key, attempts=attempts)


def _join_repeated(headers: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        joined[lower] = f"{joined[lower]}, {value}" if lower in joined else value
    return joined


def _is_certificate_error(error: BaseException | None) -> bool:
    while error is not None:
        if type(error).__name__ == "SSLCertVerificationError":
            return True
        error = error.__cause__ or error.__context__
    return False


def _attempts_text(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"
