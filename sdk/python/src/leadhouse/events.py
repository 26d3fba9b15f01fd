"""Webhook events of the native contract. Those of the others are in `leadhouse.revenue_defenders.events`,
`leadhouse.lead_rescue.events` and `leadhouse.vendor_pad.events`.
"""

from .native.events import *  # noqa: F403
from .native.events import __all__ as __all__
