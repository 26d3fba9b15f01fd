"""Webhooks of a server, verified by the SDK and by two other libraries; and the other way round."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime, timezone

import pytest
import standardwebhooks
import svix.webhooks

from leadhouse import (
    Leadhouse,
    WebhookVerificationError,
    events,
    sign_webhook,
    verify_webhook,
    verify_webhook_signature,
)
from leadhouse.lead_rescue import events as lead_rescue
from leadhouse.native import Lead
from leadhouse.revenue_defenders import events as revenue_defenders
from leadhouse.vendor_pad import events as vendor_pad
from leadhouse.webhooks import ContractName

from .live import Receiver

CLASSES: dict[ContractName, type] = {
    "native": events.LeadCreated,
    "revenueDefenders": revenue_defenders.LeadCreated,
    "leadRescue": lead_rescue.LeadCreated,
    "vendorPad": vendor_pad.LeadCreated,
}
STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
OWN = {
    "native": "x-signature",
    "revenueDefenders": "x-revenuedefenders-signature",
    "leadRescue": "x-leadrescue-signature",
    "vendorPad": "x-vendorpad-signature",
}


@pytest.mark.parametrize("contract", list(CLASSES))
def test_deliveries_of_every_contract_are_verified(lh: Leadhouse, receiver: Receiver, contract: ContractName) -> None:
    webhook = lh.webhooks.create(url=receiver.url, events=["lead.created"], contract=contract)
    secret = webhook.secret
    assert secret
    lead = lh.leads.create(name="Zoë Åkesson", email="zoe@example.com")
    delivery = receiver.next()
    lh.webhooks.delete(webhook.id)

    event = verify_webhook(delivery.headers, delivery.body, secret)
    assert isinstance(event, CLASSES[contract])
    assert (event.contract, event.type, event.scheme) == (contract, "lead.created", "standard")
    assert event.payload == json.loads(delivery.body)
    if isinstance(event, events.LeadCreated):
        assert isinstance(event.data, Lead)
        assert (event.data.id, event.data.name) == (lead.id, "Zoë Åkesson")

    own = [(name, value) for name, value in delivery.headers if name.lower() not in STANDARD]
    assert verify_webhook(own, delivery.body, secret, scheme="contract").scheme == "contract"
    signature = {name.lower(): value for name, value in own}[OWN[contract]]
    signed_alone = verify_webhook_signature(raw_body=delivery.body, signature_header=signature, secret=secret)
    assert signed_alone == (contract != "vendorPad")

    headers = {name.lower(): value for name, value in delivery.headers}
    _verify_with_other_libraries(headers, delivery.body, secret)

    other = "whsec_" + "A" * 43 + "="
    for changed in (delivery.body + b" ", delivery.body.replace(b"Zo", b"zo"), delivery.body[:-1]):
        assert _reason(delivery.headers, changed, secret) == "no_matching_signature"
    assert _reason(delivery.headers, delivery.body, other) == "no_matching_signature"
    assert _reason(delivery.headers, delivery.body, secret, now=time.time() + 301) == "timestamp_too_old"
    assert _reason(delivery.headers, delivery.body, secret, now=time.time() - 330) == "timestamp_too_new"


def test_a_rotation_is_seamless(lh: Leadhouse, receiver: Receiver) -> None:
    webhook = lh.webhooks.create(url=receiver.url, events=["lead.created"])
    rotated = lh.webhooks.rotate_secret(webhook.id, overlap_seconds=600)
    assert webhook.secret
    assert rotated.secret
    lh.leads.create(name="Jane", email="jane@example.com")
    delivery = receiver.next()
    lh.webhooks.delete(webhook.id)
    for secret in (webhook.secret, rotated.secret, [rotated.secret, webhook.secret]):
        assert verify_webhook(delivery.headers, delivery.body, secret).type == "lead.created"
    own = [(name, value) for name, value in delivery.headers if name.lower() not in STANDARD]
    assert verify_webhook(own, delivery.body, [rotated.secret, webhook.secret]).scheme == "contract"
    assert _reason(own, delivery.body, rotated.secret) == "no_matching_signature"


@pytest.mark.parametrize("contract", list(CLASSES))
def test_other_libraries_verify_what_the_sdk_signs(contract: ContractName) -> None:
    secret, body = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", '{"id": "1", "name": "Zoë"}'.encode()
    headers = sign_webhook(body, secret, contract=contract)
    _verify_with_other_libraries(headers, body, secret)
    assert verify_webhook(headers, body, secret).contract == contract


def test_the_sdk_verifies_what_other_libraries_sign() -> None:
    secret, body = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", '{"type": "ping", "data": {}, "name": "Zoë"}'
    for library in (standardwebhooks.Webhook(secret), svix.webhooks.Webhook(secret)):
        delivery, now = str(uuid.uuid4()), datetime.now(timezone.utc)
        signature = library.sign(delivery, now, body)
        headers = {
            "webhook-id": delivery,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        event = verify_webhook(headers, body, secret)
        assert (event.id, event.type) == (delivery, "ping")


def _verify_with_other_libraries(headers: dict[str, str], body: bytes, secret: str) -> None:
    assert standardwebhooks.Webhook(secret).verify(body, headers) == json.loads(body)
    svix.webhooks.Webhook(secret).verify(body, headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(body + b" ", headers)
    with pytest.raises(svix.webhooks.WebhookVerificationError):
        svix.webhooks.Webhook(secret).verify(body + b" ", headers)


def _reason(headers: list[tuple[str, str]], body: bytes, secret: str, now: float | None = None) -> str:
    with pytest.raises(WebhookVerificationError) as raised:
        verify_webhook(headers, body, secret, now=now)
    assert raised.value.advice
    return raised.value.reason
