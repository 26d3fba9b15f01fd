"""Objects of the VendorPad contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from .._model import Model

__all__ = [
    "Channel",
    "Direction",
    "DisabledReason",
    "DisputeReason",
    "DisputeStatus",
    "EventFilter",
    "LeadStatus",
    "MessageStatus",
    "PackageStatus",
    "SubscriptionStatus",
    "Dispute",
    "Lead",
    "Message",
    "Package",
    "Subscription",
]

Channel: TypeAlias = Literal["whatsapp", "sms", "email"]


Direction: TypeAlias = Literal["inbound", "outbound"]


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


LeadStatus: TypeAlias = Literal["new", "contacted", "qualified", "won", "lost", "opted_out", "closed"]


MessageStatus: TypeAlias = Literal[
    "sending", "sent", "delayed", "failed", "cancelled", "unknown", "simulated", "received"
]


PackageStatus: TypeAlias = Literal["PENDING", "READY", "FAILED"]


SubscriptionStatus: TypeAlias = Literal["ENABLED", "DISABLED"]


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
class Lead(Model):
    """Lead."""

    business_id: str
    """Business that it belongs to."""
    created_at: datetime
    """Time of creation."""
    email: str | None
    """E-mail address."""
    event_date: str | float | bool | None = None
    """Date of the event that the person plans."""
    event_type: str | float | bool | None = None
    """Kind of event that the person plans."""
    first_name: str
    """First name."""
    id: str
    """Unique id."""
    last_name: str | None
    """Last name."""
    phone: str | None
    """Telephone number as it was written."""
    source: str
    """Where the lead comes from."""
    status: LeadStatus | str
    """Current status."""
    updated_at: datetime
    """Time of the last change."""
    utm_campaign: str | None
    """`utm_campaign`"""
    utm_content: str | None
    """`utm_content`"""
    utm_medium: str | None
    """`utm_medium`"""
    utm_source: str | None
    """`utm_source`"""
    utm_term: str | None
    """`utm_term`"""
    visitor_id: str
    """Id of the person as a visitor of the website."""


@dataclass(frozen=True, kw_only=True)
class Message(Model):
    """Message."""

    body: str
    """Text of the message."""
    channel: Channel | str
    """Channel of the message."""
    direction: Direction | str
    """Whether the person wrote it or received it."""
    id: str
    """Unique id."""
    reason: str | None = None
    """Why it was not sent."""
    received_at: datetime | None = None
    """Time at which the message arrived."""
    sent_at: datetime | None = None
    """Time at which the message was sent."""
    status: MessageStatus | str
    """Current status."""


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
