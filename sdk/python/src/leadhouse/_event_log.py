"""Iteration over the event log, to its end or for ever."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from ._http import RequestOptions
from ._responses import repeated_cursor, unexpected
from ._settings import Settings
from .native import models, resources
from .native.models import Contract, EventType

MAX_LIMIT: Final = 100
"""Largest page of the log."""
MAX_WAIT: Final = 20
"""Seconds: the longest time that a deployment lets a request wait for an event."""
WAIT_MARGIN: Final = 5
"""Seconds between the end of the wait and the time limit of the request, for the way there and back."""
DEFAULT_POLL_INTERVAL: Final = 5.0
"""Seconds between two requests at the end of the log, where the deployment does not wait."""


class LogPosition:
    """Where an iteration over the event log stands. It does no I/O itself, so that both clients share it."""

    def __init__(self, after: str | None, **arguments: Any) -> None:
        self._after = after
        self._arguments = arguments
        self._began = 0.0

    def next_read(self) -> dict[str, Any]:
        """Returns the arguments of `read` for the next page."""
        self._began = time.monotonic()
        return {"after": self._after, **self._arguments}

    def advance(self, page: models.EventLog) -> bool:
        """Moves behind a page. Returns whether there are more. Raises UnexpectedResponseError if the page cannot be
        continued from.
        """
        _check(page, self._after)
        self._after = page.pagination.after
        return page.pagination.has_more

    def poll_delay(self, page: models.EventLog, poll_interval: float) -> float:
        """Returns the seconds until the next request: what is left of the interval, if this page ended the log. A
        request that has waited is followed by the next at once.
        """
        if page.data or page.pagination.has_more:
            return 0.0
        return max(0.0, self._began + poll_interval - time.monotonic())


class EventLogIteration(resources.EventLogResource):
    """Operations on the event log."""

    def pages(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        contract: Contract | None = None,
        event: EventType | None = None,
        business_id: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.EventLog]:
        """Yields every page after a position until the end of the log. The arguments are those of `read`.

        A page may be empty: its `pagination.after` is the position to go on at.
        """
        limit = MAX_LIMIT if limit is None else limit
        filters = {"contract": contract, "event": event, "business_id": business_id}
        position, has_more = LogPosition(after, limit=limit, options=options, **filters), True
        while has_more:
            page = self.read(**position.next_read())
            has_more = position.advance(page)
            yield page

    def iterate(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        contract: Contract | None = None,
        event: EventType | None = None,
        business_id: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.LoggedEvent]:
        """Yields every event after a position until the end of the log. The arguments are those of `read`.

        Without `after` it begins with the oldest event that is kept. Keep `event.position` of the last event that you
        have processed, and go on there next time.
        """
        for page in self.pages(
            after=after, limit=limit, contract=contract, event=event, business_id=business_id, options=options
        ):
            yield from page.data

    def follow(
        self,
        *,
        after: str | None = None,
        contract: Contract | None = None,
        event: EventType | None = None,
        business_id: str | None = None,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        options: RequestOptions | None = None,
    ) -> Iterator[models.LoggedEvent]:
        """Yields every event after a position, and then each further one as it is recorded. It never ends by itself.

        Where the deployment allows it, requests wait for the next event; otherwise they are repeated after
        `poll_interval`.

        Args:
            after: Position of an event, after which it begins, or `latest` for the end of the log.
            contract: Contract of the payloads; native by default.
            event: Only events of this type.
            business_id: Only events of this business.
            poll_interval: Seconds between two requests at the end of the log, if the deployment does not wait.
            options: Time limit, retries and headers of each request.
        """
        wait = _wait_seconds(self._transport.settings, options)
        filters = {"contract": contract, "event": event, "business_id": business_id}
        position = LogPosition(after, limit=MAX_LIMIT, wait=wait, options=options, **filters)
        while True:
            page = self.read(**position.next_read())
            position.advance(page)
            yield from page.data
            if delay := position.poll_delay(page, poll_interval):
                self._transport.sleep(delay)


class AsyncEventLogIteration(resources.AsyncEventLogResource):
    """Operations on the event log."""

    async def pages(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        contract: Contract | None = None,
        event: EventType | None = None,
        business_id: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.EventLog]:
        """Yields every page after a position until the end of the log. The arguments are those of `read`.

        A page may be empty: its `pagination.after` is the position to go on at.
        """
        limit = MAX_LIMIT if limit is None else limit
        filters = {"contract": contract, "event": event, "business_id": business_id}
        position, has_more = LogPosition(after, limit=limit, options=options, **filters), True
        while has_more:
            page = await self.read(**position.next_read())
            has_more = position.advance(page)
            yield page

    async def iterate(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        contract: Contract | None = None,
        event: EventType | None = None,
        business_id: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.LoggedEvent]:
        """Yields every event after a position until the end of the log. The arguments are those of `read`.

        Without `after` it begins with the oldest event that is kept. Keep `event.position` of the last event that you
        have processed, and go on there next time.
        """
        async for page in self.pages(
            after=after, limit=limit, contract=contract, event=event, business_id=business_id, options=options
        ):
            for one in page.data:
                yield one

    async def follow(
        self,
        *,
        after: str | None = None,
        contract: Contract | None = None,
        event: EventType | None = None,
        business_id: str | None = None,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.LoggedEvent]:
        """Yields every event after a position, and then each further one as it is recorded. It never ends by itself.

        Where the deployment allows it, requests wait for the next event; otherwise they are repeated after
        `poll_interval`.

        Args:
            after: Position of an event, after which it begins, or `latest` for the end of the log.
            contract: Contract of the payloads; native by default.
            event: Only events of this type.
            business_id: Only events of this business.
            poll_interval: Seconds between two requests at the end of the log, if the deployment does not wait.
            options: Time limit, retries and headers of each request.
        """
        wait = _wait_seconds(self._transport.settings, options)
        filters = {"contract": contract, "event": event, "business_id": business_id}
        position = LogPosition(after, limit=MAX_LIMIT, wait=wait, options=options, **filters)
        while True:
            page = await self.read(**position.next_read())
            position.advance(page)
            for one in page.data:
                yield one
            if delay := position.poll_delay(page, poll_interval):
                await self._transport.sleep(delay)


def _wait_seconds(settings: Settings, options: RequestOptions | None) -> int:
    """Returns the seconds that a request waits for an event, within its time limit."""
    timeout = (options or {}).get("timeout", settings.timeout)
    return max(0, min(MAX_WAIT, int(timeout) - WAIT_MARGIN))


def _check(page: models.EventLog, after: str | None) -> None:
    """Raises UnexpectedResponseError if the page cannot be continued from."""
    response = page.http_response
    if response is None:  # only nested objects have none
        return
    # Decoding never fails: what is missing is None.
    pagination: models.EventLogPagination | None = page.pagination
    if not isinstance(page.data, list) or pagination is None or not isinstance(pagination.after, str):
        raise unexpected(response, page.to_dict())
    if pagination.has_more and pagination.after == after:
        raise repeated_cursor(response, "position")
