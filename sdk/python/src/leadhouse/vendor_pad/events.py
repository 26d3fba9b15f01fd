"""Webhook events of the VendorPad contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._webhook_event import WebhookEvent
from . import models

__all__ = [
    "EVENTS",
    "CustomerReply",
    "DisputeCreated",
    "DisputeStatusChanged",
    "LeadCreated",
    "LeadLost",
    "LeadOptedOut",
    "LeadStatusChanged",
    "LeadWon",
    "PackageGenerated",
    "Ping",
    "WebhookDisabled",
]


@dataclass(frozen=True, kw_only=True)
class CustomerReply(WebhookEvent[models.Message]):
    """The event `customer.reply`. Occurs when a lead replies to a message. The payload is about the reply."""


@dataclass(frozen=True, kw_only=True)
class DisputeCreated(WebhookEvent[models.Dispute]):
    """The event `dispute.created`. Occurs when a dispute is opened. The payload is about the dispute as it was after
    the change.
    """


@dataclass(frozen=True, kw_only=True)
class DisputeStatusChanged(WebhookEvent[models.Dispute]):
    """The event `dispute.status_changed`. Occurs when the status of a dispute changes. The payload is about the
    dispute as it was after the change.
    """


@dataclass(frozen=True, kw_only=True)
class LeadCreated(WebhookEvent[models.Lead]):
    """The event `lead.created`. Occurs when a lead is created. The payload is about the lead as it was after the
    change.
    """


@dataclass(frozen=True, kw_only=True)
class LeadLost(WebhookEvent[models.Lead]):
    """The event `lead.lost`. Occurs when a lead is lost. The payload is about the lead as it was after the change."""


@dataclass(frozen=True, kw_only=True)
class LeadOptedOut(WebhookEvent[models.Lead]):
    """The event `lead.opted_out`. Occurs when a person opts out of messages. The payload is about the lead as it was
    after the change.
    """


@dataclass(frozen=True, kw_only=True)
class LeadStatusChanged(WebhookEvent[models.Lead]):
    """The event `lead.status_changed`. Occurs when the status of a lead changes. The payload is about the lead as it
    was after the change.
    """


@dataclass(frozen=True, kw_only=True)
class LeadWon(WebhookEvent[models.Lead]):
    """The event `lead.won`. Occurs when a lead becomes a customer. The payload is about the lead as it was after the
    change.
    """


@dataclass(frozen=True, kw_only=True)
class PackageGenerated(WebhookEvent[models.Package]):
    """The event `package.generated`. Occurs when an evidence package of a dispute is generated, or cannot be: its
    status is `READY` or `FAILED`. The payload is about the evidence package.
    """


@dataclass(frozen=True, kw_only=True)
class Ping(WebhookEvent[models.Subscription]):
    """The event `ping`. Occurs when a test event is requested for a webhook subscription. The payload is about the
    webhook subscription.
    """


@dataclass(frozen=True, kw_only=True)
class WebhookDisabled(WebhookEvent[models.Subscription]):
    """The event `webhook.disabled`. Occurs when a webhook subscription is disabled automatically because its endpoint
    kept failing or responded 410 Gone. The payload is about the webhook subscription.
    """


EVENTS: dict[str, tuple[type[WebhookEvent[object]], type]] = {
    "customer.reply": (CustomerReply, models.Message),
    "dispute.created": (DisputeCreated, models.Dispute),
    "dispute.status_changed": (DisputeStatusChanged, models.Dispute),
    "lead.created": (LeadCreated, models.Lead),
    "lead.lost": (LeadLost, models.Lead),
    "lead.opted_out": (LeadOptedOut, models.Lead),
    "lead.status_changed": (LeadStatusChanged, models.Lead),
    "lead.won": (LeadWon, models.Lead),
    "package.generated": (PackageGenerated, models.Package),
    "ping": (Ping, models.Subscription),
    "webhook.disabled": (WebhookDisabled, models.Subscription),
}
"""Class of each event, and of its data."""
