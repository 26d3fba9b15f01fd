"""Objects of the LeadRescue contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from .._model import Model

__all__ = [
    "Channel",
    "DisabledReason",
    "DisputeReason",
    "DisputeStatus",
    "EventFilter",
    "LeadStatus",
    "PackageStatus",
    "SubscriptionStatus",
    "CustomerReplyPayload",
    "Dispute",
    "DisputeCreatedPayload",
    "DisputeStatusChangedPayload",
    "Lead",
    "LeadCreatedPayload",
    "LeadLostPayload",
    "LeadOptedOutPayload",
    "LeadStatusChangedPayload",
    "LeadWonPayload",
    "Package",
    "PackageGeneratedPayload",
    "PingPayload",
    "Subscription",
    "WebhookDisabledPayload",
]

Channel: TypeAlias = Literal["whatsapp", "sms", "email"]


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


LeadStatus: TypeAlias = Literal["new", "contacted", "qualified", "converted", "lost", "opted_out", "closed"]


PackageStatus: TypeAlias = Literal["PENDING", "READY", "FAILED"]


SubscriptionStatus: TypeAlias = Literal["ENABLED", "DISABLED"]


@dataclass(frozen=True, kw_only=True)
class CustomerReplyPayload(Model):
    """CustomerReplyPayload."""

    body: str
    """Text of the message."""
    channel: Channel | str
    """Channel of the message."""
    event: Literal["customer.reply"]
    """Type of the event."""
    lead_id: str
    """Lead that it belongs to."""
    received_at: datetime | None = None
    """Time at which the message arrived."""


@dataclass(frozen=True, kw_only=True)
class Dispute(Model):
    """Dispute."""

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


@dataclass(frozen=True, kw_only=True)
class DisputeCreatedPayload(Model):
    """DisputeCreatedPayload."""

    dispute: Dispute
    """The dispute."""
    event: Literal["dispute.created"]
    """Type of the event."""
    lead_id: str | None = None
    """Lead that it belongs to."""
    occurred_at: datetime
    """Time at which it happened."""


@dataclass(frozen=True, kw_only=True)
class DisputeStatusChangedPayload(Model):
    """DisputeStatusChangedPayload."""

    dispute: Dispute
    """The dispute."""
    event: Literal["dispute.status_changed"]
    """Type of the event."""
    lead_id: str | None = None
    """Lead that it belongs to."""
    occurred_at: datetime
    """Time at which it happened."""


@dataclass(frozen=True, kw_only=True)
class Lead(Model):
    """Lead."""

    car_model: str | None
    """Model of the car that the person test-drove."""
    consent: bool
    """Whether, when and to what the person agreed."""
    created_at: datetime
    """Time of creation."""
    customer_name: str
    """Name of the person."""
    id: str
    """Unique id."""
    phone: str | None
    """Telephone number as it was written."""
    status: LeadStatus | str
    """Current status."""
    updated_at: datetime
    """Time of the last change."""


@dataclass(frozen=True, kw_only=True)
class LeadCreatedPayload(Model):
    """LeadCreatedPayload."""

    event: Literal["lead.created"]
    """Type of the event."""
    lead: Lead
    """The lead."""
    lead_id: str
    """Lead that it belongs to."""
    occurred_at: datetime
    """Time at which it happened."""


@dataclass(frozen=True, kw_only=True)
class LeadLostPayload(Model):
    """LeadLostPayload."""

    event: Literal["lead.lost"]
    """Type of the event."""
    lead: Lead
    """The lead."""
    lead_id: str
    """Lead that it belongs to."""
    occurred_at: datetime
    """Time at which it happened."""


@dataclass(frozen=True, kw_only=True)
class LeadOptedOutPayload(Model):
    """LeadOptedOutPayload."""

    event: Literal["lead.opted_out"]
    """Type of the event."""
    lead: Lead
    """The lead."""
    lead_id: str
    """Lead that it belongs to."""
    occurred_at: datetime
    """Time at which it happened."""


@dataclass(frozen=True, kw_only=True)
class LeadStatusChangedPayload(Model):
    """LeadStatusChangedPayload."""

    event: Literal["lead.status_changed"]
    """Type of the event."""
    lead: Lead
    """The lead."""
    lead_id: str
    """Lead that it belongs to."""
    occurred_at: datetime
    """Time at which it happened."""


@dataclass(frozen=True, kw_only=True)
class LeadWonPayload(Model):
    """LeadWonPayload."""

    event: Literal["lead.won"]
    """Type of the event."""
    lead: Lead
    """The lead."""
    lead_id: str
    """Lead that it belongs to."""
    occurred_at: datetime
    """Time at which it happened."""


@dataclass(frozen=True, kw_only=True)
class Package(Model):
    """Package."""

    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    dispute_id: str
    """Dispute that it belongs to."""
    document_url: str | None
    """Address of the document, which redirects callers with a key that may read packages; null if none could be
    generated.
    """
    id: str
    """Unique id."""
    status: PackageStatus | str
    """Current status."""


@dataclass(frozen=True, kw_only=True)
class PackageGeneratedPayload(Model):
    """PackageGeneratedPayload."""

    event: Literal["package.generated"]
    """Type of the event."""
    lead_id: str | None = None
    """Lead that it belongs to."""
    occurred_at: datetime
    """Time at which it happened."""
    package: Package
    """The evidence package."""


@dataclass(frozen=True, kw_only=True)
class PingPayload(Model):
    """PingPayload."""

    event: Literal["ping"]
    """Type of the event."""
    occurred_at: datetime
    """Time at which it happened."""
    webhook: Subscription
    """The subscription."""


@dataclass(frozen=True, kw_only=True)
class Subscription(Model):
    """Subscription."""

    business_id: str | None
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    disabled_reason: DisabledReason | str | None
    """Why the subscription was disabled automatically."""
    events: list[EventFilter | str]
    """Types of the events that are delivered; `*` for all of them."""
    id: str
    """Unique id."""
    status: SubscriptionStatus | str
    """Current status."""
    url: str
    """Address of the endpoint."""


@dataclass(frozen=True, kw_only=True)
class WebhookDisabledPayload(Model):
    """WebhookDisabledPayload."""

    event: Literal["webhook.disabled"]
    """Type of the event."""
    occurred_at: datetime
    """Time at which it happened."""
    webhook: Subscription
    """The subscription."""
