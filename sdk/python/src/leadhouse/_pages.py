"""Pages of lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ._contract import Contract
from ._http import HttpResponse
from ._model import decode
from ._responses import body_of, repeated_cursor, unexpected

T = TypeVar("T")


@dataclass(frozen=True)
class BasePage(Generic[T]):
    """One page of a list, the newest entries first."""

    items: list[T]
    """The entries. A page may have none and still not be the last, because a filter rejects most of what was read."""
    next_cursor: str | None
    """Cursor of the next page; None on the last one."""
    http_response: HttpResponse = field(repr=False, compare=False)
    """The response that this page is the body of."""

    @property
    def data(self) -> list[T]:
        """The entries, under their name in the native contract."""
        return self.items

    @property
    def has_more(self) -> bool:
        """Whether there is a further page."""
        return self.next_cursor is not None

    def to_dict(self) -> dict[str, Any]:
        """Returns the page as JSON has it."""
        body: dict[str, Any] = self.http_response.json()
        return body

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class Page(BasePage[T]):
    """One page of a list, the newest entries first. Iterating over it yields the entries of this page."""

    _fetch: Callable[[str], Page[T]] = field(repr=False, compare=False)

    def next_page(self) -> Page[T] | None:
        """Returns the next page, or None if this is the last."""
        return None if self.next_cursor is None else _checked_next_page(self, self._fetch(self.next_cursor))


@dataclass(frozen=True)
class AsyncPage(BasePage[T]):
    """One page of a list, the newest entries first. Iterating over it yields the entries of this page."""

    _fetch: Callable[[str], Awaitable[AsyncPage[T]]] = field(repr=False, compare=False)

    async def next_page(self) -> AsyncPage[T] | None:
        """Returns the next page, or None if this is the last."""
        return None if self.next_cursor is None else _checked_next_page(self, await self._fetch(self.next_cursor))


def pages_from(first: Page[T]) -> Iterator[Page[T]]:
    """Yields a page and those that follow it."""
    page: Page[T] | None = first
    while page is not None:
        yield page
        page = page.next_page()


async def async_pages_from(first: AsyncPage[T]) -> AsyncIterator[AsyncPage[T]]:
    """Yields a page and those that follow it."""
    page: AsyncPage[T] | None = first
    while page is not None:
        yield page
        page = await page.next_page()


def page_parts(response: HttpResponse, contract: Contract, kind: Any) -> tuple[list[Any], str | None]:
    """Returns the decoded entries of a page and the cursor of the next. Raises UnexpectedResponseError."""
    body = body_of(response)
    parts = contract.page(body)
    if parts is None:
        raise unexpected(response, body)
    entries, cursor = parts
    return [decode(kind, entry) for entry in entries], cursor


P = TypeVar("P", bound="BasePage[Any]")


def _checked_next_page(before: BasePage[Any], after: P) -> P:
    # A server that repeats a cursor would keep an iteration going for ever.
    if after.next_cursor is not None and after.next_cursor == before.next_cursor:
        raise repeated_cursor(after.http_response, "cursor")
    return after
