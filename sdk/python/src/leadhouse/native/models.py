"""Objects of the native contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeAlias

from .._model import Model

__all__ = [
    "Action",
    "ActorType",
    "Category",
    "Channel",
    "ChecklistStatus",
    "ContactKind",
    "Contract",
    "DeliveryStatus",
    "Direction",
    "DisabledReason",
    "DisputeReason",
    "DisputeStatus",
    "ErrorCode",
    "EventFilter",
    "EventType",
    "EvidenceCategory",
    "FileStatus",
    "FileType",
    "HealthStatus",
    "KeyStatus",
    "LeadStatus",
    "MessageStatus",
    "Mode",
    "NetworkProfile",
    "Outcome",
    "PackageStatus",
    "Scope",
    "SequenceStatus",
    "ShownAs",
    "StepStatus",
    "StopReason",
    "SubscriptionStatus",
    "SuppressionOrigin",
    "Tier",
    "TransactionStatus",
    "VisitorEventType",
    "Actor",
    "Attempt",
    "AuditEntry",
    "Batch",
    "Business",
    "Consent",
    "CreatedBatchEntry",
    "Customer",
    "DailyKpis",
    "Delivery",
    "Dispute",
    "DisputeCase",
    "DocumentLocation",
    "Error",
    "ErrorDetail",
    "EventLog",
    "EventLogPagination",
    "EventPayload",
    "EventTypeEntry",
    "Evidence",
    "EvidenceChecklist",
    "EvidenceFile",
    "EvidencePackage",
    "EvidenceSummary",
    "EvidenceSummaryFile",
    "FailedBatchEntry",
    "Health",
    "InboundSecret",
    "Key",
    "KpiReport",
    "Lead",
    "LeftOutExhibit",
    "LoggedEvent",
    "LoggedExample",
    "Message",
    "Package",
    "PackageExhibit",
    "PackageReference",
    "Purge",
    "Received",
    "Recovery",
    "Score",
    "ScoreReason",
    "Sequence",
    "SourceKpis",
    "StatusChange",
    "Step",
    "Subscription",
    "Suppression",
    "SuppressionLookup",
    "Template",
    "TemplateStep",
    "Tenant",
    "TestEvent",
    "Transaction",
    "Utm",
    "VisitorEvent",
    "WantedEvidence",
    "Warning",
    "CreatedLead",
    "BatchEntry",
]

Action: TypeAlias = Literal[
    "tenant.created",
    "tenant.limited",
    "business.created",
    "business.updated",
    "key.created",
    "key.rotated",
    "key.revoked",
    "key.limited",
    "webhook.created",
    "webhook.updated",
    "webhook.deleted",
    "webhook.secret_rotated",
    "webhook.tested",
    "webhook.recovered",
    "webhook.disabled",
    "delivery.retried",
    "lead.status_changed",
    "sequence_template.created",
    "sequence_template.updated",
    "sequence_template.deleted",
    "inbound_secret.created",
    "suppression.created",
    "suppression.lifted",
    "lead.erased",
    "test_data.emptied",
]


ActorType: TypeAlias = Literal["KEY", "OPERATOR", "SYSTEM"]


Category: TypeAlias = Literal["GENERAL", "AGENCY", "PROPERTY_SEARCH", "TEST_DRIVE", "EVENT"]


Channel: TypeAlias = Literal["WHATSAPP", "SMS", "EMAIL"]


ChecklistStatus: TypeAlias = Literal["PRESENT", "AWAITING_UPLOAD", "MISSING"]


ContactKind: TypeAlias = Literal["PHONE", "EMAIL"]


Contract: TypeAlias = Literal["native", "revenueDefenders", "leadRescue", "vendorPad"]


DeliveryStatus: TypeAlias = Literal["PENDING", "DELIVERED", "FAILED", "CANCELLED"]


Direction: TypeAlias = Literal["INBOUND", "OUTBOUND"]


DisabledReason: TypeAlias = Literal["GONE", "FAILING"]


DisputeReason: TypeAlias = Literal[
    "NOT_AS_DESCRIBED",
    "NOT_RECEIVED",
    "FRAUDULENT",
    "DUPLICATE",
    "CREDIT_NOT_PROCESSED",
    "CANCELLED",
    "PRODUCT_UNACCEPTABLE",
    "GENERAL",
]


DisputeStatus: TypeAlias = Literal["OPEN", "UNDER_REVIEW", "WON", "LOST"]


ErrorCode: TypeAlias = Literal[
    "INVALID_REQUEST",
    "UNAUTHORIZED",
    "FORBIDDEN",
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "REQUEST_TIMEOUT",
    "CONFLICT",
    "GONE",
    "PRECONDITION_FAILED",
    "PAYLOAD_TOO_LARGE",
    "URI_TOO_LONG",
    "UNSUPPORTED_MEDIA_TYPE",
    "IDEMPOTENCY_MISMATCH",
    "RATE_LIMITED",
    "REQUEST_HEADERS_TOO_LARGE",
    "INTERNAL",
    "UNAVAILABLE",
]


EventFilter: TypeAlias = Literal[
    "*",
    "lead.created",
    "lead.status_changed",
    "lead.won",
    "lead.lost",
    "lead.opted_out",
    "dispute.created",
    "dispute.status_changed",
    "package.generated",
    "customer.reply",
    "webhook.disabled",
    "ping",
]


EventType: TypeAlias = Literal[
    "lead.created",
    "lead.status_changed",
    "lead.won",
    "lead.lost",
    "lead.opted_out",
    "dispute.created",
    "dispute.status_changed",
    "package.generated",
    "customer.reply",
    "webhook.disabled",
    "ping",
]


EvidenceCategory: TypeAlias = Literal[
    "MESSAGE", "CONSENT", "CONTRACT", "PHOTO", "INVOICE", "RECEIPT", "DELIVERY", "OTHER"
]


FileStatus: TypeAlias = Literal["NONE", "AWAITING_UPLOAD", "READY", "EXPIRED"]


FileType: TypeAlias = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    "text/plain",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
]


HealthStatus: TypeAlias = Literal["ok"]


KeyStatus: TypeAlias = Literal["ACTIVE", "EXPIRED", "REVOKED"]


LeadStatus: TypeAlias = Literal["NEW", "CONTACTED", "QUALIFIED", "WON", "LOST", "OPTED_OUT", "CLOSED"]


MessageStatus: TypeAlias = Literal[
    "SENDING", "SENT", "DELAYED", "FAILED", "CANCELLED", "UNKNOWN", "SIMULATED", "RECEIVED"
]


Mode: TypeAlias = Literal["live", "test"]


NetworkProfile: TypeAlias = Literal["SAFEST", "MASTERCARD", "AMERICAN_EXPRESS", "DISCOVER", "VISA", "STRICT_ACQUIRER"]


Outcome: TypeAlias = Literal["DELIVERED", "REFUSED", "TIMEOUT", "UNREACHABLE", "BLOCKED"]


PackageStatus: TypeAlias = Literal["PENDING", "READY", "FAILED"]


Scope: TypeAlias = Literal[
    "leads:read",
    "leads:write",
    "sequences:write",
    "disputes:read",
    "disputes:write",
    "evidence:read",
    "evidence:write",
    "customers:read",
    "customers:write",
    "transactions:read",
    "transactions:write",
    "events:read",
    "events:write",
    "analytics:read",
    "webhooks:read",
    "webhooks:write",
    "inbound:write",
    "keys:read",
    "keys:write",
    "businesses:read",
    "businesses:write",
    "audit:read",
]


SequenceStatus: TypeAlias = Literal["PROPOSED", "RUNNING", "COMPLETED", "STOPPED"]


ShownAs: TypeAlias = Literal["TEXT", "FULL", "DOWN_SAMPLED", "FIRST_PAGES", "ABRIDGED", "LISTED", "LEFT_OUT"]


StepStatus: TypeAlias = Literal["PROPOSED", "QUEUED", "SENT", "FAILED", "UNKNOWN", "SIMULATED", "CANCELLED"]


StopReason: TypeAlias = Literal["REQUESTED", "OPTED_OUT", "WON", "LOST", "CLOSED", "NO_CONSENT"]


SubscriptionStatus: TypeAlias = Literal["ENABLED", "DISABLED"]


SuppressionOrigin: TypeAlias = Literal["REPLY", "OPT_OUT_EVENT", "STATUS", "API"]


Tier: TypeAlias = Literal["free", "premium", "pro", "enterprise"]


TransactionStatus: TypeAlias = Literal["PENDING", "PAID", "REFUNDED", "DISPUTED"]


VisitorEventType: TypeAlias = Literal["pageview", "conversion", "custom"]


@dataclass(frozen=True, kw_only=True)
class Actor(Model):
    """Actor."""

    _wire_names: ClassVar[dict[str, str]] = {"key_id": "keyId", "key_prefix": "keyPrefix", "source_ip": "sourceIp"}

    key_id: str | None = None
    """Key that did it."""
    key_prefix: str | None = None
    """Beginning of the key, by which people recognize it."""
    source_ip: str | None = None
    """Address from which the call came."""
    type: ActorType | str
    """Kind of the actor: a key, the operator, or the system itself."""


@dataclass(frozen=True, kw_only=True)
class Attempt(Model):
    """Attempt."""

    _wire_names: ClassVar[dict[str, str]] = {"latency_ms": "latencyMs", "started_at": "startedAt"}

    latency_ms: int
    """Duration of the attempt in milliseconds."""
    number: int
    """Number of the attempt, from one."""
    outcome: Outcome | str
    """How the attempt ended."""
    response: str
    """Beginning of the endpoint's response."""
    started_at: datetime
    """Time of the beginning."""
    status: int | None
    """HTTP status of the endpoint's response."""


