"""Base classes of the generated resources."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, TypeVar, cast

from ._http import HttpResponse, RequestOptions
from ._model import decode
from ._pages import AsyncPage, Page, async_pages_from, page_parts, pages_from
from ._requests import Operation, build
from ._responses import body_of, unexpected
from ._transport import AsyncTransport, Transport

T = TypeVar("T")


class Resource:
    """A group of operations."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _send(self, operation: Operation[T], **arguments: Any) -> T:
        request = build(self._transport.settings, operation, **arguments)
        return value_of(self._transport.send(request), operation)

    def _page(
        self,
        operation: Operation[T],
        *,
        query: Mapping[str, Any],
        path: Mapping[str, str] | None = None,
        options: RequestOptions | None = None,
    ) -> Page[T]:
        settings = self._transport.settings
        request = build(settings, operation, path=path, query=query, options=options)
        response = self._transport.send(request)
        items, cursor = page_parts(response, settings.contract, operation.returns)

        def fetch(after: str) -> Page[T]:
            return self._page(operation, query={**query, "cursor": after}, path=path, options=options)

        return Page(items, cursor, response, fetch)

    def _pages(
        self, operation: Operation[T], *, max_limit: int, query: Mapping[str, Any], **more: Any
    ) -> Iterator[Page[T]]:
        yield from pages_from(self._page(operation, query=with_limit(query, max_limit), **more))

    def _iterate(self, operation: Operation[T], **arguments: Any) -> Iterator[T]:
        for page in self._pages(operation, **arguments):
            yield from page.items


class AsyncResource:
    """A group of operations."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def _send(self, operation: Operation[T], **arguments: Any) -> T:
        request = build(self._transport.settings, operation, **arguments)
        return value_of(await self._transport.send(request), operation)

    async def _page(
        self,
        operation: Operation[T],
        *,
        query: Mapping[str, Any],
        path: Mapping[str, str] | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[T]:
        settings = self._transport.settings
        request = build(settings, operation, path=path, query=query, options=options)
        response = await self._transport.send(request)
        items, cursor = page_parts(response, settings.contract, operation.returns)

        async def fetch(after: str) -> AsyncPage[T]:
            return await self._page(operation, query={**query, "cursor": after}, path=path, options=options)

        return AsyncPage(items, cursor, response, fetch)

    async def _pages(
        self, operation: Operation[T], *, max_limit: int, query: Mapping[str, Any], **more: Any
    ) -> AsyncIterator[AsyncPage[T]]:
        async for page in async_pages_from(await self._page(operation, query=with_limit(query, max_limit), **more)):
            yield page

    async def _iterate(self, operation: Operation[T], **arguments: Any) -> AsyncIterator[T]:
        async for page in self._pages(operation, **arguments):
            for item in page.items:
                yield item


def value_of(response: HttpResponse, operation: Operation[T]) -> T:
    """Returns what the body of a response holds. Raises UnexpectedResponseError if it is not what is documented."""
    # A 404 arrives here only if an earlier attempt has deleted the resource.
    if operation.returns is None or response.status_code in (204, 404):
        return cast("T", None)
    body = body_of(response)
    if not isinstance(body, dict):
        raise unexpected(response, body)
    return cast("T", decode(operation.returns, body, response))


def with_limit(query: Mapping[str, Any], max_limit: int) -> dict[str, Any]:
    """Returns the query with the largest page, unless it names a limit."""
    return {**query, "limit": max_limit if query.get("limit") is None else query["limit"]}
