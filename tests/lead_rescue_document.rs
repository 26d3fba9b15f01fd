//! LeadRescue document: leads, keys and errors.
//!
//! The document's own command lines run unchanged with the real curl; further requests check the same where the
//! document is not available. Photos are tested in `photos`.

use crate::harness::{ApiResponse, Caller, IssuedKey, error_with_fields, eventually, id, options, programs, server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Contract;
use domain::accounts::rate_limit::Limits;
use http::Method;
use image::{Rgb, RgbImage};
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::time::Duration;

const DOCUMENT: &str = "lead-rescue.txt";

/// Placeholders of the document for host, lead and omitted content.
const HOST: &str = "https://api.leadrescue.io";
const LEAD: &str = "l_8f3a";
const ELIDED: &str = "\"...\"";

/// Returns a small JPEG.
fn photo() -> Vec<u8> {
    let mut file = Vec::new();
    let picture = RgbImage::from_pixel(32, 16, Rgb([200, 40, 40]));
    image::codecs::jpeg::JpegEncoder::new(&mut file).encode_image(&picture).unwrap();
    file
}

/// Returns the document's command line for this call, over all its lines.
fn documents_line(document: &str, call: &str) -> String {
    let mut lines = document.lines();
    while let Some(first) = lines.next() {
        if !first.starts_with("curl ") {
            continue;
        }
        let mut command = first.to_owned();
        // A command continues after a backslash and inside quotes.
        while command.ends_with('\\') || command.matches('\'').count() % 2 == 1 {
            command.push('\n');
            command.push_str(lines.next().unwrap_or_else(|| panic!("{command} has no end")));
        }
        if command.contains(call) {
            return command;
        }
    }
    panic!("the document has no line with {call}");
}

/// Runs a command line of the document with the host of the test server, and its key in the environment variable that
/// the line reads.
async fn run(caller: &Caller, line: &str) -> ApiResponse {
    let home = tempfile::tempdir().unwrap();
    // Further options are set in a file, so that the command line stays unchanged.
    std::fs::write(home.path().join(".curlrc"), "silent\nwrite-out = \"\\n%{http_code}\"\n").unwrap();
    let line = line.replace(HOST, &caller.base_url);
    assert!(line.contains(&caller.base_url), "{line}");
    let ran = tokio::process::Command::new("sh")
        .args(["-c", &line])
        .env("CURL_HOME", home.path())
        .env("LR_API_KEY", &caller.key)
        .env("no_proxy", "*")
        .output()
        .await
        .unwrap();
    assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    let said = String::from_utf8(ran.stdout).unwrap();
    let (text, status) = said.rsplit_once('\n').unwrap();
    ApiResponse { status: status.parse().unwrap(), headers: http::HeaderMap::new(), text: text.to_owned() }
}

fn anna() -> Value {
    json!({
        "customer_name": "Anna Karlsson", "phone": "+46701234567", "car_model": "Mercedes E-Class", "consent": true,
    })
}

fn path_of(lead: &Value) -> String {
    format!("/v1/leads/{}", id(lead))
}

/// Returns the days of the sequence's steps.
fn days(lead: &Value) -> Vec<u64> {
    lead["sequence"]["steps"].as_array().unwrap().iter().map(|step| step["day"].as_u64().unwrap()).collect()
}

/// Waits for the first sent message in a lead's history, and returns it.
async fn first_message(caller: &Caller, path: &str) -> Value {
    eventually(Duration::from_secs(20), "the first message has gone out", || async {
        let messages = caller.get(path).await.expect(200)["messages"].clone();
        (messages[0]["sent_at"].is_string()).then(|| messages[0].clone())
    })
    .await
}

#[track_caller]
fn is_anna(lead: &Value) {
    let id = lead["id"].as_str().unwrap().strip_prefix("l_").unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{id}");
    let expected = [
        ("customer_name", json!("Anna Karlsson")),
        ("phone", json!("+46701234567")),
        ("car_model", json!("Mercedes E-Class")),
        ("consent", json!(true)),
    ];
    for (name, value) in expected {
        assert_eq!(lead[name], value, "{name}");
    }
    let names: Vec<_> = lead.as_object().unwrap().keys().map(String::as_str).collect();
    let mut documented = vec![
        "id",
        "status",
        "customer_name",
        "phone",
        "car_model",
        "consent",
        "license_photo_url",
        "created_at",
        "updated_at",
        "sequence",
        "messages",
    ];
    documented.sort_unstable();
    assert_eq!(names, documented);
    assert!(lead["messages"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn document_curl_lines_create_read_and_update() {
    let Some(document) = programs::document(DOCUMENT) else { return };
    let server = server().await;
    let caller = Caller::lead_rescue(&server);

    let create = documents_line(&document, "-X POST https://api.leadrescue.io/v1/leads \\");
    assert_eq!(create.matches(ELIDED).count(), 1, "one thing is left out: {create}");
    let rejected = run(&caller, &create).await;
    assert_eq!(error_with_fields(&rejected, 400), ("INVALID_REQUEST".to_owned(), vec!["license_photo_b64".to_owned()]));
    let create = create.replace(ELIDED, &format!("\"{}\"", STANDARD.encode(photo())));
    let made = run(&caller, &create).await.expect(201);
    is_anna(&made);
    assert_eq!(made["status"], "new");
    assert_eq!((&made["sequence"]["status"], days(&made)), (&json!("running"), vec![0, 1, 3, 7]));
    let (status, file) = caller.download(made["license_photo_url"].as_str().unwrap()).await;
    assert_eq!((status, image::load_from_memory(&file).unwrap().width()), (200, 32));

    let retrieve = documents_line(&document, "https://api.leadrescue.io/v1/leads/l_8f3a \\");
    let read = run(&caller, &retrieve.replace(LEAD, &id(&made))).await.expect(200);
    is_anna(&read);
    assert_eq!((&read["id"], &read["created_at"]), (&made["id"], &made["created_at"]));
    let day_0 = first_message(&caller, &path_of(&made)).await;
    assert_eq!((&day_0["direction"], &day_0["channel"]), (&json!("outbound"), &json!("whatsapp")));
    assert!(day_0["body"].as_str().unwrap().contains("Anna"), "{day_0}");
    assert_eq!(error_with_fields(&run(&caller, &retrieve).await, 404).0, "NOT_FOUND", "the documented id is unknown");

    let change = documents_line(&document, "-X PATCH https://api.leadrescue.io/v1/leads/l_8f3a");
    let changed = run(&caller, &change.replace(LEAD, &id(&made))).await.expect(200);
    is_anna(&changed);
    assert_eq!(changed["status"], "converted");
    assert_eq!(
        (&changed["sequence"]["status"], &changed["sequence"]["stop_reason"]),
        (&json!("stopped"), &json!("won"))
    );

    let unknown = caller.with_key("lr_sk_live_3f8b2c");
    for line in [&create, &retrieve, &change] {
        assert_eq!(error_with_fields(&run(&unknown, line).await, 401), ("UNAUTHORIZED".to_owned(), vec![]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn document_curl_line_stops_a_sequence() {
    let Some(document) = programs::document(DOCUMENT) else { return };
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let made = caller.post("/v1/leads", anna()).await.expect(201);
    let stop = documents_line(&document, "https://api.leadrescue.io/v1/sequences/l_8f3a/stop");
    assert_eq!(error_with_fields(&run(&caller, &stop).await, 404).0, "NOT_FOUND");
    for _ in 0..2 {
        let stopped = run(&caller, &stop.replace(LEAD, &id(&made))).await.expect(200);
        assert_eq!((&stopped["lead_id"], &stopped["status"]), (&made["id"], &json!("stopped")));
    }
    let read = caller.get(&path_of(&made)).await.expect(200);
    assert_eq!((&read["status"], &read["sequence"]["stop_reason"]), (&json!("new"), &json!("requested")));
}

#[tokio::test(flavor = "multi_thread")]
async fn document_curl_line_reads_kpis() {
    let Some(document) = programs::document(DOCUMENT) else { return };
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    caller.post("/v1/leads", anna()).await.expect(201);
    let line = documents_line(&document, "https://api.leadrescue.io/v1/analytics/kpis");
    let kpis = eventually(Duration::from_secs(20), "the lead and its Day 0 message are counted", || async {
        let kpis = run(&caller, &line).await.expect(200);
        (kpis["leads"] == 1 && kpis["messages_sent"] == 1).then_some(kpis)
    })
    .await;
    assert_eq!(kpis["range"], "30d");
    assert_eq!(kpis["by_day"].as_array().unwrap().len(), 30);
    assert_eq!((&kpis["converted"], &kpis["opted_out"], &kpis["replies"]), (&json!(0), &json!(0), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_created_read_and_changed() {
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let made = caller.post("/v1/leads", anna()).await;
    assert_eq!(made.header("content-type"), "application/json");
    let made = made.expect(201);
    is_anna(&made);
    assert_eq!((&made["status"], &made["license_photo_url"]), (&json!("new"), &Value::Null));
    let least =
        caller.post("/v1/leads", json!({ "customer_name": "Bo Ek", "phone": "+46701234568" })).await.expect(201);
    assert_eq!((&least["car_model"], &least["consent"]), (&Value::Null, &json!(false)));
    // Without consent no message is sent.
    assert_eq!((&least["sequence"]["status"], days(&least)), (&json!("proposed"), vec![0, 1, 3, 7]));
    assert_eq!((&made["sequence"]["status"], days(&made)), (&json!("running"), vec![0, 1, 3, 7]));
    first_message(&caller, &path_of(&made)).await;
    assert_eq!(caller.get(&path_of(&least)).await.expect(200)["messages"], json!([]));
    let read = caller.get(&path_of(&made)).await.expect(200);
    is_anna(&read);
    assert_eq!(read["status"], "new");

    // The other contracts show the same lead.
    let uuid = uuid::Uuid::parse_str(&id(&made)[2..]).unwrap();
    let native = caller.get(&format!("/v2/leads/{uuid}")).await.expect(200);
    let shown = (&native["name"], &native["category"], &native["consent"]["given"], &native["attributes"]["car_model"]);
    assert_eq!(shown, (&json!("Anna Karlsson"), &json!("TEST_DRIVE"), &json!(true), &json!("Mercedes E-Class")));
    assert_eq!(native["businessId"], server.credentials.lead_rescue.business_id, "the key is bound to it");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_transitions_are_enforced() {
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let transition_to = async |path: &str, status: &str| caller.patch(path, json!({ "status": status })).await;
    let lead = caller.post("/v1/leads", anna()).await.expect(201);
    let path = path_of(&lead);
    first_message(&caller, &path).await;
    for status in ["converted", "closed", "converted", "opted_out"] {
        let changed = transition_to(&path, status).await.expect(200);
        assert_eq!(changed["status"], status);
        assert_eq!(changed["sequence"]["status"], "stopped", "{changed}");
        assert_eq!(changed["sequence"], caller.get(&path).await.expect(200)["sequence"], "as it stands");
        let again = transition_to(&path, status).await.expect(200);
        assert_eq!(again["updated_at"], changed["updated_at"], "the same again changes nothing");
    }
    let rejected = transition_to(&path, "converted").await;
    assert_eq!(error_with_fields(&rejected, 409), ("CONFLICT".to_owned(), vec![]));
    assert!(rejected.text.contains("closed"), "in the terms of the contract: {}", rejected.text);
    assert_eq!(transition_to(&path, "closed").await.expect(200)["status"], "closed");
    for status in [json!("new"), json!("contacted"), json!("lost"), json!("WON"), json!(""), json!(1), Value::Null] {
        let rejected = caller.patch(&path, json!({ "status": status })).await;
        assert_eq!(error_with_fields(&rejected, 400).1, ["status"], "{status}");
        let accepted = if status == json!(1) { "must be a string" } else { "converted, opted_out, closed" };
        assert!(rejected.text.contains(accepted), "{}", rejected.text);
    }
    assert_eq!(error_with_fields(&caller.patch(&path, json!({})).await, 400).1, ["status"]);
    for id in ["l_8f3a", "l_018f00000000700080000000000000000", "018f0000-0000-7000-8000-000000000000", "%FF"] {
        for (method, body) in [(Method::GET, None), (Method::PATCH, Some(b"{\"status\": \"closed\"}".to_vec()))] {
            let reply = caller.send(method, &format!("/v1/leads/{id}"), &[], body).await;
            assert_eq!(error_with_fields(&reply, 404).0, "NOT_FOUND", "{id}");
        }
    }
    let dashed = uuid::Uuid::parse_str(&id(&lead)[2..]).unwrap();
    for id in [dashed.to_string(), format!("l_{dashed}"), id(&lead).to_uppercase()] {
        caller.get(&format!("/v1/leads/{id}")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_returns_the_first_response() {
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    for header in ["Idempotency-Key", "X-Idempotency-Key"] {
        let send = async |method: Method, path: &str, key: &str, body: Value| {
            caller.send(method, path, &[(header, key)], Some(body.to_string().into_bytes())).await
        };
        let create = format!("create by {header}");
        let first = send(Method::POST, "/v1/leads", &create, anna()).await;
        let path = path_of(&first.expect(201));
        let converted = send(Method::PATCH, &path, "status", json!({ "status": "converted" })).await;
        converted.expect(200);
        caller.patch(&path, json!({ "status": "closed" })).await.expect(200);
        let again = send(Method::POST, "/v1/leads", &create, anna()).await;
        assert_eq!((again.status, &again.text), (201, &first.text), "byte for byte, whatever has changed since");
        assert_eq!(again.header("idempotent-replayed"), "true");
        let again = send(Method::PATCH, &path, "status", json!({ "status": "converted" })).await;
        assert_eq!((again.status, &again.text), (200, &converted.text));
        let other = send(Method::POST, "/v1/leads", &create, json!({ "customer_name": "Bo", "phone": "+46701234567" }));
        assert_eq!(error_with_fields(&other.await, 422).0, "IDEMPOTENCY_MISMATCH");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documented_status_codes_are_returned() {
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let bad = [
        (json!({}), vec!["customer_name", "phone"]),
        (json!({ "customer_name": "Anna" }), vec!["phone"]),
        (json!({ "customer_name": "Anna", "phone": "0701234567" }), vec!["phone"]),
        (json!({ "customer_name": "Anna", "phone": "+46 70 123 45 67" }), vec!["phone"]),
        (json!({ "customer_name": "Anna", "phone": "+999123456789" }), vec!["phone"]),
        (json!({ "customer_name": "Anna", "phone": "+46701234567890123" }), vec!["phone"]),
        (json!({ "customer_name": "Anna", "phone": 46_701_234_567_u64 }), vec!["phone"]),
        (json!({ "customer_name": "", "phone": "+46701234567" }), vec!["customer_name"]),
        (json!({ "customer_name": "Anna", "phone": "+46701234567", "consent": "yes" }), vec!["consent"]),
        (json!({ "customer_name": "Anna", "phone": "+46701234567", "car_model": ["E"] }), vec!["car_model"]),
    ];
    for (body, fields) in bad {
        assert_eq!(error_with_fields(&caller.post("/v1/leads", body.clone()).await, 400).1, fields, "{body}");
    }
    let broken = caller.send(Method::POST, "/v1/leads", &[], Some(b"{\"customer_name\": ".to_vec())).await;
    assert_eq!(error_with_fields(&broken, 400).1, ["body"]);
    for phone in ["+46701234567", "+15551234567", "+447700900000", "+34612345678", "+4915112345678", "+33612345678"] {
        let body = json!({ "customer_name": "Anna", "phone": phone });
        assert_eq!(caller.post("/v1/leads", body).await.expect(201)["phone"], phone);
    }
    for key in ["", "lr_sk_live_3f8b2c", "nonsense"] {
        let rejected = caller.with_key(key).post("/v1/leads", anna()).await;
        assert_eq!(error_with_fields(&rejected, 401).0, "UNAUTHORIZED");
        assert_eq!(rejected.header("www-authenticate"), "Bearer");
    }
    assert_eq!(error_with_fields(&caller.get("/v1/leads/l_8f3a").await, 404).0, "NOT_FOUND");
    assert_eq!(error_with_fields(&caller.get("/v1/nowhere").await, 404).0, "NOT_FOUND");

    let exhausted = IssuedKey::new(&server, |record| {
        record.contract = Contract::LeadRescue;
        record.limits = Limits { minute: None, day: Some(1) };
    })
    .await;
    let exhausted = exhausted.caller(&server);
    exhausted.post("/v1/leads", anna()).await.expect(201);
    let rejected = exhausted.post("/v1/leads", anna()).await;
    assert_eq!(error_with_fields(&rejected, 429).0, "RATE_LIMITED");
    assert!((1..=86_400).contains(&rejected.header("retry-after").parse::<u64>().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn dealership_keys_are_bound_pro_and_persistent() {
    let folder = tempfile::tempdir().unwrap();
    let start = || LocalServer::start(ServerOptions { data: Some(folder.path().to_owned()), ..options() });
    let server = start().await.unwrap();
    let first = serde_json::to_value(&server.credentials).unwrap()["leadRescue"].clone();
    let (live, test) = (Caller::lead_rescue(&server), Caller::lead_rescue_test(&server));
    assert!(live.key.starts_with("lr_sk_live_") && test.key.starts_with("lr_sk_test_"));
    for (caller, mode) in [(&live, "live"), (&test, "test")] {
        let me = caller.get("/v2/me").await.expect(200);
        assert_eq!((&me["mode"], &me["tier"]), (&json!(mode), &json!("pro")));
        assert_eq!(me["key"]["businessId"], first["businessId"], "{me}");
        let reply = caller.get("/v1/leads/l_8f3a").await;
        assert!(reply.header("ratelimit-policy").starts_with("\"minute\";q=600;"), "{:?}", reply.headers);
    }
    assert!(server.banner().contains(&format!("/v1/leads -H 'Authorization: Bearer {}'", live.key)));
    let lead = live.post("/v1/leads", anna()).await.expect(201);
    test.get(&path_of(&lead)).await.expect(404);
    server.stop().await;
    let server = start().await.unwrap();
    assert_eq!(serde_json::to_value(&server.credentials).unwrap()["leadRescue"], first);
    Caller::lead_rescue(&server).get(&path_of(&lead)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_leads_have_no_link_or_history() {
    use crate::harness::Receiver;
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let receiver = Receiver::new().await;
    let subscription = json!({ "url": receiver.url, "events": ["lead.created"], "contract": "leadRescue" });
    caller.post("/v2/webhooks", subscription).await.expect(201);
    let mut body = anna();
    body["license_photo_b64"] = STANDARD.encode(photo()).into();
    let made = caller.post("/v1/leads", body).await.expect(201);
    let received = receiver.wait_for(1, Duration::from_secs(20)).await;
    let event: Value = serde_json::from_slice(&received[0].body).unwrap();
    assert_eq!((&event["event"], &event["lead_id"]), (&json!("lead.created"), &made["id"]));
    assert_eq!(event["lead"]["customer_name"], "Anna Karlsson");
    for name in ["license_photo_url", "sequence", "messages"] {
        assert!(event["lead"][name].is_null(), "{event}");
    }
    assert!(!String::from_utf8_lossy(&received[0].body).contains("/photo/"));
}
