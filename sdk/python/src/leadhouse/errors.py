"""Exceptions of the SDK. All of them derive from `LeadhouseError`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class LeadhouseError(Exception):
    """Base class of all exceptions of the SDK."""

    advice: str = ""
    """What to do about it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions cross process boundaries in task queues; the default would call the class with the message alone.
        return (_restore, (type(self), self.args, self.__dict__))


def _restore(kind: type[LeadhouseError], args: tuple[Any, ...], state: dict[str, Any]) -> LeadhouseError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(LeadhouseError, ValueError):
    """An option or argument, such as the API key, the base URL or an id, is missing or malformed. Nothing was sent."""


class ApiConnectionError(LeadhouseError):
    """The server could not be reached, or the connection broke before the response was complete."""

    advice = (
        "Check the base URL and the network. The request may have had its effect: repeat it with its idempotency key."
    )

    def __init__(self, message: str, *, idempotency_key: str | None = None, attempts: int = 1) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key
        """Key of the request, with which it can be repeated safely; None for GET and DELETE."""
        self.attempts = attempts
        """Number of requests that were sent."""


class ApiTimeoutError(ApiConnectionError):
    """The server did not answer in time."""

    advice: str = "Raise `timeout`, or repeat the request with its idempotency key: it may have had its effect."


@dataclass(frozen=True)
class FieldError:
    """One invalid field or parameter."""

    field: str
    """Name of the field as it is sent, such as `email`, `utm.source` or `leads[3].email`."""
    message: str
    """What is wrong, and what is accepted."""


class ApiError(LeadhouseError):
    """The server answered with an error."""

    advice: str = "Quote the request id to support."

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: str | None = None,
        request_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        fields: tuple[FieldError, ...] = (),
        retry_after: float | None = None,
        idempotency_key: str | None = None,
        attempts: int = 1,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        """HTTP status."""
        self.code = code
        """Code of the error, such as `INVALID_REQUEST`; None where the contract has none."""
        self.request_id = request_id
        """Id of the request in the logs of the service."""
        self.headers: dict[str, str] = {name.lower(): value for name, value in (headers or {}).items()}
        """Headers of the response, with lower-case names."""
        self.body = body
        """The body: parsed if it was JSON, otherwise the beginning of its text."""
        self.fields = fields
        """The invalid fields."""
        self.retry_after = retry_after
        """Seconds after which the request may be repeated, if the server said so."""
        self.idempotency_key = idempotency_key
        """Key of the request; None for GET and DELETE."""
        self.attempts = attempts
        """Number of requests that were sent."""

    def __str__(self) -> str:
        named = "; ".join(f"{error.field}: {error.message}" for error in self.fields)
        parts = [f"{self.status_code} {self.code}:" if self.code else f"{self.status_code}:", self.message]
        if named:
            parts.append(f"({named})")
        if self.request_id:
            parts.append(f"[request id {self.request_id}]")
        parts.append(self.advice)
        return " ".join(part for part in parts if part)


class ValidationError(ApiError):
    """The request is invalid (400). `fields` names each invalid field."""

    advice: str = "Correct the request; sending it again unchanged fails again."


class InvalidCursorError(ValidationError):
    """The cursor is malformed, or belongs to another list, filter, key or environment (400)."""

    advice: str = "Start the list again without a cursor."


class AuthenticationError(ApiError):
    """The API key is missing, unknown, expired or revoked (401)."""

    advice = (
        "Check that the whole key was copied, that it is not revoked, and that the base URL is that of its deployment."
    )


class PermissionDeniedError(ApiError):
    """The API key may not do this (403): it lacks a scope, or the business is not its own."""

    advice: str = "Use a key that has the scope, or create one with POST /v2/keys."


class NotFoundError(ApiError):
    """There is no such resource, or the key may not see it (404)."""

    advice: str = "Check the id, and that the key belongs to the same tenant, environment (live or test) and business."


class RequestTimeoutError(ApiError):
    """The request did not arrive, or was not processed, in time (408). It may have had its effect."""

    advice: str = "The request may have had its effect: repeat it with its idempotency key."


class ConflictError(ApiError):
    """The request contradicts the state of the resource (409)."""

    advice: str = "Read the resource again before you decide what to do."


class GoneError(ApiError):
    """What the request created has been erased since (410)."""

    advice: str = "Use a new idempotency key to create it anew."


class PreconditionFailedError(ApiError):
    """The resource has changed since the version in `if_match` (412)."""

    advice: str = "Read the resource again, apply the change to it, and send its new ETag."


class PayloadTooLargeError(ApiError):
    """The body is too large (413)."""

    advice: str = "Send less at once, such as smaller batches."


class IdempotencyError(ApiError):
    """The idempotency key was used with another body (422)."""

    advice: str = "Use one idempotency key for one request only."


class RateLimitError(ApiError):
    """A rate limit of the key is exceeded (429). `retry_after` has the seconds to wait."""

    advice: str = "Send fewer requests, or raise `max_retries` and `max_retry_after`."

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, **details)
        if self.retry_after is not None:
            self.advice = f"Wait {self.retry_after:g} s. {type(self).advice}"


class ServerError(ApiError):
    """The service failed, or is temporarily unavailable (5xx)."""

    advice: str = "Repeat the request later, with its idempotency key. Quote the request id to support."


class UnexpectedResponseError(ApiError):
    """The response is not Leadhouse's: HTML with status 200, a redirect, JSON of another form, a repeated cursor."""

    advice: str = "Check the base URL, and any proxy between you and it."


class UploadError(LeadhouseError):
    """Evidence was created, but its file was not accepted, or not processed in time. The text says what to do: in most
    cases to call `upload` again with the same arguments and `idempotency_key`, which continues with the same evidence.
    """

    advice: str = "Call upload again with the same arguments and idempotency key."

    def __init__(
        self,
        message: str,
        *,
        evidence: Any,
        idempotency_key: str,
        status_code: int | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message)
        self.evidence = evidence
        """The evidence as it was last seen."""
        self.idempotency_key = idempotency_key
        """Idempotency key of the upload, given or generated."""
        self.status_code = status_code
        """HTTP status of the file storage; None if it did not respond, or accepted the file."""
        if advice is not None:
            self.advice = advice


class WebhookVerificationError(LeadhouseError):
    """A webhook is not genuine, or cannot be verified. Answer it with 400 or 401 and ignore its content."""

    def __init__(self, message: str, *, reason: str, advice: str) -> None:
        super().__init__(message)
        self.reason = reason
        """One of `missing_header`, `duplicate_header`, `malformed_header`, `timestamp_too_old`, `timestamp_too_new`,
        `no_matching_signature`, `conflicting_headers`, `wrong_contract` and `malformed_body`."""
        self.advice = advice


def error_class(status_code: int) -> type[ApiError]:
    """Returns the class of the errors with this status."""
    if status_code in _CLASSES:
        return _CLASSES[status_code]
    return ServerError if status_code >= 500 else ApiError


_CLASSES: dict[int, type[ApiError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: RequestTimeoutError,
    409: ConflictError,
    410: GoneError,
    412: PreconditionFailedError,
    413: PayloadTooLargeError,
    422: IdempotencyError,
    429: RateLimitError,
}
