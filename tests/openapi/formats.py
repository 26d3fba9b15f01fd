"""Extensions of schemathesis: values of formats that only the service makes, and the signature of inbound events."""

import hashlib
import hmac
import os

import schemathesis
from hypothesis import strategies

# A cursor is that of the page before, and none is the first page.
schemathesis.openapi.format("cursor", strategies.just(""))


class Signature:
    """Signs the body that is sent, as a messaging provider does."""

    def __init__(self, secret):
        self.secret = secret.encode()

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        digest = hmac.new(self.secret, body, hashlib.sha256).hexdigest()
        request.headers["X-Signature"] = f"sha256={digest}"
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    """Signs inbound events, unless the test is about the signature itself."""
    secret = os.environ.get("LEADHOUSE_INBOUND_SECRET")
    is_signed = case.headers is not None and "X-Signature" in case.headers
    if secret and is_signed and case.operation.path.endswith("/webhooks/inbound"):
        kwargs["auth"] = Signature(secret)
