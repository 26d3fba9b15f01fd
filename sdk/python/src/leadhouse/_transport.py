"""Sends requests with httpx, in a synchronous and an asynchronous form."""

from __future__ import annotations

import functools
import ssl
import time
from typing import Any

import anyio
import httpx

from ._http import HttpResponse, Request
from ._retries import RetryLoop
from ._settings import Settings

CONNECT_TIMEOUT = 5.0
"""Seconds to connect, TLS included: a host that is down should be noticed before the time limit of the attempt."""


@functools.cache
def _tls_context() -> ssl.SSLContext:
    """Returns the certificates to trust. Reading them takes longer than a request, so clients share them."""
    return httpx.create_ssl_context()


class Transport:
    """Sends requests and waits."""

    def __init__(self, settings: Settings, http_client: httpx.Client | None) -> None:
        self.settings = settings
        self._owns_client = http_client is None
        self._client = http_client or httpx.Client(verify=_tls_context())

    def send(self, request: Request) -> HttpResponse:
        """Sends a request as often as needed and returns the successful response. Raises LeadhouseError."""
        attempts = RetryLoop(request, self.settings)
        while True:
            attempts.begin_attempt()
            try:
                received = self._exchange(request)
            except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
                outcome: HttpResponse | float = attempts.on_connection_error(error)
            else:
                outcome = attempts.on_response(*received)
            if isinstance(outcome, HttpResponse):
                return outcome
            time.sleep(outcome)

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)

    def close(self) -> None:
        """Closes the connections, unless they are those of a client that was passed in."""
        if self._owns_client:
            self._client.close()

    def _exchange(self, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
        deadline = time.monotonic() + request.timeout
        with self._client.stream(**_arguments(request)) as response:
            parts = []
            # httpx limits the time between two chunks; this limits that of all.
            for part in response.iter_bytes():
                parts.append(part)
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the response did not end")
            return response.status_code, response.headers.multi_items(), b"".join(parts)


class AsyncTransport:
    """Sends requests and waits, on asyncio or Trio."""

    def __init__(self, settings: Settings, http_client: httpx.AsyncClient | None) -> None:
        self.settings = settings
        self._owns_client = http_client is None
        self._client = http_client or httpx.AsyncClient(verify=_tls_context())

    async def send(self, request: Request) -> HttpResponse:
        """Sends a request as often as needed and returns the successful response. Raises LeadhouseError."""
        attempts = RetryLoop(request, self.settings)
        while True:
            attempts.begin_attempt()
            try:
                received = await self._exchange(request)
            except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL, TimeoutError) as error:
                outcome: HttpResponse | float = attempts.on_connection_error(error)
            else:
                outcome = attempts.on_response(*received)
            if isinstance(outcome, HttpResponse):
                return outcome
            await anyio.sleep(outcome)

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await anyio.sleep(seconds)

    async def close(self) -> None:
        """Closes the connections, unless they are those of a client that was passed in."""
        if self._owns_client:
            await self._client.aclose()

    async def _exchange(self, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
        with anyio.fail_after(request.timeout):
            async with self._client.stream(**_arguments(request)) as response:
                content = await response.aread()
                return response.status_code, response.headers.multi_items(), content


def _arguments(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "content": request.content,
        "timeout": httpx.Timeout(request.timeout, connect=min(request.timeout, CONNECT_TIMEOUT)),
        # A redirect would carry the API key to another host, or turn a POST into a GET.
        "follow_redirects": False,
    }
