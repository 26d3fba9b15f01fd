"""Options of a client, checked."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from ._contract import Contract
from ._headers import checked_extra_headers
from ._hooks import Hooks
from ._version import __version__
from .errors import ConfigurationError

DEFAULT_TIMEOUT = 35.0
"""Seconds for one attempt. API Gateway ends a request after 30 seconds with an error of its own: a client that gives up
at the same time would not see it. The event log, the slowest operation, waits for 20 seconds."""
DEFAULT_MAX_RETRIES = 2
"""Further attempts. Together with the waits between them they bridge the restart of a server."""
DEFAULT_INITIAL_RETRY_DELAY = 0.5
"""Seconds: the upper bound of the first wait, doubled by each further one."""
DEFAULT_MAX_RETRY_DELAY = 8.0
"""Seconds: the upper bound of a wait that the server did not ask for."""
DEFAULT_MAX_RETRY_AFTER = 60.0
"""Seconds: the longest `Retry-After` that is waited for. Limits per minute ask for less, limits per day for more."""


@dataclass(frozen=True)
class Settings:
    """Options of a client."""

    contract: Contract
    api_key: str = field(repr=False)
    base_url: str
    timeout: float
    max_retries: int
    initial_retry_delay: float
    max_retry_delay: float
    max_retry_after: float
    headers: Mapping[str, str] = field(repr=False)
    hooks: Hooks

    @classmethod
    def checked(
        cls,
        contract: Contract,
        *,
        api_key: str | None,
        base_url: str | None,
        timeout: float,
        max_retries: int,
        initial_retry_delay: float,
        max_retry_delay: float,
        max_retry_after: float,
        headers: Mapping[str, str] | None,
        hooks: Hooks | None,
    ) -> Settings:
        """Returns the options. Raises ConfigurationError if one is missing or malformed."""
        if not timeout > 0:
            raise ConfigurationError(f"timeout must be a positive number of seconds, not {timeout!r}.")
        if max_retries < 0:
            raise ConfigurationError(f"max_retries must be 0 or more, not {max_retries!r}.")
        return cls(
            contract,
            _checked_key(api_key),
            _checked_base_url(base_url, contract),
            timeout,
            max_retries,
            initial_retry_delay,
            max_retry_delay,
            max_retry_after,
            checked_extra_headers(headers),
            hooks or Hooks(),
        )


def user_agent() -> str:
    """Returns the User-Agent of all requests."""
    return f"leadhouse-python/{__version__} (Python {platform.python_version()}; httpx {httpx.__version__})"


def _checked_key(given: str | None) -> str:
    key = (given if given is not None else os.environ.get("LEADHOUSE_API_KEY", "")).strip()
    if not key:
        raise ConfigurationError("No API key. Pass api_key, or set the environment variable LEADHOUSE_API_KEY.")
    # The text of the key is not repeated: exceptions end up in logs.
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            "The API key has characters that no key has. Copy it again, without quotes or line breaks."
        )
    return key


def _checked_base_url(given: str | None, contract: Contract) -> str:
    url = (given if given is not None else os.environ.get("LEADHOUSE_BASE_URL", "")).strip().rstrip("/")
    if not url:
        raise ConfigurationError(
            "No base URL. Pass base_url, such as http://127.0.0.1:8080 or the address of your deployment, or set the "
            "environment variable LEADHOUSE_BASE_URL."
        )
    if not _is_base_url(url):
        raise ConfigurationError("base_url must be an http or https URL without credentials, query and fragment.")
    return url.removesuffix(contract.base_path)


def _is_base_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        httpx.URL(url)
        # Reading the port checks it.
        has_host = bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        return False
    extras = parts.query or parts.fragment or parts.username or parts.password
    return parts.scheme in ("http", "https") and has_host and not extras
