//! Erasure of a person: afterwards none of their data is shown, sent or stored.

use crate::harness::{
    Binary, Caller, CannedResponse, EFFECT_TIMEOUT, Receiver, eventually, id, leads, server, server_at,
};
use domain::{Clock, Environment, LeadId, Mode, TenantId};
use reqwest::Method;
use runtime::SystemClock;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Texts that identify the person, in every form in which they may be stored.
const PERSONAL_TEXTS: [&str; 6] = [
    "Zebulon",
    "Quagmire",
    "zebulon.quagmire@",
    "701239876",
    "xylophone",
    // Text in the receivers' responses.
    "Thanks, dear",
];

fn person() -> Value {
    json!({
        "name": "Zebulon Quagmire",
        "email": "Zebulon.Quagmire@example.org",
        "phone": "+46 70 123 98 76",
        "message": "I dream of a xylophone",
        "consent": { "given": true },
    })
}

/// Content of the evidence file.
const FILE: &[u8] = b"Zebulon plays the xylophone";

/// Uploads a file to the link of this evidence.
async fn upload(native: &Caller, evidence: &Value) {
    let url = evidence["uploadUrl"].as_str().unwrap().strip_prefix(&native.base_url).unwrap();
    let headers = [("Content-Type", "text/plain")];
    native.with_key("").send(Method::PUT, url, &headers, Some(FILE.to_vec())).await.expect(200);
}

/// Creates child records of every kind, attached to the lead directly or through another record, and returns their
/// paths.
async fn create_child_records(native: &Caller, lead: &str) -> Vec<String> {
    let made = async |kind: &str, body: Value| {
        let made = native.post(&format!("/v2/{kind}"), body).await.expect(201);
        (id(&made), format!("/v2/{kind}/{}", id(&made)))
    };
    let (customer, of_customer) = made("customers", json!({ "name": "Zebulon Quagmire", "leadId": lead })).await;
    let transaction = json!({ "customerId": customer, "amountCents": 100, "description": "A xylophone" });
    let (transaction, of_transaction) = made("transactions", transaction).await;
    let dispute = json!({ "transactionId": transaction, "reason": "GENERAL", "amountCents": 100, "customerClaim": "Zebulon says no" });
    let (dispute, of_dispute) = made("disputes", dispute).await;
    let file = json!({ "contentType": "text/plain", "size": FILE.len(), "name": "Quagmire.txt" });
    let evidence = json!({ "category": "MESSAGE", "disputeId": dispute, "title": "Zebulon's letter", "file": file });
    let evidence = native.post("/v2/evidence", evidence).await.expect(201);
    upload(native, &evidence).await;
    vec![of_customer, of_transaction, of_dispute, format!("/v2/evidence/{}", id(&evidence))]
}

