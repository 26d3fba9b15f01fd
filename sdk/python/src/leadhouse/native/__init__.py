"""The native contract: its models, the nested objects of arguments, its resources and events."""

from . import events, models, operations, params, resources
from .models import *  # noqa: F403
from .params import *  # noqa: F403

__all__ = ["events", "models", "operations", "params", "resources"]
__all__ += models.__all__
__all__ += params.__all__
