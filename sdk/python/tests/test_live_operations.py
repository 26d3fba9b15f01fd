"""Every operation of both contracts, against a server."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

import pytest

from leadhouse import AsyncLeadhouse, Hooks, Leadhouse, NotFoundError, RequestEvent, RevenueDefenders
from leadhouse.native import CreatedBatchEntry, FailedBatchEntry, StepParams

from .conformance import METHODS
from .live import Live, Receiver


class Recorded:
    """The operations that a client has called."""

    def __init__(self, contract: str, base_path: str) -> None:
        self.missing = set(METHODS[contract])
        self._patterns = {
            key: re.compile(re.sub(r"\{[^}]+\}", "[^/]+", base_path + key[1])) for key in METHODS[contract]
        }

    def __call__(self, event: RequestEvent) -> None:
        fitting = [
            key for key in self._patterns if key[0] == event.method and self._patterns[key].fullmatch(event.path)
        ]
        if fitting:  # A file is sent to a link outside the contract.
            # `/webhooks/inbound` fits `/webhooks/{id}` too: the pattern with fewer parameters is meant.
            self.missing.discard(min(fitting, key=lambda key: key[1].count("{")))


def test_every_native_operation(live: Live, receiver: Receiver) -> None:
    recorded = Recorded("native", "/v2")
    with Leadhouse(api_key=live.native_key, base_url=live.base_url, hooks=Hooks(on_request=recorded)) as lh:
        assert lh.health().status == "ok"
        assert lh.openapi_document()["openapi"].startswith("3.1")
        tenant = lh.me()
        assert tenant.tenant_name == "Harbour Homes"
        _businesses(lh)
        _leads(lh)
        _sequences(lh)
        _disputes(lh)
        _visitor_events(lh)
        _webhooks(lh, receiver)
        _inbound(lh)
        _keys(lh)
        _suppressions(lh)
        assert lh.audit_log.list(limit=3).items
        assert lh.analytics.kpis(range="7d").leads >= 1
        assert lh.test_data.purge() is None
    assert recorded.missing == set()


def _businesses(lh: Leadhouse) -> None:
    made = lh.businesses.create(name="Branch", country="SE", channels=["EMAIL"], time_zone="Europe/Stockholm")
    changed = lh.businesses.update(made.id, name="Branch 2")
    assert (changed.name, changed.time_zone) == ("Branch 2", "Europe/Stockholm")
    assert lh.businesses.get(made.id) == changed
    assert made.id in [business.id for business in lh.businesses.iterate()]


def _leads(lh: Leadhouse) -> None:
    lead = lh.leads.create(
        name="Jane Smith",
        email="jane.operations@example.com",
        phone="+44 20 7946 0018",
        utm={"source": "newsletter"},
        consent={"given": True, "text": "Yes"},
        attributes={"rooms": 3},
    )
    assert (lead.utm.source, lead.attributes["rooms"], lead.consent and lead.consent.given) == ("newsletter", 3, True)
    response = lead.http_response
    assert response is not None
    assert response.status_code == 201
    changed = lh.leads.update(lead.id, status="CONTACTED", message="Roof", if_match=response.etag)
    assert (changed.status, changed.version) == ("CONTACTED", 2)
    assert lh.leads.update(lead.id, message=None).message is None
    assert lh.leads.get(lead.id).status == "CONTACTED"
    since = datetime.now(timezone.utc) - timedelta(minutes=5)
    assert [one.id for one in lh.leads.list(email="jane.operations@example.com", created_from=since)] == [lead.id]
    assert lh.leads.list(created_to=date(2020, 1, 1)).items == []
    batch = lh.leads.create_batch([{"name": "A", "email": "a@example.com", "service_interest": "Roof"}, {"name": "B"}])
    made, failed = batch.results
    assert isinstance(made, CreatedBatchEntry)
    assert made.lead.service_interest == "Roof"
    assert isinstance(failed, FailedBatchEntry)
    assert failed.error.details
    assert failed.error.details[0].field == "leads[1].email"
    lh.leads.erase(made.lead.id)
    lh.leads.erase(made.lead.id)
    with pytest.raises(NotFoundError):
        lh.leads.get(made.lead.id)


def _sequences(lh: Leadhouse) -> None:
    first: StepParams = {"day": 0, "text": "Hello {{name}}", "channel": "EMAIL", "subject": "Hello"}
    template = lh.sequence_templates.create(name="Short", steps=[first, {"day": 3, "text": "Still interested?"}])
    assert lh.sequence_templates.get(template.id).steps[0].subject == "Hello"
    assert lh.sequence_templates.update(template.id, name="Shorter").name == "Shorter"
    assert template.id in [one.id for one in lh.sequence_templates.iterate(built_in=False)]
    lead = lh.leads.create(name="Sam", email="sam@example.com", consent={"given": True})
    started = lh.sequences.start(lead_id=lead.id, template_id=template.id)
    assert lh.leads.get_sequence(lead.id).lead_id == started.lead_id == lead.id
    assert lh.sequences.stop(lead.id).status == "STOPPED"
    assert isinstance(lh.leads.list_messages(lead.id).items, list)
    lh.sequence_templates.delete(template.id)


def _disputes(lh: Leadhouse) -> None:
    customer = lh.customers.create(name="Jane Smith")
    payment = lh.transactions.create(amount_cents=15_000, customer_id=customer.id, status="PAID")
    dispute = lh.disputes.create(
        reason="NOT_AS_DESCRIBED", amount_cents=15_000, customer_id=customer.id, transaction_id=payment.id
    )
    assert lh.customers.get(customer.id) in lh.customers.list(limit=10).items
    assert lh.transactions.get(payment.id) in lh.transactions.list(status="PAID").items
    assert lh.disputes.update(dispute.id, status="UNDER_REVIEW").status == "UNDER_REVIEW"
    assert dispute.id in [one.id for one in lh.disputes.list(status="UNDER_REVIEW").items]
    assert lh.disputes.get(dispute.id).status == "UNDER_REVIEW"
    assert lh.disputes.evidence_summary(dispute.id).dispute_id == dispute.id
    package = lh.packages.create(dispute.id, profile="MASTERCARD")
    assert lh.packages.get(package.id).dispute_id == dispute.id
    evidence = lh.evidence.upload(b"hello", category="RECEIPT", dispute_id=dispute.id, name="receipt.txt")
    assert (evidence.status, evidence.file and evidence.file.name) == ("READY", "receipt.txt")
    assert evidence.id in [one.id for one in lh.evidence.iterate(dispute_id=dispute.id)]


def _visitor_events(lh: Leadhouse) -> None:
    event = lh.events.record(event_type="custom", visitor_id="visitor-1", event_props={"someKey": [1, {"a_b": 2}]})
    listed = lh.events.list(visitor_id="visitor-1").items
    assert [(one.id, one.event_props) for one in listed] == [(event.id, {"someKey": [1, {"a_b": 2}]})]


def _webhooks(lh: Leadhouse, receiver: Receiver) -> None:
    webhook = lh.webhooks.create(url=receiver.url, events=["lead.won"])
    assert webhook.secret is not None
    assert webhook.secret not in repr(webhook)
    assert lh.webhooks.update(webhook.id, events=["*"]).events == ["*"]
    sent = lh.webhooks.test(webhook.id)
    receiver.next()
    assert lh.deliveries.get(sent.delivery_id).webhook_id == webhook.id
    assert lh.deliveries.retry(sent.delivery_id).id == sent.delivery_id
    assert lh.deliveries.list(webhook_id=webhook.id).items[0].event == "ping"
    assert lh.webhooks.recover(webhook.id, since=date.today()).recovered == 0
    assert lh.webhooks.rotate_secret(webhook.id, overlap_seconds=60).secret != webhook.secret
    assert lh.webhooks.get(webhook.id).previous_secret_until
    assert webhook.id in [one.id for one in lh.webhooks.iterate()]
    assert "lead.created" in [one.name for one in lh.event_types.iterate()]
    assert lh.event_log.read(limit=1).pagination.after
    end = lh.event_log.read(after="latest").pagination.after
    example = lh.event_log.add_example(event="lead.won").event_id
    followed = next(lh.event_log.follow(after=end, event="lead.won"))
    assert (followed.id, followed.example) == (example, True)
    assert example in [one.id for one in lh.event_log.iterate(event="lead.won")]
    assert lh.event_types.sample("lead.created", contract="vendorPad")["event"] == "lead.created"
    lh.webhooks.delete(webhook.id)


def _inbound(lh: Leadhouse) -> None:
    secret = lh.inbound.create_secret().secret
    lead = lh.leads.create(name="Kim", email="kim@example.com")
    reply = lh.inbound.report(
        event="customer.reply", lead_id=lead.id, channel="EMAIL", body="Thursday, please", inbound_secret=secret
    )
    assert reply.received
    assert [one.body for one in lh.leads.iterate_messages(lead.id)] == ["Thursday, please"]


def _keys(lh: Leadhouse) -> None:
    made = lh.keys.create(name="form", scopes=["leads:write"], mode="test")
    assert made.key is not None
    assert made.key not in repr(made)
    rotated = lh.keys.rotate(made.id, grace_seconds=0)
    assert lh.keys.get(made.id).rotated_to == rotated.id
    lh.keys.revoke(rotated.id)
    assert rotated.id in [one.id for one in lh.keys.iterate()]


def _suppressions(lh: Leadhouse) -> None:
    made = lh.suppressions.create(email="never@example.com")
    assert lh.suppressions.look_up(email="never@example.com").suppressed
    assert made.id in [one.id for one in lh.suppressions.iterate()]
    lh.suppressions.lift(made.id)
    assert not lh.suppressions.look_up(email="never@example.com").suppressed


def test_every_operation_of_revenue_defenders(live: Live) -> None:
    recorded = Recorded("revenueDefenders", "/api/v1")
    key, hooks = live.revenue_defenders_key, Hooks(on_request=recorded)
    with RevenueDefenders(api_key=key, base_url=live.base_url, hooks=hooks) as rd:
        lead = rd.leads.create(name="Jane Smith", email="jane@example.com", service_interest="Roof Repair")
        assert rd.leads.get(lead.id).name == "Jane Smith"
        page = rd.leads.list(business_id=lead.business_id, limit=50)
        assert lead.id in [one.id for one in page.items]
        assert page.next_cursor is None
        assert lead.id in [one.id for one in rd.leads.iterate(business_id=lead.business_id)]
        dispute = rd.disputes.create(reason="NOT_AS_DESCRIBED", amount_cents=15_000)
        assert rd.disputes.get(dispute.id) in rd.disputes.list().items
        for resource in (rd.evidence, rd.customers, rd.transactions):
            assert resource.list().next_cursor is None
        assert "/leads" in rd.openapi_document()["paths"]
    assert recorded.missing == set()


@pytest.mark.anyio
async def test_the_asynchronous_client_does_the_same(alh: AsyncLeadhouse) -> None:
    lead = await alh.leads.create(name="Jane Smith", email="jane.async@example.com")
    assert (await alh.leads.update(lead.id, status="WON")).status == "WON"
    page = await alh.leads.list(email="jane.async@example.com", limit=1)
    assert [one.id for one in page] == [lead.id]
    assert [one.id async for one in alh.leads.iterate(email="jane.async@example.com")] == [lead.id]
    assert [len(one) async for one in alh.leads.pages(email="jane.async@example.com")] == [1]
    evidence = await alh.evidence.upload(b"hello", category="RECEIPT", lead_id=lead.id, name="receipt.txt")
    assert evidence.status == "READY"
    response = await alh.request("GET", f"/leads/{lead.id}")
    assert response.json()["status"] == "WON"
