"""Iteration over the event log, to its end or for ever."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Final

from ._http import RequestOptions
from ._responses import repeated, unexpected
from ._settings import Settings
from .native import models, resources
from .native.models import Contract, EventType

MAX_LIMIT: Final = 100
"""Largest page of the log."""
MAX_WAIT: Final = 20
"""Seconds: the longest time that a request waits for an event."""
REQUEST_TIME: Final = 5
"""Seconds that a request needs beside its wait: the wait ends before the time limit of the request."""
DEFAULT_POLL_INTERVAL: Final = 5.0
"""Seconds between two requests at the end of the log, where the deployment does not wait."""


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
        while True:
            page = self.read(
                after=after,
                limit=_limit(limit),
                contract=contract,
                event=event,
                business_id=business_id,
                options=options,
            )
            _check(page, after)
            yield page
            if not page.pagination.has_more:
                return
            after = page.pagination.after

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
        wait = _wait(self._transport.settings, options)
        while True:
            began = time.monotonic()
            page = self.read(
                after=after,
                limit=MAX_LIMIT,
                wait=wait,
                contract=contract,
                event=event,
                business_id=business_id,
                options=options,
            )
            _check(page, after)
            yield from page.data
            after = page.pagination.after
            if _is_at_end(page):
                self._transport.sleep(_rest(began, poll_interval))


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
        while True:
            page = await self.read(
                after=after,
                limit=_limit(limit),
                contract=contract,
                event=event,
                business_id=business_id,
                options=options,
            )
            _check(page, after)
            yield page
            if not page.pagination.has_more:
                return
            after = page.pagination.after

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
        wait = _wait(self._transport.settings, options)
        while True:
            began = time.monotonic()
            page = await self.read(
                after=after,
                limit=MAX_LIMIT,
                wait=wait,
                contract=contract,
                event=event,
                business_id=business_id,
                options=options,
            )
            _check(page, after)
            for one in page.data:
                yield one
            after = page.pagination.after
            if _is_at_end(page):
                await self._transport.sleep(_rest(began, poll_interval))


def _limit(limit: int | None) -> int:
    return MAX_LIMIT if limit is None else limit


def _wait(settings: Settings, options: RequestOptions | None) -> int:
    """Returns the seconds that a request waits for an event, within its time limit."""
    timeout = (options or {}).get("timeout", settings.timeout)
    return max(0, min(MAX_WAIT, int(timeout) - REQUEST_TIME))


def _is_at_end(page: models.EventLog) -> bool:
    return not page.data and not page.pagination.has_more


def _rest(began: float, poll_interval: float) -> float:
    """Returns the seconds that are left of a poll interval: none if the request has waited."""
    return max(0.0, began + poll_interval - time.monotonic())


def _check(page: models.EventLog, after: str | None) -> None:
    """Raises UnexpectedResponseError if the page cannot be gone on from."""
    response = page.http_response
    if response is None:  # only nested objects have none
        return
    # Decoding never fails: what is missing is None.
    pagination: models.EventLogPagination | None = page.pagination
    if not isinstance(page.data, list) or pagination is None or not isinstance(pagination.after, str):
        raise unexpected(response, page.to_dict())
    if pagination.has_more and pagination.after == after:
        raise repeated(response, "position")
