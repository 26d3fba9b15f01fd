"""Objects of the RevenueDefenders contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from .._model import Model

__all__ = [
    "Channel",
    "Contract",
    "Direction",
    "DisabledReason",
    "DisputeReason",
    "DisputeStatus",
    "EventFilter",
    "EvidenceCategory",
    "FileStatus",
    "FileType",
    "LeadStatus",
    "MessageStatus",
    "PackageStatus",
    "PlannedStepStatus",
    "SubscriptionStatus",
    "TransactionStatus",
    "Customer",
    "Dispute",
    "Evidence",
    "EvidenceFile",
    "FollowUpPlan",
    "Lead",
    "Message",
    "Package",
    "PlannedStep",
    "Score",
    "ScoreReason",
    "Subscription",
    "Transaction",
]

Channel: TypeAlias = Literal["WHATSAPP", "SMS", "EMAIL"]


Contract: TypeAlias = Literal["native", "revenueDefenders", "leadRescue", "vendorPad"]


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


LeadStatus: TypeAlias = Literal["NEW", "CONTACTED", "QUALIFIED", "WON", "LOST", "OPTED_OUT", "CLOSED"]


MessageStatus: TypeAlias = Literal[
    "SENDING", "SENT", "DELAYED", "FAILED", "CANCELLED", "UNKNOWN", "SIMULATED", "RECEIVED"
]


PackageStatus: TypeAlias = Literal["PENDING", "READY", "FAILED"]


PlannedStepStatus: TypeAlias = Literal["PROPOSED"]


SubscriptionStatus: TypeAlias = Literal["ENABLED", "DISABLED"]


TransactionStatus: TypeAlias = Literal["PENDING", "PAID", "REFUNDED", "DISPUTED"]


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


@dataclass(frozen=True, kw_only=True)
class Evidence(Model):
    """Evidence."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "dispute_id": "disputeId",
        "file_url": "fileUrl",
        "lead_id": "leadId",
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
    upload_expires_at: datetime | None = None
    """Time until which the file can be uploaded."""
    upload_headers: dict[str, str] | None = field(default=None, repr=False)
    """Headers to send with the file."""
    upload_url: str | None = field(default=None, repr=False)
    """Address to which the file is uploaded with PUT."""


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
class FollowUpPlan(Model):
    """FollowUpPlan."""

    steps: list[PlannedStep]
    """The steps, the earliest first."""


@dataclass(frozen=True, kw_only=True)
class Lead(Model):
    """Lead."""

    _wire_names: ClassVar[dict[str, str]] = {
        "business_id": "businessId",
        "created_at": "createdAt",
        "follow_up_plan": "followUpPlan",
        "service_interest": "serviceInterest",
    }

    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    email: str | None
    """E-mail address."""
    follow_up_plan: FollowUpPlan
    """The follow-up that is proposed for the lead."""
    id: str
    """Unique id."""
    message: str | None
    """What the person wrote."""
    name: str
    """Name, for people."""
    phone: str | None
    """Telephone number as it was written."""
    score: Score
    """How promising the lead is, with the reasons."""
    service_interest: str | None
    """Service or product that the person asks for."""
    source: str
    """Where the lead comes from."""
    status: LeadStatus | str
    """Current status."""


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
class PlannedStep(Model):
    """PlannedStep."""

    channel: Channel | str
    """Channel of the message."""
    day: int
    """Days after the beginning of the sequence."""
    status: PlannedStepStatus | str
    """Current status."""


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
