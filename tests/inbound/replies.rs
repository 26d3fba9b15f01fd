//! Replies: each is recorded once, stops the sequence, counts in the KPIs and reaches subscribers.

use super::{
    NATIVE, in_rescue, issue_secret, lead, messages, opt_out_of, post_event, reply_of, start, wait_for_message,
};
use crate::harness::signature::{hmac_hex, is_signed_with};
use crate::harness::tables::{Tables, TestClock};
use crate::harness::{Caller, EFFECT_TIMEOUT, Receiver, eventually, options, run_concurrently, unlimited_server};
use domain::accounts::business::Channel;
use domain::follow_up::message::{Direction, MessageStatus};
use domain::{BusinessId, Clock, Contract, LeadId, Message, MessageId};
use http::Method;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_processed_once() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let hook = json!({ "url": receiver.url, "events": ["customer.reply", "lead.opted_out"] });
    native.post("/v2/webhooks", hook).await.expect(201);
    let secret = issue_secret(&native).await;
    let (named, unnamed) = (lead(&native, "named").await, lead(&native, "unnamed").await);
    let mut first = reply_of(&named, "STOP");
    first["id"] = json!("wamid.1");
    let mut second = reply_of(&unnamed, "Yes");
    second["receivedAt"] = json!("2026-06-26T13:11:02+02:00");
    for event in [&first, &second] {
        let outcomes = run_concurrently((0..20).map(|_| post_event(&native, NATIVE, &secret, event))).await;
        for reply in outcomes {
            assert_eq!(reply.expect(200), json!({ "received": true }));
        }
    }
    // Events with the same id are equal, whatever their content; without an id, another time makes another event.
    first["body"] = json!("Yes");
    post_event(&native, NATIVE, &secret, &first).await.expect(200);
    second["receivedAt"] = json!("2026-06-26T11:11:03Z");
    let body = second.to_string().into_bytes();
    let signature = hmac_hex(&secret, &body);
    let keyed = [("X-Signature", signature.as_str()), ("Idempotency-Key", "one")];
    let fresh = native.send(Method::POST, NATIVE, &keyed, Some(body.clone())).await;
    assert_eq!((fresh.status, fresh.header("idempotent-replayed")), (200, ""));
    let again = native.send(Method::POST, NATIVE, &keyed, Some(body)).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"));
    let of = |all: Vec<Value>| -> Vec<String> {
        all.iter().map(|message| message["body"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(messages(&native, &named).await), ["STOP"]);
    assert_eq!(of(messages(&native, &unnamed).await), ["Yes", "Yes"]);
    // Three replies and one opt-out, each once: the last event arrives after all the others.
    let received = receiver.wait_for(4, EFFECT_TIMEOUT).await;
    post_event(&native, NATIVE, &secret, &reply_of(&unnamed, "the last")).await.expect(200);
    let all = receiver.wait_for(received.len() + 1, EFFECT_TIMEOUT).await;
    let mut shown: Vec<_> = all.iter().map(|one| one.json()["type"].as_str().unwrap().to_owned()).collect();
    shown.sort_unstable();
    let replies = ["customer.reply"; 4].map(str::to_owned).to_vec();
    assert_eq!(shown, [replies, vec!["lead.opted_out".to_owned()]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn words_repeated_after_ten_minutes_are_new() {
    let clock = TestClock::at(SystemClock.now());
    let shared: Arc<dyn Clock> = Arc::<TestClock>::clone(&clock);
    let server = LocalServer::start(ServerOptions { clock: shared, ..options() }).await.unwrap();
    let native = Caller::native(&server);
    let secret = issue_secret(&native).await;
    let id = lead(&native, "jane").await;
    let mut named = reply_of(&id, "Yes please");
    named["id"] = json!("wamid.1");
    let count = async || messages(&native, &id).await.len();
    for (minutes, expected) in [(0, 2), (9, 2), (2, 3), (9, 3), (60, 4)] {
        clock.advance(Duration::from_mins(minutes));
        for event in [&reply_of(&id, "Yes please"), &named] {
            post_event(&native, NATIVE, &secret, event).await.expect(200);
        }
        assert_eq!(count().await, expected, "{minutes} minutes later");
    }
    let mut opt_outs = 0;
    for minutes in [0, 9, 11] {
        clock.advance(Duration::from_mins(minutes));
        post_event(&native, NATIVE, &secret, &opt_out_of(&id)).await.expect(200);
        opt_outs += usize::from(minutes != 9);
        assert_eq!(count().await, 4 + opt_outs);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_reply_is_found_in_constant_reads() {
    let tables = Tables::new(None).await;
    let (lead, now) = (LeadId::derived(&[b"lead"]), SystemClock.now());
    let mut operations = Vec::new();
    for number in 0..200_u8 {
        let id = MessageId::derived_at(now.after(Duration::from_secs(number.into())), &[&[number]]);
        let message = Message {
            id,
            lead,
            business: BusinessId::derived(&[b"business"]),
            direction: Direction::Inbound,
            channel: Channel::Sms,
            subject: None,
            body: "Hello".to_owned(),
            status: MessageStatus::Received,
            reason: None,
            provider_id: None,
            at: Some(now),
            at_text: None,
            first_reply_after: None,
            opt_out: false,
            created_at: now,
            expires_at: now.after(Duration::from_hours(24)),
        };
        let write = tables.store.put_message(tables.environment, &message).unwrap();
        tables.store.commit(vec![write]).await.unwrap();
        let before = tables.database.operations();
        assert_eq!(tables.store.unanswered_since(tables.environment, lead).await.unwrap(), None);
        operations.push(tables.database.operations() - before);
    }
    assert!(operations.iter().all(|count| *count == 3), "{operations:?}");
    // Sent after all of them: the sequence knows when.
    let partition = format!("L#{}#T#{}", tables.environment.tenant.simple(), lead.simple());
    tables.put(&[("pk", &partition), ("sk", "S")], &[("firstSentAt", now.millis())]).await;
    assert_eq!(tables.store.unanswered_since(tables.environment, lead).await.unwrap(), Some(now));
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_count_in_the_kpis() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let secret = issue_secret(&native).await;
    let (written, unwritten) = (lead(&native, "written").await, lead(&native, "unwritten").await);
    post_event(&native, NATIVE, &secret, &reply_of(&unwritten, "Hello, I am early")).await.expect(200);
    start(&native, &written).await;
    wait_for_message(&native, &written).await;
    let sent_at = messages(&native, &written).await[0]["sentAt"].as_str().unwrap().to_owned();
    let later = domain::Timestamp::parse(&sent_at).unwrap().after(Duration::from_mins(10)).to_string();
    for body in ["First", "Second"] {
        let mut reply = reply_of(&written, body);
        reply["receivedAt"] = json!(later);
        post_event(&native, NATIVE, &secret, &reply).await.expect(200);
    }
    post_event(&native, NATIVE, &secret, &opt_out_of(&written)).await.expect(200);
    eventually(EFFECT_TIMEOUT, "three replies, one of them first after ten minutes, and an opt-out", || async {
        let kpis = native.get("/v2/analytics/kpis?range=1d").await.expect(200);
        let median = kpis["medianFirstReplySeconds"].as_f64().unwrap_or_default();
        let counted = kpis["replies"] == 3 && kpis["optedOut"] == 1 && (570.0..=630.0).contains(&median);
        counted.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_reach_subscribers_of_every_contract() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let secret = issue_secret(&native).await;
    let mut hooks = Vec::new();
    for contract in Contract::ALL {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": ["customer.reply"], "contract": contract.name() });
        let made = native.post("/v2/webhooks", body).await.expect(201);
        hooks.push((contract, receiver, made["secret"].as_str().unwrap().to_owned()));
    }
    let id = lead(&native, "jane").await;
    // An opt-out is not a reply, and is not announced as one.
    post_event(&native, NATIVE, &secret, &opt_out_of(&lead(&native, "joe").await)).await.expect(200);
    let mut reply = reply_of(&id, "Tack, kanon känsla!");
    // As the LeadRescue document's sample writes it: forwarded to its subscribers as it came.
    let as_sent = "2026-06-26T11:11:02Z";
    reply["receivedAt"] = json!(as_sent);
    post_event(&native, NATIVE, &secret, &reply).await.expect(200);
    let at = "2026-06-26T11:11:02.000Z";
    for (contract, receiver, secret) in &hooks {
        let got = receiver.wait_for(1, EFFECT_TIMEOUT).await.remove(0);
        assert!(is_signed_with(contract.name(), secret, &got), "{contract:?}");
        let body = got.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let bare = |message: &Value| {
            json!({
                "id": text(&message["id"]), "leadId": id, "direction": "INBOUND", "channel": "EMAIL",
                "body": "Tack, kanon känsla!", "status": "RECEIVED", "receivedAt": at,
                "createdAt": text(&message["createdAt"]),
            })
        };
        let expected = match contract {
            Contract::LeadRescue => json!({
                "event": "customer.reply", "lead_id": in_rescue(&id), "channel": "email",
                "body": "Tack, kanon känsla!", "received_at": as_sent,
            }),
            Contract::Native => json!({
                "id": text(&body["id"]), "type": "customer.reply", "timestamp": text(&body["timestamp"]), "version": 1,
                "data": bare(&body["data"]),
            }),
            Contract::RevenueDefenders => bare(&body),
            Contract::VendorPad => json!({
                "id": text(&body["id"]), "event": "customer.reply", "created_at": text(&body["created_at"]),
                "data": {
                    "id": text(&body["data"]["id"]), "direction": "inbound", "channel": "email",
                    "body": "Tack, kanon känsla!", "status": "received", "received_at": as_sent,
                },
            }),
        };
        assert_eq!(body, expected, "{contract:?}");
    }
}
