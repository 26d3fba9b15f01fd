"""Models and events of LeadRescue webhooks."""

from .models import *  # noqa: F403
