"""The native contract: its models, the nested objects of arguments, its resources and events."""

from .models import *  # noqa: F403
from .params import *  # noqa: F403