@dataclass(frozen=True, kw_only=True)
class AuditEntry(Model):
    """AuditEntry."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "subject_id": "subjectId",
    }

    action: Action | str
    """What was done."""
    actor: Actor
    """The key, the operator or the system that did it."""
    business_id: str | None
    """Business that it belongs to."""
    change: StatusChange | None = None
    """The statuses before and after."""
    created_at: datetime
    """Time of creation."""
    id: str
    """Unique id."""
    subject_id: str
    """Id of the resource that was changed."""


@dataclass(frozen=True, kw_only=True)
class Batch(Model):
    """Batch."""

    results: list[BatchEntry]
    """The result of each entry, in the order of the request."""


@dataclass(frozen=True, kw_only=True)
class Business(Model):
    """Business."""

    _wire_names: ClassVar[dict[str, str]] = {
        "brand_id": "brandId",
        "created_at": "createdAt",
        "time_zone": "timeZone",
        "updated_at": "updatedAt",
    }

    brand_id: int | None
    """Number that VendorPad's callers name the business by."""
    channels: list[Channel | str]
    """Channels of follow-up messages, in the order of preference."""
    country: str
    """ISO 3166-1 code of the country, which decides how national telephone numbers are read."""
    created_at: datetime
    """Time of creation."""
    currency: str
    """ISO 4217 code of the currency."""
    id: str
    """Unique id."""
    name: str
    """Name, for people."""
    time_zone: str
    """IANA name of the time zone."""
    updated_at: datetime
    """Time of the last change."""


