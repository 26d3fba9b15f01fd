"""Errors: their texts, and that they survive being sent to another process."""

from __future__ import annotations

import pickle

import pytest

import leadhouse
from leadhouse import ApiError, FieldError, LeadhouseError, RateLimitError, ValidationError
from leadhouse._http import HttpResponse
from leadhouse._responses import error_of, retry_after_of


def answered(status: int, body: str, **headers: str) -> ApiError:
    return error_of(
        HttpResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode())
    )


def test_every_error_says_what_to_do() -> None:
    for name in leadhouse.__all__:
        kind = getattr(leadhouse, name)
        bases = (LeadhouseError, leadhouse.ConfigurationError, leadhouse.WebhookVerificationError)
        if isinstance(kind, type) and issubclass(kind, LeadhouseError) and kind not in bases:
            assert kind.advice, name


def test_errors_are_pickled() -> None:
    error = answered(429, '{"error": "Rate limit exceeded."}', retry_after="17", x_request_id="r1")
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is RateLimitError
    assert (str(copied), copied.retry_after, copied.request_id) == (str(error), 17, "r1")
    assert "Wait 17 s." in str(copied)
    verification = leadhouse.WebhookVerificationError("m", reason="missing_header", advice="a")
    assert pickle.loads(pickle.dumps(verification)).reason == "missing_header"


def test_the_text_names_fields_and_request() -> None:
    details = '[{"field": "email", "message": "is bad"}]'
    body = f'{{"error": {{"code": "INVALID_REQUEST", "message": "Invalid", "details": {details}}}}}'
    error = answered(400, body, x_request_id="r1")
    assert type(error) is ValidationError
    assert error.fields == (FieldError("email", "is bad"),)
    assert str(error).startswith("400 INVALID_REQUEST: Invalid (email: is bad) [request id r1]")


def test_fields_of_the_other_contracts_are_read() -> None:
    error = answered(400, '{"error": {"code": "X", "message": "m", "fields": {"phone": "why"}, "request_id": "r"}}')
    assert (error.fields, error.request_id) == ((FieldError("phone", "why"),), "r")


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "5", '{"error": null}', '{"error": {}}', '{"error": {"message": 5}}', "\xff", "[" * 200_000],
)
def test_no_body_breaks_the_error(body: str) -> None:
    for status in (300, 400, 418, 429, 502, 599):
        error = answered(status, body)
        assert error.status_code == status
        assert str(error)


@pytest.mark.parametrize(
    ("header", "expected"),
    [("5", 5), (" 5 ", 5), ("", None), ("soon", None), ("-5", None), ("1.5", None), ("٥", None)],
)
def test_retry_after(header: str, expected: float | None) -> None:
    assert retry_after_of(HttpResponse(429, {"retry-after": header}, b"")) == expected


def test_retry_after_as_a_date() -> None:
    past = "Sun, 06 Nov 1994 08:49:37 GMT"
    assert retry_after_of(HttpResponse(429, {"retry-after": past}, b"")) == 0
    future = retry_after_of(HttpResponse(429, {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, b""))
    assert future is not None
    assert future > 1e9
