//! Audit log: entries for the actions of keys, operators and the service itself, with actor, action, target, time and
//! address.

use crate::harness::{
    Caller, CannedResponse, IssuedKey, Receiver, dynamodb_error, eventually, id, options, server, server_at,
    unlimited_server,
};
use domain::audit::{Action, Actor, AuditEntry};
use domain::{AuditId, Clock, Environment, Mode, Timestamp};
use emulator::FaultInjector;
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const LOG: &str = "/v2/audit-log";

async fn log(caller: &Caller, query: &str) -> Vec<Value> {
    let page = caller.get(&format!("{LOG}?limit=100{query}")).await.expect(200);
    assert_eq!(page["pagination"]["hasMore"], false);
    page["data"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

async fn status_changes(caller: &Caller, count: usize) -> Vec<Value> {
    eventually(Duration::from_secs(20), "changes of leads are noted", || async {
        let found = log(caller, "&action=lead.status_changed").await;
        (found.len() == count).then_some(found)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_management_action_writes_one_entry() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let key_of_caller = native.get("/v2/me").await.expect(200)["key"].clone();
    let business = native.post("/v2/businesses", json!({ "name": "Annex", "country": "SE" })).await.expect(201);
    let path = format!("/v2/businesses/{}", &id(&business));
    native.patch(&path, json!({ "name": "Annex" })).await.expect(200);
    native.patch(&path, json!({ "name": "The Annex", "brandId": 7 })).await.expect(200);
    native.post("/v2/businesses", json!({ "name": "B", "country": "SE", "brandId": 7 })).await.expect(409);

    let key = native.post("/v2/keys", json!({ "name": "k", "scopes": ["leads:read"] })).await.expect(201);
    let new = native.post(&format!("/v2/keys/{}/rotate", &id(&key)), json!({})).await.expect(201);
    for _ in 0..2 {
        native.delete(&format!("/v2/keys/{}", &id(&new))).await.expect(204);
    }

    let hook = native.subscribe(&receiver.url).await;
    let path = format!("/v2/webhooks/{}", &id(&hook));
    native.patch(&path, json!({ "events": ["lead.created"] })).await.expect(200);
    native.patch(&path, json!({ "events": ["lead.created"] })).await.expect(200);
    native.post(&format!("{path}/rotate-secret"), json!({})).await.expect(200);
    let ping = native.post(&format!("{path}/test"), json!({})).await.expect(202);
    let delivery = ping["deliveryId"].as_str().unwrap();
    receiver.wait_for(1, Duration::from_secs(10)).await;
    eventually(Duration::from_secs(10), "the ping is recorded", || async {
        let status = native.get(&format!("/v2/deliveries/{delivery}")).await.expect(200)["status"].clone();
        (status == "DELIVERED").then_some(())
    })
    .await;
    native.post(&format!("/v2/deliveries/{delivery}/retry"), json!({})).await.expect(202);
    native.post(&format!("{path}/recover"), json!({ "since": "2026-01-01T00:00:00Z" })).await.expect(202);
    native.delete(&path).await.expect(204);

    let mut entries = log(&native, "").await;
    entries.reverse();
    let of = |action: &str, subject: &str| (action.to_owned(), subject.to_owned());
    let expected = [
        of("business.created", &id(&business)),
        of("business.updated", &id(&business)),
        of("key.created", &id(&key)),
        of("key.rotated", &id(&key)),
        of("key.revoked", &id(&new)),
        of("webhook.created", &id(&hook)),
        of("webhook.updated", &id(&hook)),
        of("webhook.secret_rotated", &id(&hook)),
        of("webhook.tested", &id(&hook)),
        of("delivery.retried", delivery),
        of("webhook.recovered", &id(&hook)),
        of("webhook.deleted", &id(&hook)),
    ];
    let reported: Vec<_> =
        entries.iter().map(|one| of(one["action"].as_str().unwrap(), one["subjectId"].as_str().unwrap())).collect();
    assert_eq!(reported, expected);
    for entry in &entries {
        let actor = json!({
            "type": "KEY", "keyId": key_of_caller["id"], "keyPrefix": key_of_caller["prefix"], "sourceIp": "127.0.0.1"
        });
        assert_eq!(entry["actor"], actor);
        assert!(Timestamp::parse(entry["createdAt"].as_str().unwrap()).is_ok());
    }
    assert_eq!((&entries[0]["businessId"], &entries[5]["businessId"]), (&business["id"], &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_and_rejected_calls_write_no_entry() {
    let server = server().await;
    let native = Caller::native(&server);
    for _ in 0..3 {
        native.post_idempotent("/v2/keys", "k", json!({ "name": "k", "scopes": ["leads:read"] })).await.expect(201);
    }
    native.post("/v2/keys", json!({ "name": "", "scopes": [] })).await.expect(400);
    native.delete("/v2/keys/018f0000-0000-7000-8000-000000000000").await.expect(404);
    assert_eq!(actions(&log(&native, "").await), ["key.created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_changes_are_logged_without_personal_data() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "name": "Jane Smith", "email": "jane@example.com", "message": "A roof" });
    let lead = native.post_idempotent("/v2/leads", "k", body.clone()).await;
    let path = format!("/v2/leads/{}", id(&lead.json()));
    let made = native.post("/v2/keys", json!({ "name": "k", "scopes": ["leads:write"] })).await.expect(201);
    let other = native.with_key(made["key"].as_str().unwrap());
    native.patch(&path, json!({ "status": "CONTACTED" })).await.expect(200);
    native.patch(&path, json!({ "message": "Two roofs" })).await.expect(200);
    native.patch(&path, json!({ "status": "CONTACTED" })).await.expect(200);
    other.patch(&path, json!({ "status": "WON", "name": "Joan" })).await.expect(200);
    let entries = status_changes(&native, 2).await;
    let changes: Vec<_> = entries.iter().map(|entry| entry["change"].clone()).collect();
    assert_eq!(changes, [json!({ "from": "CONTACTED", "to": "WON" }), json!({ "from": "NEW", "to": "CONTACTED" })]);
    assert_eq!((&entries[0]["actor"]["keyId"], &entries[0]["actor"]["keyPrefix"]), (&made["id"], &made["prefix"]));
    assert_eq!(entries[0]["actor"]["sourceIp"], "127.0.0.1");
    for entry in &entries {
        assert_eq!((&entry["subjectId"], &entry["businessId"]), (&lead.json()["id"], &lead.json()["businessId"]));
        let text = entry.to_string();
        assert!(["Jane", "Joan", "jane@", "roof"].iter().all(|personal| !text.contains(personal)), "{text}");
    }
    let again = native.post_idempotent("/v2/leads", "k", body).await;
    assert_eq!((again.status, &again.text), (201, &lead.text), "the actor is not part of the lead");
    assert!(!native.get(&path).await.text.contains("127.0.0.1"));
}

/// Makes the given number of writes of audit entries fail.
struct FailingAuditWrites(AtomicI64);

impl FaultInjector for FailingAuditWrites {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let entry = operation == "PutItem" && body.contains("\"Y#");
        (entry && self.0.fetch_sub(1, Ordering::SeqCst) > 0)
            .then(|| (500, dynamodb_error("InternalServerError").to_string()))
    }

    fn after(&self, _: &str, _: &str) -> Option<(u16, String)> {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_audit_writes_are_retried_without_duplicates() {
    // The SDK tries each write four times, so nine failures make the stream hand the change over twice more.
    let faults: Arc<dyn FaultInjector> = Arc::new(FailingAuditWrites(AtomicI64::new(9)));
    let server = LocalServer::start(ServerOptions { fault_injector: Some(faults), ..options() }).await.unwrap();
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let hook = json!({ "url": "http://127.0.0.1:9999/", "events": ["lead.won", "lead.status_changed"] });
    // The entry of this call is part of the call's own transaction, not a single write.
    native.post("/v2/webhooks", hook).await.expect(201);
    native.patch(&format!("/v2/leads/{}", &id(&lead)), json!({ "status": "WON" })).await.expect(200);
    let entries = status_changes(&native, 1).await;
    assert_eq!((&entries[0]["subjectId"], &entries[0]["change"]["to"]), (&lead["id"], &json!("WON")));
    let deliveries = native.get("/v2/deliveries").await.expect(200);
    assert_eq!(deliveries["data"].as_array().unwrap().len(), 2, "one of each event");
}

#[tokio::test(flavor = "multi_thread")]
async fn automatic_disabling_is_logged_as_system() {
    let server = server_at(3_600.0).await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|_| CannedResponse::status(410)).await;
    let hook = native.subscribe(&receiver.url).await;
    native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let entries = eventually(Duration::from_secs(20), "it is disabled", || async {
        let found = log(&native, "&action=webhook.disabled").await;
        (!found.is_empty()).then_some(found)
    })
    .await;
    assert_eq!((entries.len(), &entries[0]["subjectId"]), (1, &hook["id"]));
    assert_eq!(entries[0]["actor"], json!({ "type": "SYSTEM" }));
}

/// Returns an entry of the native demo tenant that is dated `at`.
async fn entry_at(server: &LocalServer, mode: Mode, at: Timestamp, number: u8) -> AuditEntry {
    let tenant = domain::TenantId::derived(&[b"demo", b"native"]);
    let entry = AuditEntry {
        id: AuditId::new(at, [number; 16]),
        action: Action::KeyCreated,
        actor: Actor::Operator,
        subject: domain::KeyId::derived(&[&[number]]).into(),
        business: None,
        statuses: None,
        at,
    };
    server.store.add_audit_entry(Environment { tenant, mode }, &entry).await.unwrap();
    entry
}

/// Returns every entry of the log, read in pages of `limit`.
async fn entries_of(caller: &Caller, limit: usize, query: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller.get(&format!("{LOG}?limit={limit}{query}{cursor}")).await.expect(200);
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit);
        ids.extend(data.iter().map(|entry| id(entry).clone()));
        let Some(next) = page["pagination"]["nextCursor"].as_str() else { return ids };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_span_months_until_entries_expire() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let now = Timestamp::parse(&native_now(&native).await).unwrap();
    let mut expected = Vec::new();
    let a_year_ago = now.plus_months(-12);
    let days_ago = [0_u64, 0, 1, 40, 41, 200, 200, 330].map(|days| now.before(Duration::from_hours(24 * days)));
    for at in days_ago.into_iter().chain([a_year_ago.after(Duration::from_mins(2))]) {
        let number = u8::try_from(expected.len()).unwrap() + 1;
        expected.push(entry_at(&server, Mode::Live, at, number).await);
    }
    // The oldest entry is more than twelve months old to the second: no longer shown, although the table still holds
    // it.
    for days in [0, 1, 400] {
        entry_at(&server, Mode::Live, a_year_ago.before(Duration::from_hours(24 * days)), 99).await;
    }
    entry_at(&server, Mode::Test, now, 50).await;
    let mut ids: Vec<_> = expected.iter().map(|entry| entry.id.to_string()).collect();
    ids.sort();
    ids.reverse();
    for limit in [1, 2, 3, 4, 100] {
        assert_eq!(entries_of(&native, limit, "").await, ids, "by {limit}");
        assert_eq!(entries_of(&native, limit, "&action=key.created").await, ids, "by {limit}, filtered");
    }
    assert_eq!(entries_of(&native, 1, "&action=key.revoked").await, [""; 0]);
    let (from, to) = (expected[6].at, expected[3].at);
    let within: Vec<_> =
        ids.iter().filter(|id| expected[3..=6].iter().any(|entry| entry.id.to_string() == **id)).cloned().collect();
    assert_eq!(entries_of(&native, 2, &format!("&createdFrom={from}&createdTo={to}")).await, within);
    let subject = &expected[4];
    assert_eq!(entries_of(&native, 1, &format!("&subjectId={}", subject.subject)).await, [subject.id.to_string()]);
}

/// Returns the server's current time, read from a new resource; it adds no entry to the log.
async fn native_now(native: &Caller) -> String {
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    lead["createdAt"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_by_key_action_and_subject() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = native.post("/v2/keys", json!({ "name": "k", "scopes": ["keys:write"] })).await.expect(201);
    let other = native.with_key(made["key"].as_str().unwrap());
    let second = other.post("/v2/keys", json!({ "name": "l", "scopes": ["keys:write"] })).await.expect(201);
    other.delete(&format!("/v2/keys/{}", &id(&second))).await.expect(204);
    assert_eq!(actions(&log(&native, "").await), ["key.revoked", "key.created", "key.created"]);
    let by_other = log(&native, &format!("&keyId={}", &id(&made))).await;
    assert_eq!(actions(&by_other), ["key.revoked", "key.created"]);
    let of_second = log(&native, &format!("&subjectId={}&action=key.revoked", &id(&second))).await;
    assert_eq!((of_second.len(), &of_second[0]), (1, &by_other[0]));
    assert_eq!(log(&native, "&subjectId=018f0000-0000-7000-8000-000000000000").await, [Value::Null; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_and_bound_keys_see_only_their_entries() {
    let server = server().await;
    let native = Caller::native(&server);
    let test = Caller::native_test(&server);
    let business = native.post("/v2/businesses", json!({ "name": "Annex", "country": "SE" })).await.expect(201);
    let body =
        json!({ "name": "bound", "scopes": ["audit:read", "leads:write", "keys:write"], "businessId": business["id"] });
    let made = native.post("/v2/keys", body).await.expect(201);
    let bound = native.with_key(made["key"].as_str().unwrap());
    native.post("/v2/keys", json!({ "name": "k", "scopes": ["leads:read"] })).await.expect(201);
    test.post("/v2/keys", json!({ "name": "t", "scopes": ["leads:read"] })).await.expect(201);
    for caller in [&native, &bound] {
        let lead = caller.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
        caller.patch(&format!("/v2/leads/{}", &id(&lead)), json!({ "status": "LOST" })).await.expect(200);
    }
    status_changes(&native, 2).await;
    assert_eq!(log(&native, "").await.len(), 5);
    assert_eq!(actions(&log(&test, "").await), ["key.created"]);
    let seen = log(&bound, "").await;
    assert_eq!(actions(&seen), ["lead.status_changed", "key.created", "business.created"]);
    assert!(seen.iter().all(|entry| entry["businessId"] == business["id"]));
    native.with_key(made["key"].as_str().unwrap()).get("/v2/keys").await.expect(403);
    let blind = IssuedKey::new(&server, |record| record.scopes = [domain::Scope::KeysRead].into_iter().collect()).await;
    blind.caller(&server).get(LOG).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_parameters_are_named() {
    let server = server().await;
    let native = Caller::native(&server);
    for name in ["a", "b"] {
        native.post("/v2/keys", json!({ "name": name, "scopes": ["leads:read"] })).await.expect(201);
    }
    let page = native.get(&format!("{LOG}?limit=1")).await.expect(200);
    let cursor = page["pagination"]["nextCursor"].as_str().unwrap();
    let keys = native.get("/v2/keys?limit=1").await.expect(200);
    let of_keys = keys["pagination"]["nextCursor"].as_str().unwrap();
    let cases = [
        ("createdFrom=2026-05-02&createdTo=2026-05-01".to_owned(), "createdFrom"),
        ("createdFrom=2026-02-30".to_owned(), "createdFrom"),
        ("createdTo=2026-13-01T00:00:00Z".to_owned(), "createdTo"),
        (format!("createdTo=2026-01-01T00:00:00.{}Z", "0".repeat(60)), "createdTo"),
        ("createdFrom=yesterday".to_owned(), "createdFrom"),
        ("action=key.eaten".to_owned(), "action"),
        ("actions=key.created".to_owned(), "actions"),
        ("action=KEY_CREATED".to_owned(), "action"),
        ("keyId=me".to_owned(), "keyId"),
        ("subjectId=x".to_owned(), "subjectId"),
        ("limit=0".to_owned(), "limit"),
        ("limit=101".to_owned(), "limit"),
        ("limit=many".to_owned(), "limit"),
        ("cursor=nonsense".to_owned(), "cursor"),
        (format!("cursor={of_keys}"), "cursor"),
        (format!("action=key.created&cursor={cursor}"), "cursor"),
    ];
    for (query, field) in cases {
        let error = native.get(&format!("{LOG}?{query}")).await.expect(400)["error"].clone();
        assert_eq!(
            (&error["code"], &error["details"][0]["field"]),
            (&json!("INVALID_REQUEST"), &json!(field)),
            "{query}"
        );
    }
    let of_test = Caller::native_test(&server).get(&format!("{LOG}?cursor={cursor}")).await;
    assert_eq!(of_test.expect(400)["error"]["details"][0]["field"], "cursor");
    let ages = native.get(&format!("{LOG}?createdFrom=1970-01-01&createdTo=9999-12-30")).await.expect(200);
    assert_eq!(ages["data"].as_array().unwrap().len(), 2, "a range may be longer than anything is kept");
    let before = native.get(&format!("{LOG}?createdTo=1999-12-31")).await.expect(200);
    assert_eq!(before, json!({ "data": [], "pagination": { "nextCursor": null, "hasMore": false } }));
    let soon = SystemClock.now().after(Duration::from_hours(2));
    let soon = native.get(&format!("{LOG}?createdFrom={soon}")).await.expect(200);
    assert_eq!(soon["data"], json!([]), "later in this very month, most likely");
    let later = native.get(&format!("{LOG}?createdFrom=9000-01-01")).await.expect(200);
    assert_eq!(later["data"], json!([]));
}
