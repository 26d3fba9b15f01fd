"""The Revenue Defenders contract: its models, its resources and events."""

from . import events, models, operations, resources
from .models import *  # noqa: F403

__all__ = ["events", "models", "operations", "resources"]
__all__ += models.__all__
