"""Client of the Leadhouse API.

`Leadhouse` and `AsyncLeadhouse` speak the native contract, `RevenueDefenders` and `AsyncRevenueDefenders` that of
Revenue Defenders. `verify_webhook` verifies the webhooks of all contracts.

    from leadhouse import Leadhouse

    with Leadhouse(api_key="lh_live_…", base_url="http://127.0.0.1:8080") as lh:
        lead = lh.leads.create(name="Jane Smith", email="jane@example.com")
"""

from . import errors, events, lead_rescue, native, revenue_defenders, vendor_pad, webhooks
from ._client import AsyncClient, AsyncLeadhouse, AsyncRevenueDefenders, Client, Leadhouse, RevenueDefenders
from ._hooks import Hooks, RequestEvent, ResponseEvent, RetryEvent
from ._http import HttpResponse, RateLimit, RequestOptions
from ._model import Model
from ._pages import AsyncPage, Page
from ._version import __version__
from .errors import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    FieldError,
    GoneError,
    IdempotencyError,
    InvalidCursorError,
    LeadhouseError,
    NotFoundError,
    PayloadTooLargeError,
    PermissionDeniedError,
    PreconditionFailedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    UnexpectedResponseError,
    UploadError,
    ValidationError,
    WebhookVerificationError,
)
from .webhooks import WebhookEvent, sign_webhook, verify_webhook, verify_webhook_signature

create_client = RevenueDefenders
"""Makes a client of the Revenue Defenders contract, as `createClient` of its document does."""

__all__ = [
    "ApiConnectionError",
    "ApiError",
    "ApiTimeoutError",
    "AsyncClient",
    "AsyncLeadhouse",
    "AsyncPage",
    "AsyncRevenueDefenders",
    "AuthenticationError",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "FieldError",
    "GoneError",
    "Hooks",
    "HttpResponse",
    "IdempotencyError",
    "InvalidCursorError",
    "Leadhouse",
    "LeadhouseError",
    "Model",
    "NotFoundError",
    "Page",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "RateLimit",
    "RateLimitError",
    "RequestEvent",
    "RequestOptions",
    "RequestTimeoutError",
    "ResponseEvent",
    "RetryEvent",
    "RevenueDefenders",
    "ServerError",
    "UnexpectedResponseError",
    "UploadError",
    "ValidationError",
    "WebhookEvent",
    "WebhookVerificationError",
    "__version__",
    "create_client",
    "errors",
    "events",
    "lead_rescue",
    "native",
    "revenue_defenders",
    "sign_webhook",
    "vendor_pad",
    "verify_webhook",
    "verify_webhook_signature",
    "webhooks",
]