@dataclass(frozen=True, kw_only=True)
class Consent(Model):
    """Consent."""

    _wire_names: ClassVar[dict[str, str]] = {"recorded_at": "recordedAt"}

    given: bool
    """Whether the person agreed."""
    recorded_at: datetime
    """Time at which the consent was recorded."""
    text: str | None
    """Text that the person agreed to."""


@dataclass(frozen=True, kw_only=True)
class CreatedBatchEntry(Model):
    """CreatedBatchEntry."""

    lead: Lead
    """The lead."""
    status: int
    """HTTP status of the entry: 201."""
    warnings: list[Warning] | None = None
    """What the request had that a lead has not."""


@dataclass(frozen=True, kw_only=True)
class Customer(Model):
    """Customer."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "lead_id": "leadId",
    }

    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    email: str | None
    """E-mail address."""
    id: str
    """Unique id."""
    lead_id: str | None
    """Lead that it belongs to."""
    name: str
    """Name, for people."""
    phone: str | None
    """Telephone number as it was written."""


@dataclass(frozen=True, kw_only=True)
class DailyKpis(Model):
    """DailyKpis."""

    _wire_names: ClassVar[dict[str, str]] = {"messages_sent": "messagesSent", "opted_out": "optedOut"}

    converted: int
    """Number of leads that became customers."""
    date: date
    """The day."""
    leads: int
    """Number of leads."""
    messages_sent: int
    """Number of messages that were sent."""
    opted_out: int
    """Number of people who opted out."""
    replies: int
    """Number of replies."""


@dataclass(frozen=True, kw_only=True)
class Delivery(Model):
    """Delivery."""

    _wire_names: ClassVar[dict[str, str]] = {
        "attempt_count": "attemptCount",
        "created_at": "createdAt",
        "event_id": "eventId",
        "next_attempt_at": "nextAttemptAt",
        "webhook_id": "webhookId",
    }

    attempt_count: int
    """Number of attempts so far."""
    attempts: list[Attempt] | None = None
    """Every attempt, the earliest first."""
    created_at: datetime
    """Time of creation."""
    event: EventType | str
    """Type of the event."""
    event_id: str
    """Id of the event."""
    id: str
    """Unique id."""
    next_attempt_at: datetime | None
    """Time of the next attempt."""
    status: DeliveryStatus | str
    """Current status."""
    webhook_id: str
    """Subscription that it belongs to."""


@dataclass(frozen=True, kw_only=True)
class Dispute(Model):
    """Dispute."""

    _wire_names: ClassVar[dict[str, str]] = {
        "amount_cents": "amountCents",
        "business_id": "businessId",
        "created_at": "createdAt",
        "customer_claim": "customerClaim",
        "customer_id": "customerId",
        "evidence_due_by": "evidenceDueBy",
        "lead_id": "leadId",
        "transaction_id": "transactionId",
        "updated_at": "updatedAt",
    }

    amount_cents: int
    """Amount in the smallest unit of the currency, such as cents."""
    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    currency: str
    """ISO 4217 code of the currency."""
    customer_claim: str | None
    """The customer's account of what happened."""
    customer_id: str | None
    """Customer that it belongs to."""
    evidence_due_by: datetime
    """Time by which evidence must be handed in."""
    id: str
    """Unique id."""
    lead_id: str | None
    """Lead that it belongs to."""
    reason: DisputeReason | str
    """Reason of the dispute."""
    status: DisputeStatus | str
    """Current status."""
    transaction_id: str | None
    """Transaction that is disputed."""
    updated_at: datetime
    """Time of the last change."""
    version: int
    """Number of the last change, from one."""


@dataclass(frozen=True, kw_only=True)
class DisputeCase(Model):
    """DisputeCase."""

    _wire_names: ClassVar[dict[str, str]] = {
        "amount_cents": "amountCents",
        "business_id": "businessId",
        "created_at": "createdAt",
        "customer_claim": "customerClaim",
        "customer_id": "customerId",
        "evidence_checklist": "evidenceChecklist",
        "evidence_due_by": "evidenceDueBy",
        "lead_id": "leadId",
        "transaction_id": "transactionId",
        "updated_at": "updatedAt",
    }

    amount_cents: int
    """Amount in the smallest unit of the currency, such as cents."""
    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    currency: str
    """ISO 4217 code of the currency."""
    customer_claim: str | None
    """The customer's account of what happened."""
    customer_id: str | None
    """Customer that it belongs to."""
    evidence_checklist: EvidenceChecklist
    """The evidence that the reason of the dispute asks for."""
    evidence_due_by: datetime
    """Time by which evidence must be handed in."""
    id: str
    """Unique id."""
    lead_id: str | None
    """Lead that it belongs to."""
    packages: list[PackageReference]
    """The newest packages, up to twenty."""
    reason: DisputeReason | str
    """Reason of the dispute."""
    status: DisputeStatus | str
    """Current status."""
    transaction_id: str | None
    """Transaction that is disputed."""
    updated_at: datetime
    """Time of the last change."""
    version: int
    """Number of the last change, from one."""


