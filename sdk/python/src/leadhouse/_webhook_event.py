"""A verified webhook."""

# No `from __future__ import annotations`: tools resolve annotations in the modules of subclasses, without these names.
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)

ContractName: TypeAlias = Literal["native", "revenueDefenders", "leadRescue", "vendorPad"]
"""Contract of a subscription, which decides headers and body of its deliveries."""
Scheme: TypeAlias = Literal["standard", "contract"]
"""How a delivery is signed: by the headers of Standard Webhooks, or by the header of its contract."""


@dataclass(frozen=True, kw_only=True)
class WebhookEvent(Generic[T_co]):
    """A verified webhook. Each type of event has a class of its own, in `leadhouse.events` for the native contract and
    in the module `events` of the others. A type that this version of the SDK does not know is of this class, with its
    data as JSON has it.
    """

    contract: ContractName
    """Contract of the subscription."""
    type: str | None
    """Type of the event, such as `lead.created`. No signature covers it in Revenue Defenders, where only a header has
    it; None if that is missing."""
    id: str | None
    """Id of the delivery, the same for every attempt: use it to process each event once."""
    timestamp: datetime | None
    """Time of the attempt; None if it is not signed."""
    scheme: Scheme
    """How the signature was made."""
    data: T_co
    """What the event is about: a lead, a dispute, a message, a package or a subscription."""
    payload: dict[str, Any] = field(repr=False)
    """The whole body as JSON has it."""
