"""Models and events of VendorPad webhooks."""

from . import events, models
from .models import *  # noqa: F403

__all__ = ["events", "models"]
__all__ += models.__all__