@dataclass(frozen=True, kw_only=True)
class DocumentLocation(Model):
    """DocumentLocation."""

    _wire_names: ClassVar[dict[str, str]] = {
        "document_url": "documentUrl",
        "document_url_expires_at": "documentUrlExpiresAt",
    }

    document_url: str = field(repr=False)
    """Link to the document, which expires."""
    document_url_expires_at: datetime
    """Time until which the link to the document works."""


@dataclass(frozen=True, kw_only=True)
class Error(Model):
    """Error."""

    _wire_names: ClassVar[dict[str, str]] = {"request_id": "requestId"}

    code: ErrorCode | str
    """Stable name of the error, for programs."""
    details: list[ErrorDetail] | None = None
    """Each invalid field."""
    message: str
    """What went wrong, for people."""
    request_id: str | None = None
    """Id of the request, for questions to support."""


@dataclass(frozen=True, kw_only=True)
class ErrorDetail(Model):
    """ErrorDetail."""

    field: str
    """Name or path of the field."""
    message: str
    """What is wrong with the field and what is accepted."""


@dataclass(frozen=True, kw_only=True)
class EventLog(Model):
    """EventLog."""

    data: list[LoggedEvent]
    """The events, in the order in which they were recorded."""
    pagination: EventLogPagination
    """Position of the page."""


@dataclass(frozen=True, kw_only=True)
class EventLogPagination(Model):
    """EventLogPagination."""

    _wire_names: ClassVar[dict[str, str]] = {"has_more": "hasMore"}

    after: str
    """Position to go on at; send it as the parameter `after`."""
    has_more: bool
    """Whether there are further events now."""


@dataclass(frozen=True, kw_only=True)
class EventPayload(Model):
    """EventPayload."""

    example: dict[str, Any]
    """Payload of an example."""
    schema: dict[str, Any]
    """JSON Schema of the payload."""


@dataclass(frozen=True, kw_only=True)
class EventTypeEntry(Model):
    """EventTypeEntry."""

    description: str
    """When the event occurs."""
    name: EventType | str
    """Name, for people."""
    payloads: dict[str, EventPayload]
    """Payload of the event in each contract that a subscription may have."""
    since: str
    """Version of the API since which the event exists."""


@dataclass(frozen=True, kw_only=True)
class Evidence(Model):
    """Evidence."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "dispute_id": "disputeId",
        "file_url": "fileUrl",
        "lead_id": "leadId",
        "updated_at": "updatedAt",
        "upload_expires_at": "uploadExpiresAt",
        "upload_headers": "uploadHeaders",
        "upload_url": "uploadUrl",
    }

    business_id: str
    """Business that it belongs to."""
    category: EvidenceCategory | str
    """What the evidence shows."""
    created_at: datetime
    """Time of creation."""
    description: str | None
    """What it is, for people."""
    dispute_id: str | None
    """Dispute that it belongs to."""
    file: EvidenceFile | None
    """The file of the evidence."""
    file_url: str | None = field(repr=False)
    """Link to the file, which expires."""
    id: str
    """Unique id."""
    lead_id: str | None
    """Lead that it belongs to."""
    sha256: str | None
    """SHA-256 of the file, in hexadecimal."""
    status: FileStatus | str
    """Current status."""
    title: str | None
    """Title."""
    updated_at: datetime
    """Time of the last change."""
    upload_expires_at: datetime | None = None
    """Time until which the file can be uploaded."""
    upload_headers: dict[str, str] | None = field(default=None, repr=False)
    """Headers to send with the file."""
    upload_url: str | None = field(default=None, repr=False)
    """Address to which the file is uploaded with PUT."""
    version: int
    """Number of the last change, from one."""


@dataclass(frozen=True, kw_only=True)
class EvidenceChecklist(Model):
    """EvidenceChecklist."""

    missing: list[str]
    """Kinds of evidence that are not there."""
    present: list[str]
    """Kinds of evidence that are there."""
    wanted: list[WantedEvidence]
    """Each kind of evidence, the most important first."""


@dataclass(frozen=True, kw_only=True)
class EvidenceFile(Model):
    """EvidenceFile."""

    _wire_names: ClassVar[dict[str, str]] = {"content_type": "contentType"}

    content_type: FileType | str
    """Media type of the file."""
    name: str | None
    """Name, for people."""
    size: int
    """Size of the file in bytes."""


@dataclass(frozen=True, kw_only=True)
class EvidencePackage(Model):
    """EvidencePackage."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "dispute_id": "disputeId",
        "document_url": "documentUrl",
        "document_url_expires_at": "documentUrlExpiresAt",
        "failure_reason": "failureReason",
        "lead_id": "leadId",
        "left_out": "leftOut",
        "updated_at": "updatedAt",
    }

    business_id: str
    """Business that it belongs to."""
    bytes: int | None
    """Size of the document in bytes."""
    created_at: datetime
    """Time of creation."""
    dispute_id: str
    """Dispute that it belongs to."""
    document_url: str | None = field(repr=False)
    """Link to the document, which expires."""
    document_url_expires_at: datetime | None
    """Time until which the link to the document works."""
    exhibits: list[PackageExhibit]
    """The exhibits, in the order of the document."""
    failure_reason: str | None
    """Why the document could not be generated."""
    id: str
    """Unique id."""
    lead_id: str | None
    """Lead that it belongs to."""
    left_out: list[LeftOutExhibit]
    """The exhibits that the document does not show."""
    pages: int | None
    """Number of pages of the document."""
    profile: NetworkProfile | str
    """Card network whose limits the document keeps; `SAFEST` keeps those of all."""
    sha256: str | None
    """SHA-256 of the document, in hexadecimal."""
    status: PackageStatus | str
    """Current status."""
    updated_at: datetime
    """Time of the last change."""