async fn delete(caller: &Caller, path: &str) -> u16 {
    caller.send(Method::DELETE, path, &[], None).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_lead_is_404_and_replays_are_410() {
    let server = server().await;
    let native = Caller::native(&server);
    let other = native.post("/v2/leads", leads::with_email()).await.expect(201);
    let create =
        || native.send(Method::POST, "/v2/leads", &[("Idempotency-Key", "c")], Some(person().to_string().into_bytes()));
    let made = create().await.expect(201);
    let path = format!("/v2/leads/{}", id(&made));
    let visited = || {
        let body = json!({ "visitorId": made["visitorId"], "eventType": "pageview" }).to_string().into_bytes();
        native.send(Method::POST, "/v2/events", &[("Idempotency-Key", "v")], Some(body))
    };
    visited().await.expect(201);
    visited().await.expect(201);
    let change = || {
        let body = json!({ "status": "CONTACTED" }).to_string().into_bytes();
        native.send(Method::PATCH, &path, &[("Idempotency-Key", "p")], Some(body))
    };
    change().await.expect(200);

    assert_eq!(delete(&native, &path).await, 204);
    assert_eq!(delete(&native, &path).await, 204, "a repeated erasure succeeds");
    native.get(&path).await.expect(404);
    assert_eq!(native.get("/v2/leads").await.expect(200)["data"], json!([other]));
    assert_eq!(native.get("/v2/leads?status=CONTACTED").await.expect(200)["data"], json!([]));
    assert_eq!(create().await.expect(410)["error"]["code"], "GONE");
    assert_eq!(change().await.expect(410)["error"]["code"], "GONE");
    assert_eq!(visited().await.expect(410)["error"]["code"], "GONE");
    let without_key =
        native.send(Method::PATCH, &path, &[], Some(json!({ "status": "WON" }).to_string().into_bytes())).await;
    without_key.expect(404);
    let log = native.get("/v2/audit-log?action=lead.erased").await.expect(200);
    assert_eq!(log["data"].as_array().unwrap().len(), 1, "logged once: {log}");
    assert_eq!(format!("/v2/leads/{}", log["data"][0]["subjectId"].as_str().unwrap()), path);
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_deliveries_of_an_erased_lead_are_not_sent() {
    let server = server_at(300.0).await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|_| CannedResponse::status(503)).await;
    native.subscribe(&receiver.url).await;
    let lead = native.post("/v2/leads", person()).await.expect(201);
    let sent = receiver.wait_for(1, EFFECT_TIMEOUT).await.len();
    assert_eq!(delete(&native, &format!("/v2/leads/{}", id(&lead))).await, 204);
    let cancelled = eventually(EFFECT_TIMEOUT, "the delivery is cancelled", || async {
        let deliveries = native.get("/v2/deliveries").await.expect(200);
        (deliveries["data"][0]["status"] == "CANCELLED").then(|| deliveries["data"][0].clone())
    })
    .await;
    assert!(receiver.received().len() <= sent + 1, "one that was under way may still come");
    let shown = native.get(&format!("/v2/deliveries/{}", id(&cancelled))).await.expect(200);
    assert_eq!(shown["attempts"][0]["outcome"], "REFUSED");
    assert_eq!(shown["attempts"][0]["response"], "", "the stored response of the receiver is erased, too");
    // A cancelled delivery cannot be retried.
    native.post(&format!("/v2/deliveries/{}/retry", id(&cancelled)), json!({})).await.expect(410);
    let recover = format!("/v2/webhooks/{}/recover", cancelled["webhookId"].as_str().unwrap());
    let recovered = native.post(&recover, json!({ "since": "2026-01-01" })).await.expect(202);
    assert_eq!(recovered["recovered"], 0);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(receiver.received().len() <= sent + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_key_erases_only_its_business() {
    let server = server().await;
    let native = Caller::native(&server);
    let event = json!({ "visitorId": "anonymous", "eventType": "pageview" });
    let event = native.post("/v2/events", event).await.expect(201);
    let business = native.post("/v2/businesses", json!({ "name": "Bound", "country": "SE" })).await.expect(201);
    let scopes = ["leads:write", "events:write", "events:read"];
    let key = json!({ "name": "bound", "scopes": scopes, "businessId": business["id"] });
    let bound = native.with_key(native.post("/v2/keys", key).await.expect(201)["key"].as_str().unwrap());
    bound.post("/v2/events", json!({ "visitorId": "anonymous", "eventType": "pageview" })).await.expect(201);
    let lead = json!({ "name": "Jane Smith", "email": "jane@example.com", "visitorId": "anonymous" });
    let lead = id(&bound.post("/v2/leads", lead).await.expect(201));
    assert_eq!(delete(&bound, &format!("/v2/leads/{lead}")).await, 204);
    assert_eq!(bound.get("/v2/events?visitorId=anonymous").await.expect(200)["data"], json!([]));
    assert_eq!(native.get("/v2/events?visitorId=anonymous").await.expect(200)["data"], json!([event]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_email_address_is_released() {
    let server = server().await;
    let pad = Caller::vendor_pad(&server);
    let create =
        async |path: &str| pad.post(path, json!({ "first_name": "Z", "name": "Z", "email": "z@example.org" })).await;
    let path = "/api/v1/developer/leads";
    let first = create(path).await.expect(201)["lead_id"].as_str().unwrap().to_owned();
    let second = id(&create("/v2/leads").await.expect(201));
    assert_eq!(create(path).await.expect(200)["lead_id"], first);
    assert_eq!(delete(&pad, &format!("/v2/leads/{first}")).await, 204);
    assert_eq!(create(path).await.expect(200)["lead_id"], second, "the other one has the address, too");
    assert_eq!(delete(&pad, &format!("/v2/leads/{second}")).await, 204);
    let third = create(path).await.expect(201);
    assert_eq!(third["duplicate"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_wins_against_racing_changes() {
    let server = server().await;
    let native = Caller::native(&server);
    for _ in 0..10 {
        let path = format!("/v2/leads/{}", id(&native.post("/v2/leads", person()).await.expect(201)));
        let changes = (0..8).map(|number| {
            let (native, path) = (&native, &path);
            async move {
                let body = json!({ "message": format!("xylophone {number}") }).to_string().into_bytes();
                native.send(Method::PATCH, path, &[], Some(body)).await.status
            }
        });
        let (erased, changed) = tokio::join!(delete(&native, &path), futures_util::future::join_all(changes));
        assert!([204, 503].contains(&erased), "{erased}");
        assert!(changed.iter().all(|status| [200, 404, 503].contains(status)), "{changed:?}");
        assert_eq!(delete(&native, &path).await, 204);
        native.get(&path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_finishes_an_interrupted_erasure() {
    let server = server_at(600.0).await;
    let native = Caller::native(&server);
    let lead = id(&native.post("/v2/leads", person()).await.expect(201));
    let child_records = create_child_records(&native, &lead).await;
    let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().and_then(TenantId::parse).unwrap();
    let environment = Environment { tenant, mode: Mode::Live };
    let store = &server.store;
    let stored = store.lead(environment, LeadId::parse(&lead).unwrap(), SystemClock.now()).await.unwrap().unwrap();
    // Same state as if the process had been killed after the first write, more than a minute ago.
    let long_ago = SystemClock.now().before(Duration::from_mins(5));
    store.commit(vec![store.erase_lead(environment, &stored, None, long_ago)]).await.unwrap();
    native.get(&format!("/v2/leads/{lead}")).await.expect(404);
    for path in child_records {
        let gone = async || (native.get(&path).await.status == 404).then_some(());
        eventually(EFFECT_TIMEOUT, &path, gone).await;
    }
}

/// Returns the person's texts in any file under `folder`, as `file: text`.
fn personal_texts_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            let texts = PERSONAL_TEXTS.iter().filter(|personal| text.contains(&personal.to_lowercase()));
            found.extend(texts.map(|personal| format!("{}: {personal}", path.file_name().unwrap().to_string_lossy())));
        }
    }
    found
}

/// Rewrites the database without deleted content, and returns how many stream records are left.
fn vacuum(folder: &Path) -> i64 {
    let connection = Connection::open(folder.join("leadhouse.db")).unwrap();
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    connection.query_row("SELECT count(*) FROM _stream_records", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_personal_data_survives_erasure() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    std::fs::create_dir(&data).unwrap();
    let binary = Binary::start_with_log(&data, &log, &["--speedup", "300"]).await;
    let native = binary.native();
    let response_with_name =
        |status| CannedResponse { body: "Thanks, dear Zebulon".to_owned(), ..CannedResponse::status(status) };
    let accepting = Receiver::responding(move |_| response_with_name(200)).await;
    let rejecting = Receiver::responding(move |_| response_with_name(500)).await;
    for (receiver, contract) in [(&accepting, "native"), (&accepting, "vendorPad"), (&rejecting, "revenueDefenders")] {
        let body = json!({ "url": receiver.url, "events": ["*"], "contract": contract });
        native.post("/v2/webhooks", body).await.expect(201);
    }
    let keyed = |key: &'static str| [("Idempotency-Key", key)];
    let body = person().to_string().into_bytes();
    let made = native.send(Method::POST, "/v2/leads", &keyed("c"), Some(body)).await.expect(201);
    let path = format!("/v2/leads/{}", id(&made));
    for change in [json!({ "status": "WON" }), json!({ "message": "Two xylophones", "phone": null })] {
        native.send(Method::PATCH, &path, &keyed("p"), Some(change.to_string().into_bytes())).await;
        native.send(Method::PATCH, &path, &[], Some(change.to_string().into_bytes())).await.expect(200);
    }
    let child_records = create_child_records(&native, &id(&made)).await;
    let event = json!({ "visitorId": made["visitorId"], "eventType": "custom", "eventName": "xylophone" });
    native.post("/v2/events", event).await.expect(201);
    accepting.wait_for(8, EFFECT_TIMEOUT).await;
    rejecting.wait_for(5, EFFECT_TIMEOUT).await;
    assert_ne!(personal_texts_in(&data), Vec::<String>::new(), "what is searched for is there before");

    assert_eq!(delete(&native, &path).await, 204);
    for path in child_records {
        native.get(&path).await.expect(404);
    }
    eventually(EFFECT_TIMEOUT, "nothing is under way", || async {
        let pending = native.get("/v2/deliveries?status=PENDING").await.expect(200);
        (pending["data"] == json!([])).then_some(())
    })
    .await;
    // Stream records are trimmed after a moment without activity.
    tokio::time::sleep(Duration::from_secs(2)).await;
    binary.kill().await;
    assert_eq!(vacuum(&data), 0, "every note was handled and trimmed");
    assert_eq!(personal_texts_in(folder.path()), Vec::<String>::new());
}
