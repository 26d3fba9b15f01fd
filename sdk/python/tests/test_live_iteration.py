"""Iteration over a list that changes meanwhile."""

from __future__ import annotations

import os
import threading
import time
import uuid

from leadhouse import Leadhouse
from leadhouse.native import LeadParams

from .live import Live

LEADS = int(os.environ.get("LEADHOUSE_SDK_LEADS", "600"))
"""Leads that are iterated over. 10,000 take about a minute; the TypeScript SDK's tests do so in CI."""
BATCH = 100
"""Leads of one call that creates many, which is its maximum."""


def test_iteration_yields_each_lead_once(live: Live, lh: Leadhouse) -> None:
    source = f"RUN_{uuid.uuid4().hex[:8].upper()}"
    made = [lead_id for _ in range(LEADS // BATCH) for lead_id in _create(lh, source, BATCH)]
    # Every tenth lead is erased while the iteration runs, and others are created.
    erased, kept = set(made[::10]), set(made) - set(made[::10])
    created: set[str] = set()
    ends = threading.Event()

    def disturb() -> None:
        with Leadhouse(api_key=live.native_key, base_url=live.base_url, max_retries=6) as other:
            for number, lead_id in enumerate(sorted(erased)):
                if ends.is_set() and number > 20:
                    return
                other.leads.erase(lead_id)
                created.update(_create(other, source, 2))

    thread = threading.Thread(target=disturb)
    thread.start()
    began = time.monotonic()
    seen = []
    try:
        for lead in lh.leads.iterate(source=source, limit=50):
            seen.append(lead.id)
    finally:
        ends.set()
        thread.join()
    print(f"{len(seen)} leads in {time.monotonic() - began:.1f} s, {len(created)} created meanwhile")
    assert len(seen) == len(set(seen)), "no lead twice"
    assert kept <= set(seen), "no lead is missing"
    assert set(seen) <= set(made) | created


def _create(client: Leadhouse, source: str, number: int) -> list[str]:
    lead: LeadParams = {"name": "A", "email": "a@example.com", "source": source}
    results = client.leads.create_batch([lead] * number).results
    return [result.to_dict()["lead"]["id"] for result in results]
