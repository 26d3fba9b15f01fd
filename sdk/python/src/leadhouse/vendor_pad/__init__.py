"""Models and events of VendorPad webhooks."""

from .models import *  # noqa: F403