@dataclass(frozen=True, kw_only=True)
class EvidenceSummary(Model):
    """EvidenceSummary."""

    _wire_names: ClassVar[dict[str, str]] = {
        "dispute_id": "disputeId",
        "evidence_due_by": "evidenceDueBy",
        "max_characters": "maxCharacters",
    }

    characters: int
    """Number of characters of all texts."""
    dispute_id: str
    """Dispute that it belongs to."""
    evidence: dict[str, str]
    """Texts by the name of the field that takes them."""
    evidence_due_by: datetime
    """Time by which evidence must be handed in."""
    files: list[EvidenceSummaryFile]
    """Files that have been uploaded, the most important first."""
    max_characters: int
    """Maximum number of characters that dispute APIs take."""
    reason: DisputeReason | str
    """Reason of the dispute."""
    shortened: list[str]
    """Names of the texts of which a part is left out."""


@dataclass(frozen=True, kw_only=True)
class EvidenceSummaryFile(Model):
    """EvidenceSummaryFile."""

    _wire_names: ClassVar[dict[str, str]] = {
        "content_type": "contentType",
        "evidence_id": "evidenceId",
        "file_url": "fileUrl",
    }

    content_type: FileType | str
    """Media type of the file."""
    evidence_id: str
    """Evidence that it is."""
    file_url: str = field(repr=False)
    """Link to the file, which expires."""
    kind: str
    """Name of the field that takes the file."""
    name: str | None
    """Name, for people."""
    sha256: str
    """SHA-256 of the file, in hexadecimal."""
    size: int
    """Size of the file in bytes."""


@dataclass(frozen=True, kw_only=True)
class FailedBatchEntry(Model):
    """FailedBatchEntry."""

    error: Error
    """What went wrong."""
    status: int
    """HTTP status of the entry."""


@dataclass(frozen=True, kw_only=True)
class Health(Model):
    """Health."""

    status: HealthStatus | str
    """Current status."""
    version: str
    """Version of the API."""


@dataclass(frozen=True, kw_only=True)
class InboundSecret(Model):
    """InboundSecret."""

    _wire_names: ClassVar[dict[str, str]] = {"created_at": "createdAt", "previous_secret_until": "previousSecretUntil"}

    created_at: datetime
    """Time of creation."""
    previous_secret_until: datetime | None
    """Time until which the secret before the last rotation also signs."""
    secret: str = field(repr=False)
    """Secret that signs deliveries, shown once."""


