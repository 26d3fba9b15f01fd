"""Turns responses into errors and values."""

from __future__ import annotations

import email.utils
from datetime import datetime, timezone
from typing import Any

from ._http import HttpResponse
from .errors import (
    ApiError,
    FieldError,
    InvalidCursorError,
    UnexpectedResponseError,
    ValidationError,
    error_class,
)

MAX_EXCERPT = 500
"""Characters of a body that is not JSON that an error keeps: enough to recognise the page of a proxy."""


def error_of(response: HttpResponse) -> ApiError:
    """Returns the error that a response reports."""
    body, is_json = _parsed(response)
    message, code, fields = _error_parts(body) if is_json else (None, None, ())
    if message is None:
        return unexpected(response, body)
    kind = error_class(response.status_code)
    # Revenue Defenders' errors are a text that names the field.
    named = [error.field for error in fields] or message.split(" ", 1)[:1]
    if kind is ValidationError and "cursor" in named:
        kind = InvalidCursorError
    return kind(message, code=code, fields=fields, **_details(response, body))


def body_of(response: HttpResponse) -> Any:
    """Returns the parsed body of a successful response. Raises UnexpectedResponseError if it is not JSON."""
    body, is_json = _parsed(response)
    if not is_json:
        raise unexpected(response, body)
    return body


def unexpected(response: HttpResponse, body: Any) -> ApiError:
    """Returns the error for a response that did not come from Leadhouse."""
    status = response.status_code
    kind = response.headers.get("content-type", "no content type").split(";")[0]
    message = f"The response ({kind}) did not come from Leadhouse: a proxy or another server answered."
    if 300 <= status < 400:
        where = response.headers.get("location", "elsewhere").split("?")[0]
        message = f"The server redirects to {where}. Redirects are not followed, because they would lose key or body."
    kind_of_error = UnexpectedResponseError if status < 400 else error_class(status)
    return kind_of_error(message, **_details(response, body))


def repeated_cursor(response: HttpResponse, what: str) -> UnexpectedResponseError:
    """Returns the error for a page after which a list would never end: it gives the cursor that it was asked for."""
    return UnexpectedResponseError(
        f"The server answered with the {what} that it was asked for.",
        status_code=response.status_code,
        request_id=response.request_id,
        headers=response.headers,
        attempts=response.attempts,
    )


def retry_after_of(response: HttpResponse) -> float | None:
    """Returns the seconds of the response's `Retry-After`: a number, or an HTTP date. None if it has none."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
    return max(0.0, (at - datetime.now(timezone.utc)).total_seconds())


def _details(response: HttpResponse, body: Any) -> dict[str, Any]:
    return {
        "status_code": response.status_code,
        "request_id": response.request_id or _request_id_in(body),
        "headers": response.headers,
        "body": body,
        "retry_after": retry_after_of(response),
        "idempotency_key": response.idempotency_key,
        "attempts": response.attempts,
    }


def _parsed(response: HttpResponse) -> tuple[Any, bool]:
    try:
        return response.json(), True
    except (ValueError, RecursionError):
        return response.content.decode("utf-8", errors="replace")[:MAX_EXCERPT], False


def _error_parts(body: Any) -> tuple[str | None, str | None, tuple[FieldError, ...]]:
    """Reads the error bodies of all contracts, and `{"message"}` of the gateway."""
    error = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(error, str):
        return error, None, ()
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return None, None, ()
    code = error.get("code")
    return error["message"], code if isinstance(code, str) else None, _fields(error)


def _fields(error: dict[str, Any]) -> tuple[FieldError, ...]:
    named = error.get("fields")
    if isinstance(named, dict):
        return tuple(FieldError(str(field), str(message)) for field, message in named.items())
    details = error.get("details")
    entries = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    return tuple(FieldError(str(one.get("field", "")), str(one.get("message", ""))) for one in entries)


def _request_id_in(body: Any) -> str | None:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    found = error.get("requestId", error.get("request_id"))
    return found if isinstance(found, str) else None
