"""A client whose transport is in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from leadhouse import Leadhouse

BASE = "http://leadhouse.test"
Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, **options: Any) -> Leadhouse:
    """Returns a client whose requests a function responds to."""
    http_client = httpx.Client(transport=httpx.MockTransport(handler))
    return Leadhouse(**{"api_key": "lh_test_x", "base_url": BASE, "http_client": http_client, **options})