@dataclass(frozen=True, kw_only=True)
class Key(Model):
    """Key."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "expires_at": "expiresAt",
        "last_used_at": "lastUsedAt",
        "revoked_at": "revokedAt",
        "rotated_to": "rotatedTo",
    }

    business_id: str | None
    """Business that it belongs to."""
    contract: Contract | str
    """Contract whose formats apply."""
    created_at: datetime
    """Time of creation."""
    expires_at: datetime | None
    """Time from which on the key is invalid."""
    id: str
    """Unique id."""
    key: str | None = field(default=None, repr=False)
    """The key itself, shown once."""
    last_used_at: datetime | None
    """Time of the last call with the key, at most some minutes old."""
    mode: Mode | str
    """Whether it belongs to the live or the test environment."""
    name: str
    """Name, for people."""
    prefix: str
    """Beginning of the key, by which people recognize it."""
    revoked_at: datetime | None
    """Time at which the key was revoked."""
    rotated_to: str | None
    """Key that replaces this one."""
    scopes: list[Scope | str]
    """What the key may do."""
    status: KeyStatus | str
    """Current status."""
    tier: Tier | str
    """Rate limits: the name of a tier."""


@dataclass(frozen=True, kw_only=True)
class KpiReport(Model):
    """KpiReport."""

    _wire_names: ClassVar[dict[str, str]] = {
        "by_day": "byDay",
        "by_source": "bySource",
        "conversion_rate": "conversionRate",
        "from_": "from",
        "median_first_reply_seconds": "medianFirstReplySeconds",
        "messages_sent": "messagesSent",
        "opted_out": "optedOut",
        "reply_rate": "replyRate",
    }

    by_day: list[DailyKpis]
    """Numbers of each day, the earliest first."""
    by_source: list[SourceKpis]
    """Numbers of each source."""
    conversion_rate: float
    """Part of the leads that became customers, from 0 to 1."""
    converted: int
    """Number of leads that became customers."""
    from_: date
    """First day of the range."""
    leads: int
    """Number of leads."""
    median_first_reply_seconds: int | None
    """Median time from the first message to the first reply, in seconds."""
    messages_sent: int
    """Number of messages that were sent."""
    opted_out: int
    """Number of people who opted out."""
    range: str
    """Number of days that the report covers, with today as the last."""
    replies: int
    """Number of replies."""
    reply_rate: float
    """Number of replies for each message that was sent."""
    to: date
    """Last day of the range."""


@dataclass(frozen=True, kw_only=True)
class Lead(Model):
    """Lead."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "opted_out_at": "optedOutAt",
        "phone_e164": "phoneE164",
        "service_interest": "serviceInterest",
        "updated_at": "updatedAt",
        "visitor_id": "visitorId",
    }

    attributes: dict[str, str | float | bool]
    """Further details: names with texts, numbers and booleans."""
    business_id: str
    """Business that it belongs to."""
    category: Category | str
    """Kind of request, which selects the template of the follow-up."""
    consent: Consent | None
    """Whether, when and to what the person agreed."""
    created_at: datetime
    """Time of creation."""
    email: str | None
    """E-mail address."""
    id: str
    """Unique id."""
    message: str | None
    """What the person wrote."""
    name: str
    """Name, for people."""
    opted_out_at: datetime | None
    """Time at which the person opted out."""
    phone: str | None
    """Telephone number as it was written."""
    phone_e164: str | None
    """Telephone number in E.164 form; null if it cannot be dialed."""
    score: Score
    """How promising the lead is, with the reasons."""
    service_interest: str | None
    """Service or product that the person asks for."""
    source: str
    """Where the lead comes from."""
    status: LeadStatus | str
    """Current status."""
    updated_at: datetime
    """Time of the last change."""
    utm: Utm
    """Marketing campaign that the lead came from."""
    version: int
    """Number of the last change, from one."""
    visitor_id: str
    """Id of the person as a visitor of the website."""


@dataclass(frozen=True, kw_only=True)
class LeftOutExhibit(Model):
    """LeftOutExhibit."""

    _wire_names: ClassVar[dict[str, str]] = {"evidence_id": "evidenceId"}

    evidence_id: str
    """Evidence that it is."""
    message: str
    """The reason, for people."""
    reason: str
    """Stable name of the reason."""


@dataclass(frozen=True, kw_only=True)
class LoggedEvent(Model):
    """LoggedEvent."""

    _wire_names: ClassVar[dict[str, str]] = {"business_id": "businessId", "occurred_at": "occurredAt"}

    business_id: str | None
    """Business that it belongs to."""
    erased: bool
    """Whether the lead has been erased since, so that there is no payload."""
    event: EventType | str
    """Type of the event."""
    example: bool
    """Whether the event is an example that was added to the log."""
    id: str
    """Id of the event; a repetition has the same."""
    occurred_at: datetime
    """Time at which it happened."""
    payload: dict[str, Any] | None
    """Payload, as a delivery of the event has it."""
    position: str
    """Position after the event."""


@dataclass(frozen=True, kw_only=True)
class LoggedExample(Model):
    """LoggedExample."""

    _wire_names: ClassVar[dict[str, str]] = {"event_id": "eventId"}

    event_id: str
    """Id of the event."""


@dataclass(frozen=True, kw_only=True)
class Message(Model):
    """Message."""

    _wire_names: ClassVar[dict[str, str]] = {
        "created_at": "createdAt",
        "lead_id": "leadId",
        "received_at": "receivedAt",
        "sent_at": "sentAt",
    }

    body: str
    """Text of the message."""
    channel: Channel | str
    """Channel of the message."""
    created_at: datetime
    """Time of creation."""
    direction: Direction | str
    """Whether the person wrote it or received it."""
    id: str
    """Unique id."""
    lead_id: str
    """Lead that it belongs to."""
    reason: str | None = None
    """Why it was not sent."""
    received_at: datetime | None = None
    """Time at which the message arrived."""
    sent_at: datetime | None = None
    """Time at which the message was sent."""
    status: MessageStatus | str
    """Current status."""
    subject: str | None = None
    """Subject of an e-mail."""


