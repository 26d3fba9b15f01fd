"""The clients."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar, TypeVar

import httpx

from ._contract import NATIVE, REVENUE_DEFENDERS, Contract
from ._hooks import Hooks
from ._http import HttpResponse, RequestOptions
from ._requests import Operation, build
from ._resource import AsyncResource, Resource
from ._settings import (
    DEFAULT_INITIAL_RETRY_DELAY,
    DEFAULT_MAX_RETRIES,
    DEFAULT_MAX_RETRY_AFTER,
    DEFAULT_MAX_RETRY_DELAY,
    DEFAULT_TIMEOUT,
    Settings,
)
from ._transport import AsyncTransport, Transport
from .native.operations import AsyncNativeOperations, NativeOperations
from .revenue_defenders.operations import AsyncRevenueDefendersOperations, RevenueDefendersOperations

ClientT = TypeVar("ClientT", bound="Client")
AsyncClientT = TypeVar("AsyncClientT", bound="AsyncClient")


class Client(Resource):
    """Options and life of a synchronous client.

    Args:
        api_key: API key; the environment variable LEADHOUSE_API_KEY if absent.
        base_url: Address of the server, such as http://127.0.0.1:8080; LEADHOUSE_BASE_URL if absent.
        timeout: Seconds within which the response of each attempt must be complete.
        max_retries: Maximum number of further attempts.
        initial_retry_delay: Seconds: upper bound of the first wait, doubled by each further one.
        max_retry_delay: Seconds: upper bound of a wait that the server did not ask for.
        max_retry_after: Seconds: longest `Retry-After` that is waited for.
        headers: Further headers of every request. They replace those of the SDK of the same name in any letter case;
            Authorization, Idempotency-Key, X-Idempotency-Key, Content-Type and Content-Length are rejected: only the
            SDK sets them.
        hooks: Functions that are called for each attempt.
        http_client: Client of httpx, for proxies, certificates and connection pools. It is not closed.
    """

    _contract: ClassVar[Contract]

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        initial_retry_delay: float = DEFAULT_INITIAL_RETRY_DELAY,
        max_retry_delay: float = DEFAULT_MAX_RETRY_DELAY,
        max_retry_after: float = DEFAULT_MAX_RETRY_AFTER,
        headers: Mapping[str, str] | None = None,
        hooks: Hooks | None = None,
        http_client: httpx.Client | None = None,
    ) -> None:
        settings = Settings.checked(
            self._contract,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            initial_retry_delay=initial_retry_delay,
            max_retry_delay=max_retry_delay,
            max_retry_after=max_retry_after,
            headers=headers,
            hooks=hooks,
        )
        super().__init__(Transport(settings, http_client))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> HttpResponse:
        """Sends a request for which there is no method, with the same retries and errors.

        Args:
            method: HTTP method.
            path: Path below the base path of the contract, such as `/leads`.
            query: Query parameters.
            body: Body, for POST and PATCH.
            idempotency_key: Name of this request; made if absent.
            options: Time limit, retries and headers of this request alone.
        """
        operation: Operation[None] = Operation(method.upper(), path)
        settings = self._transport.settings
        request = build(settings, operation, query=query, body=body, idempotency_key=idempotency_key, options=options)
        return self._transport.send(request)

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self: ClientT) -> ClientT:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(AsyncResource):
    """Options and life of an asynchronous client.

    Args:
        api_key: API key; the environment variable LEADHOUSE_API_KEY if absent.
        base_url: Address of the server, such as http://127.0.0.1:8080; LEADHOUSE_BASE_URL if absent.
        timeout: Seconds within which the response of each attempt must be complete.
        max_retries: Maximum number of further attempts.
        initial_retry_delay: Seconds: upper bound of the first wait, doubled by each further one.
        max_retry_delay: Seconds: upper bound of a wait that the server did not ask for.
        max_retry_after: Seconds: longest `Retry-After` that is waited for.
        headers: Further headers of every request. They replace those of the SDK of the same name in any letter case;
            Authorization, Idempotency-Key, X-Idempotency-Key, Content-Type and Content-Length are rejected: only the
            SDK sets them.
        hooks: Functions that are called for each attempt.
        http_client: Client of httpx, for proxies, certificates and connection pools. It is not closed.
    """

    _contract: ClassVar[Contract]

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        initial_retry_delay: float = DEFAULT_INITIAL_RETRY_DELAY,
        max_retry_delay: float = DEFAULT_MAX_RETRY_DELAY,
        max_retry_after: float = DEFAULT_MAX_RETRY_AFTER,
        headers: Mapping[str, str] | None = None,
        hooks: Hooks | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        settings = Settings.checked(
            self._contract,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            initial_retry_delay=initial_retry_delay,
            max_retry_delay=max_retry_delay,
            max_retry_after=max_retry_after,
            headers=headers,
            hooks=hooks,
        )
        super().__init__(AsyncTransport(settings, http_client))

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> HttpResponse:
        """Sends a request for which there is no method, with the same retries and errors.

        Args:
            method: HTTP method.
            path: Path below the base path of the contract, such as `/leads`.
            query: Query parameters.
            body: Body, for POST and PATCH.
            idempotency_key: Name of this request; made if absent.
            options: Time limit, retries and headers of this request alone.
        """
        operation: Operation[None] = Operation(method.upper(), path)
        settings = self._transport.settings
        request = build(settings, operation, query=query, body=body, idempotency_key=idempotency_key, options=options)
        return await self._transport.send(request)

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.close()

    async def __aenter__(self: AsyncClientT) -> AsyncClientT:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Leadhouse(Client, NativeOperations):
    """Client of the native contract. Safe to share between threads; use it in a `with` statement, or close it.

    Its options are those of `Client`.
    """

    _contract: ClassVar[Contract] = NATIVE


class AsyncLeadhouse(AsyncClient, AsyncNativeOperations):
    """Client of the native contract for asyncio and Trio. Use it in an `async with` statement, or close it.

    Its options are those of `AsyncClient`.
    """

    _contract: ClassVar[Contract] = NATIVE


class RevenueDefenders(Client, RevenueDefendersOperations):
    """Client of the Revenue Defenders contract. Safe to share between threads.

    Its options are those of `Client`.
    """

    _contract: ClassVar[Contract] = REVENUE_DEFENDERS


class AsyncRevenueDefenders(AsyncClient, AsyncRevenueDefendersOperations):
    """Client of the Revenue Defenders contract for asyncio and Trio.

    Its options are those of `AsyncClient`.
    """

    _contract: ClassVar[Contract] = REVENUE_DEFENDERS
