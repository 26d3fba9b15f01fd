"""Models: what the API returns, now and in the future."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from leadhouse import ConfigurationError
from leadhouse._model import decode, to_json
from leadhouse.lead_rescue import events as lead_rescue_events
from leadhouse.native import Batch, CreatedLead, KpiReport, Lead, Subscription, models
from leadhouse.native import events as native_events
from leadhouse.revenue_defenders import events as revenue_defenders_events
from leadhouse.vendor_pad import events as vendor_pad_events

from .conformance import ROOT

LEAD = {
    "id": "1",
    "businessId": "b",
    "name": "Jane",
    "status": "NEW",
    "createdAt": "2026-05-25T12:00:00.000Z",
    "attributes": {"some_key": 1, "someKey": 2.5},
    "utm": {"source": "x"},
    "score": {"value": 30, "reasons": [{"code": "EMAIL", "points": 15, "text": "has one"}]},
}


def test_unknown_fields_and_words_are_kept() -> None:
    received = {**LEAD, "status": "STATUS_OF_THE_FUTURE", "fieldOfTheFuture": {"a": [1]}}
    lead: Lead = decode(Lead, received)
    assert lead.status == "STATUS_OF_THE_FUTURE"
    assert lead.extra == {"fieldOfTheFuture": {"a": [1]}}
    assert lead.to_dict() == received
    assert lead.score.reasons[0].points == 15
    assert lead.attributes == {"some_key": 1, "someKey": 2.5}


def test_left_out_fields_are_none() -> None:
    lead: Lead = decode(Lead, {"id": "1"})
    values: list[Any] = [lead.id, lead.name, lead.created_at, lead.utm]
    assert values == ["1", None, None, None]


@pytest.mark.parametrize("value", ["text", 5, None, [], {"a": 1}, True])
def test_values_of_other_types_do_not_break_decoding(value: Any) -> None:
    lead: Lead = decode(Lead, dict.fromkeys([*LEAD, "consent", "updatedAt"], value))
    assert lead.to_dict()["score"] == value
    assert decode(Batch, {"results": value}).to_dict() == {"results": value}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-25T12:00:00.000Z", datetime(2026, 5, 25, 12, tzinfo=timezone.utc)),
        ("2026-05-25T12:00:00.123456+02:00", datetime(2026, 5, 25, 12, 0, 0, 123456, timezone(timedelta(hours=2)))),
        ("2026-05-25T12:00:00Z", datetime(2026, 5, 25, 12, tzinfo=timezone.utc)),
        ("someday", "someday"),
    ],
)
def test_times(text: str, expected: Any) -> None:
    assert decode(Lead, {"createdAt": text}).created_at == expected


def test_dates_and_names_that_are_keywords() -> None:
    report = decode(KpiReport, {"from": "2026-05-01", "to": "2026-05-31"})
    assert (report.from_, report.to) == (date(2026, 5, 1), date(2026, 5, 31))


def test_entries_of_a_batch_are_told_apart() -> None:
    results = [{"status": 201, "lead": LEAD}, {"status": 400, "error": {"code": "X", "message": "m"}}, {"status": 599}]
    batch = decode(Batch, {"results": results})
    kinds = [type(one).__name__ for one in batch.results]
    assert kinds == ["CreatedBatchEntry", "FailedBatchEntry", "FailedBatchEntry"]


def test_a_created_lead_is_a_lead() -> None:
    assert issubclass(CreatedLead, Lead)


def test_models_are_compared_copied_and_pickled() -> None:
    lead: Lead = decode(Lead, LEAD)
    assert lead == decode(Lead, json.loads(json.dumps(LEAD)))
    assert copy.deepcopy(lead) == pickle.loads(pickle.dumps(lead)) == lead


def test_secrets_are_not_shown() -> None:
    webhook = decode(Subscription, {"id": "1", "secret": "whsec_hidden"})
    assert webhook.secret == "whsec_hidden"
    assert "whsec_hidden" not in repr(webhook)


def test_models_made_by_hand_become_json() -> None:
    change = models.StatusChange(from_="NEW", to="WON")
    assert change.to_dict() == {"from": "NEW", "to": "WON"}
    assert to_json([datetime(2026, 5, 25, tzinfo=timezone.utc), change]) == [
        "2026-05-25T00:00:00.000Z",
        change.to_dict(),
    ]


def test_times_without_a_zone_are_rejected() -> None:
    with pytest.raises(ConfigurationError, match="time zone"):
        to_json(datetime(2026, 5, 25))


@pytest.mark.parametrize(
    ("document", "events"),
    [
        ("native", native_events.EVENTS),
        ("revenue-defenders", revenue_defenders_events.EVENTS),
        ("lead-rescue", lead_rescue_events.EVENTS),
        ("vendor-pad", vendor_pad_events.EVENTS),
    ],
)
def test_examples_of_the_documents_are_decoded_whole(document: str, events: dict[str, Any]) -> None:
    webhooks = json.loads((ROOT / "openapi" / f"{document}.json").read_text(encoding="utf-8"))["webhooks"]
    assert set(webhooks) == set(events)
    for name, operations in webhooks.items():
        example = operations["post"]["requestBody"]["content"]["application/json"]["example"]
        data = example.get("data", example) if document in ("native", "vendor-pad") else example
        decoded = decode(events[name][1], data)
        assert decoded.extra == {}, name
        assert decoded.to_dict() == data