@dataclass(frozen=True, kw_only=True)
class Package(Model):
    """Package."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "dispute_id": "disputeId",
        "document_url": "documentUrl",
    }

    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    dispute_id: str
    """Dispute that it belongs to."""
    document_url: str | None = field(repr=False)
    """Address of the document, which redirects callers with a key that may read packages; null if none could be
    generated.
    """
    id: str
    """Unique id."""
    status: PackageStatus | str
    """Current status."""


@dataclass(frozen=True, kw_only=True)
class PackageExhibit(Model):
    """PackageExhibit."""

    _wire_names: ClassVar[dict[str, str]] = {
        "evidence_id": "evidenceId",
        "first_page": "firstPage",
        "last_page": "lastPage",
    }

    evidence_id: str
    """Evidence that it is."""
    first_page: int | None
    """First page of the document that shows it."""
    last_page: int | None
    """Last page of the document that shows it."""
    note: str | None
    """What part of it is shown, or why none is."""
    number: int
    """Number in the document, from one."""
    sha256: str | None
    """SHA-256 of the file, in hexadecimal."""
    shown: ShownAs | str
    """How the document shows it."""


@dataclass(frozen=True, kw_only=True)
class PackageReference(Model):
    """PackageReference."""

    _wire_names: ClassVar[dict[str, str]] = {"created_at": "createdAt"}

    created_at: datetime
    """Time of creation."""
    id: str
    """Unique id."""
    profile: NetworkProfile | str
    """Card network whose limits the document keeps; `SAFEST` keeps those of all."""
    status: PackageStatus | str
    """Current status."""


@dataclass(frozen=True, kw_only=True)
class Purge(Model):
    """Purge."""

    status: str
    """Current status."""


@dataclass(frozen=True, kw_only=True)
class Received(Model):
    """Received."""

    received: bool
    """True: the event was taken."""


@dataclass(frozen=True, kw_only=True)
class Recovery(Model):
    """Recovery."""

    _wire_names: ClassVar[dict[str, str]] = {"has_more": "hasMore"}

    has_more: bool
    """Whether earlier deliveries of the range remain."""
    reached: datetime | None = None
    """Creation time that was reached, if earlier deliveries remain."""
    recovered: int
    """Number of deliveries that are sent again."""


@dataclass(frozen=True, kw_only=True)
class Score(Model):
    """Score."""

    reasons: list[ScoreReason]
    """What the score consists of."""
    value: int
    """The score, from 0 to 100."""


@dataclass(frozen=True, kw_only=True)
class ScoreReason(Model):
    """ScoreReason."""

    code: str
    """Stable name of the reason."""
    points: int
    """Points that the reason adds."""
    text: str
    """The reason, for people."""


@dataclass(frozen=True, kw_only=True)
class Sequence(Model):
    """Sequence."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "ended_at": "endedAt",
        "lead_id": "leadId",
        "next_step_at": "nextStepAt",
        "started_at": "startedAt",
        "stop_reason": "stopReason",
        "template_id": "templateId",
    }

    business_id: str
    """Business that it belongs to."""
    ended_at: datetime | None
    """Time at which the sequence ended."""
    lead_id: str
    """Lead that it belongs to."""
    next_step_at: datetime | None
    """Time of the next step."""
    started_at: datetime
    """Time of the beginning."""
    status: SequenceStatus | str
    """Current status."""
    steps: list[Step]
    """The steps, the earliest first."""
    stop_reason: StopReason | str | None
    """Why the sequence was stopped."""
    template_id: str
    """Template of the sequence."""


@dataclass(frozen=True, kw_only=True)
class SourceKpis(Model):
    """SourceKpis."""

    converted: int
    """Number of leads that became customers."""
    leads: int
    """Number of leads."""
    source: str
    """Where the lead comes from."""


@dataclass(frozen=True, kw_only=True)
class StatusChange(Model):
    """StatusChange."""

    _wire_names: ClassVar[dict[str, str]] = {"from_": "from"}

    from_: LeadStatus | str
    """Status before."""
    to: LeadStatus | str
    """Status after."""


@dataclass(frozen=True, kw_only=True)
class Step(Model):
    """Step."""

    _wire_names: ClassVar[dict[str, str]] = {"due_at": "dueAt", "message_id": "messageId"}

    channel: Channel | str | None
    """Channel of the message."""
    day: int
    """Days after the beginning of the sequence."""
    due_at: datetime
    """Time at which the step is due."""
    message_id: str | None
    """Message that the step has sent."""
    reason: str | None = None
    """Why it was not sent."""
    status: StepStatus | str
    """Current status."""
    text: str
    """Text of the message, with placeholders for the lead's data."""


@dataclass(frozen=True, kw_only=True)
class Subscription(Model):
    """Subscription."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "disabled_reason": "disabledReason",
        "failing_since": "failingSince",
        "previous_secret_until": "previousSecretUntil",
        "updated_at": "updatedAt",
        "verify_ownership": "verifyOwnership",
    }

    business_id: str | None
    """Business that it belongs to."""
    contract: Contract | str
    """Contract whose formats apply."""
    created_at: datetime
    """Time of creation."""
    disabled_reason: DisabledReason | str | None
    """Why the subscription was disabled automatically."""
    events: list[EventFilter | str]
    """Types of the events that are delivered; `*` for all of them."""
    failing_since: datetime | None
    """Time since which every attempt has failed."""
    id: str
    """Unique id."""
    previous_secret_until: datetime | None
    """Time until which the secret before the last rotation also signs."""
    secret: str | None = field(default=None, repr=False)
    """Secret that signs deliveries, shown once."""
    status: SubscriptionStatus | str
    """Current status."""
    updated_at: datetime
    """Time of the last change."""
    url: str
    """Address of the endpoint."""
    verify_ownership: bool | None = None
    """Whether the endpoint has to confirm the subscription, and every new URL of it, by returning a challenge."""


@dataclass(frozen=True, kw_only=True)
class Suppression(Model):
    """Suppression."""

    _wire_names: ClassVar[dict[str, str]] = {"created_at": "createdAt"}

    created_at: datetime
    """Time of creation."""
    id: str
    """Unique id."""
    kind: ContactKind | str
    """Whether it is a telephone number or an e-mail address."""
    origin: SuppressionOrigin | str
    """How the suppression came about."""


@dataclass(frozen=True, kw_only=True)
class SuppressionLookup(Model):
    """SuppressionLookup."""

    suppressed: bool
    """Whether one of the contacts is suppressed."""
    suppressions: list[Suppression]
    """The suppressions of the contacts."""


@dataclass(frozen=True, kw_only=True)
class Template(Model):
    """Template."""

    _wire_names: ClassVar[dict[str, str]] = {
        "built_in": "builtIn",
        "business_id": "businessId",
        "created_at": "createdAt",
        "updated_at": "updatedAt",
    }

    built_in: bool
    """Whether it is one of the templates that every tenant has."""
    business_id: str | None
    """Business that it belongs to."""
    category: Category | str
    """Kind of request, which selects the template of the follow-up."""
    created_at: datetime | None
    """Time of creation."""
    id: str
    """Unique id."""
    name: str
    """Name, for people."""
    steps: list[TemplateStep]
    """The steps, the earliest first."""
    updated_at: datetime | None
    """Time of the last change."""


@dataclass(frozen=True, kw_only=True)
class TemplateStep(Model):
    """TemplateStep."""

    channel: Channel | str | None
    """Channel of the message."""
    day: int
    """Days after the beginning of the sequence."""
    subject: str | None
    """Subject of an e-mail."""
    text: str
    """Text of the message, with placeholders for the lead's data."""


