"""The Revenue Defenders contract: its models, its resources and events."""

from .models import *  # noqa: F403
