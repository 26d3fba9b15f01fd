"""Fixtures: a local server of Leadhouse, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from leadhouse import AsyncLeadhouse, Leadhouse, RevenueDefenders

from .live import Live, Receiver, running_receiver, running_server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    with running_server() as server:
        yield server


@pytest.fixture
def lh(live: Live) -> Iterator[Leadhouse]:
    with Leadhouse(api_key=live.native_key, base_url=live.base_url) as client:
        yield client


@pytest.fixture
async def alh(live: Live) -> AsyncIterator[AsyncLeadhouse]:
    async with AsyncLeadhouse(api_key=live.native_key, base_url=live.base_url) as client:
        yield client


@pytest.fixture
def rd(live: Live) -> Iterator[RevenueDefenders]:
    with RevenueDefenders(api_key=live.revenue_defenders_key, base_url=live.base_url) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running
