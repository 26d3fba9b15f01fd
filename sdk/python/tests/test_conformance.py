"""The conformance table, by both clients."""

from __future__ import annotations

import asyncio
import base64
import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest

import leadhouse
from leadhouse import AsyncClient, Client

from . import conformance
from .conformance import Case, Outcome, Server, as_json, cases, invocation, mismatches

CLIENTS: dict[str, tuple[type[Client], type[AsyncClient]]] = {
    "native": (leadhouse.Leadhouse, leadhouse.AsyncLeadhouse),
    "revenueDefenders": (leadhouse.RevenueDefenders, leadhouse.AsyncRevenueDefenders),
}


def named(case: Case) -> str:
    return str(case["name"])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with conformance.running_server() as running:
        yield running


@pytest.fixture(scope="module")
def second_server() -> Iterator[Server]:
    with conformance.running_server() as running:
        yield running


@pytest.mark.parametrize("case", cases("call"), ids=named)
def test_call_of_the_synchronous_client(case: Case, server: Server) -> None:
    began = time.monotonic()
    outcome = _call(case, server)
    _judge(case, outcome, time.monotonic() - began, server)


@pytest.mark.parametrize("case", cases("call"), ids=named)
def test_call_of_the_asynchronous_client(case: Case, second_server: Server) -> None:
    began = time.monotonic()
    outcome = asyncio.run(_call_async(case, second_server))
    _judge(case, outcome, time.monotonic() - began, second_server)


def _judge(case: Case, outcome: Outcome, seconds: float, server: Server) -> None:
    problems = mismatches(case, outcome, server.base_url(case)) + server.problems(case)
    if "tookAtMostMs" in case["expect"] and seconds * 1000 > case["expect"]["tookAtMostMs"]:
        problems.append(f"took {seconds * 1000:.0f} ms")
    assert problems == []


def _call(case: Case, server: Server) -> Outcome:
    outcome = Outcome()
    kind = CLIENTS[conformance.contract_of(case)][0]
    try:
        with kind(base_url=server.base_url(case), **conformance.client_options(case)) as client:
            value = invocation(case).bound_to(client)
            if case["call"].get("mode", "call") == "call":
                return Outcome.of(value)
            outcome.items = []
            for item in itertools.islice(value, case["call"].get("take")):
                outcome.items.append(as_json(item))
    except leadhouse.LeadhouseError as error:
        outcome.error = error
    return outcome


async def _call_async(case: Case, server: Server) -> Outcome:
    outcome = Outcome()
    kind = CLIENTS[conformance.contract_of(case)][1]
    try:
        async with kind(base_url=server.base_url(case), **conformance.client_options(case)) as client:
            value = invocation(case).bound_to(client)
            if case["call"].get("mode", "call") == "call":
                return Outcome.of(await value)
            outcome.items = []
            async for item in value:
                outcome.items.append(as_json(item))
                if len(outcome.items) == case["call"].get("take"):
                    break
    except leadhouse.LeadhouseError as error:
        outcome.error = error
    return outcome


@pytest.mark.parametrize("case", cases("verify"), ids=named)
def test_verification(case: Case) -> None:
    body: Any = base64.b64decode(case["bodyBase64"]) if "bodyBase64" in case else case["body"]
    given = dict(case.get("options", {}))
    options = {"tolerance": given.pop("toleranceSeconds", 300), "now": case["now"], **given}
    headers = [(name, value) for name, value in case["headers"]]
    outcome = Outcome()
    try:
        event = leadhouse.verify_webhook(headers, body, case["secret"], **options)
    except leadhouse.LeadhouseError as error:
        outcome.error = error
    else:
        actual = {
            "contract": event.contract,
            "type": event.type,
            "id": event.id,
            "timestamp": int(event.timestamp.timestamp()) if event.timestamp else None,
            "scheme": event.scheme,
            "data": as_json(event.data),
            "payload": event.payload,
        }
        expected = case["expect"].get("event", {})
        assert {name: actual[name] for name in expected} == expected
    assert mismatches(case, outcome) == []


@pytest.mark.parametrize("case", cases("signature"), ids=named)
def test_signature(case: Case) -> None:
    valid = leadhouse.verify_webhook_signature(
        raw_body=case["rawBody"], signature_header=case["signatureHeader"], secret=case["secret"]
    )
    assert valid == case["expect"]["valid"]


@pytest.mark.parametrize("case", cases("sign"), ids=named)
def test_signing(case: Case) -> None:
    signed = leadhouse.sign_webhook(
        case["body"],
        case["secret"],
        contract=case["contract"],
        type=case["type"],
        id=case["id"],
        timestamp=case["timestamp"],
    )
    assert signed == case["expect"]["headers"]