@dataclass(frozen=True, kw_only=True)
class Tenant(Model):
    """Tenant."""

    _wire_names: ClassVar[dict[str, str]] = {"tenant_id": "tenantId", "tenant_name": "tenantName"}

    key: Key = field(repr=False)
    """The key that made the call."""
    mode: Mode | str
    """Whether it belongs to the live or the test environment."""
    tenant_id: str
    """Id of the tenant."""
    tenant_name: str
    """Name of the tenant."""
    tier: Tier | str
    """Rate limits: the name of a tier."""


@dataclass(frozen=True, kw_only=True)
class TestEvent(Model):
    """TestEvent."""

    _wire_names: ClassVar[dict[str, str]] = {"delivery_id": "deliveryId"}

    delivery_id: str
    """Id of the delivery."""


@dataclass(frozen=True, kw_only=True)
class Transaction(Model):
    """Transaction."""

    _wire_names: ClassVar[dict[str, str]] = {
        "amount_cents": "amountCents",
        "business_id": "businessId",
        "created_at": "createdAt",
        "customer_id": "customerId",
        "occurred_at": "occurredAt",
    }

    amount_cents: int
    """Amount in the smallest unit of the currency, such as cents."""
    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    currency: str
    """ISO 4217 code of the currency."""
    customer_id: str | None
    """Customer that it belongs to."""
    description: str | None
    """What it is, for people."""
    id: str
    """Unique id."""
    occurred_at: datetime
    """Time at which it happened."""
    status: TransactionStatus | str
    """Current status."""


@dataclass(frozen=True, kw_only=True)
class Utm(Model):
    """Marketing campaign that the lead came from."""

    campaign: str | None = None
    """`utm_campaign`"""
    content: str | None = None
    """`utm_content`"""
    medium: str | None = None
    """`utm_medium`"""
    source: str | None = None
    """`utm_source`"""
    term: str | None = None
    """`utm_term`"""


@dataclass(frozen=True, kw_only=True)
class VisitorEvent(Model):
    """VisitorEvent."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "event_name": "eventName",
        "event_props": "eventProps",
        "event_type": "eventType",
        "visitor_id": "visitorId",
    }

    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    event_name: str | None
    """Name of the event, chosen by the website."""
    event_props: dict[str, Any] | None
    """Anything that the website adds to the event."""
    event_type: VisitorEventType | str
    """What the visitor did."""
    id: str
    """Unique id."""
    visitor_id: str
    """Id of the person as a visitor of the website."""


@dataclass(frozen=True, kw_only=True)
class WantedEvidence(Model):
    """WantedEvidence."""

    _wire_names: ClassVar[dict[str, str]] = {"evidence_ids": "evidenceIds", "in_timeline": "inTimeline"}

    categories: list[EvidenceCategory | str]
    """Categories of evidence that are of this kind."""
    code: str
    """Stable name of the kind."""
    evidence_ids: list[str]
    """Evidence of this kind that is there."""
    explanation: str
    """What those who decide look for."""
    in_timeline: bool
    """Whether the messages of the dispute's lead are such evidence, which the timeline of a package shows. Always
    false for keys without the scope leads:read.
    """
    status: ChecklistStatus | str
    """Whether it is there."""
    title: str
    """Title."""


@dataclass(frozen=True, kw_only=True)
class Warning(Model):
    """Warning."""

    field: str
    """Name or path of the field."""
    message: str
    """What became of the field."""
    suggestion: str | None = None
    """Field that was probably meant."""


@dataclass(frozen=True, kw_only=True)
class CreatedLead(Lead):
    """CreatedLead."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "opted_out_at": "optedOutAt",
        "phone_e164": "phoneE164",
        "service_interest": "serviceInterest",
        "updated_at": "updatedAt",
        "visitor_id": "visitorId",
    }

    warnings: list[Warning] | None = None
    """What the request had that a lead has not."""


BatchEntry: TypeAlias = CreatedBatchEntry | FailedBatchEntry
