//! Suppressions: an opt-out holds for the number and the address, whichever lead has them, until it is lifted.

use crate::harness::signature::hmac_hex;
use crate::harness::{Caller, eventually, options, run_concurrently, unlimited_server};
use domain::accounts::business::Channel;
use domain::accounts::rate_limit::Limits;
use http::Method;
use local::{LocalServer, ServerOptions};
use messaging::{MessageSender, OutgoingMessage, ProviderResult, SendFuture};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(60);

const SUPPRESSIONS: &str = "/v2/suppressions";

/// Creates a lead that may be contacted, and returns its id.
async fn lead(caller: &Caller, contacts: Value) -> String {
    let mut body = json!({ "name": "Jane Smith", "category": "EVENT", "consent": { "given": true } });
    body.as_object_mut().unwrap().extend(contacts.as_object().unwrap().clone());
    caller.post("/v2/leads", body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Creates a template whose first message is days away.
async fn template_of_later(caller: &Caller) {
    let steps = json!([{ "day": 3, "text": "Hello" }, { "day": 5, "text": "Hello again" }]);
    let template = json!({ "name": "Later", "category": "EVENT", "steps": steps });
    caller.post("/v2/sequence-templates", template).await.expect(201);
}

async fn start(caller: &Caller, lead: &str) -> Value {
    caller.post("/v2/sequences", json!({ "leadId": lead })).await.expect(201)
}

async fn sequence(caller: &Caller, lead: &str) -> Value {
    caller.get(&format!("/v2/leads/{lead}/sequence")).await.expect(200)
}

/// Asserts that a sequence is shown as one of a suppressed lead.
#[track_caller]
fn assert_suppressed(sequence: &Value) {
    assert_eq!((&sequence["status"], &sequence["stopReason"]), (&json!("STOPPED"), &json!("OPTED_OUT")), "{sequence}");
    let step = &sequence["steps"][0];
    assert_eq!(step["status"], "CANCELLED", "{sequence}");
    assert_eq!(step["reason"], "number or address suppressed", "{sequence}");
    assert_eq!(sequence["nextStepAt"], Value::Null, "{sequence}");
}

/// A tenant's own messaging provider, which reports replies.
struct Provider {
    caller: Caller,
    secret: String,
}

impl Provider {
    async fn of(caller: &Caller) -> Self {
        let made = caller.post("/v2/webhooks/inbound-secret", json!({})).await.expect(201);
        Self { caller: caller.clone(), secret: made["secret"].as_str().unwrap().to_owned() }
    }

    async fn report(&self, lead: &str, event: &str, channel: &str, text: &str) {
        let event = json!({
            "event": event, "leadId": lead, "channel": channel, "body": text, "id": uuid::Uuid::new_v4().to_string(),
        });
        let body = event.to_string().into_bytes();
        let signature = hmac_hex(&self.secret, &body);
        let headers = [("X-Signature", signature.as_str())];
        self.caller.send(Method::POST, "/v2/webhooks/inbound", &headers, Some(body)).await.expect(200);
    }

    async fn reply(&self, lead: &str, channel: &str, text: &str) {
        self.report(lead, "customer.reply", channel, text).await;
    }
}

async fn is_suppressed(caller: &Caller, contact: Value) -> bool {
    let found = caller.post("/v2/suppressions/lookup", contact).await.expect(200);
    assert_eq!(found["suppressed"], json!(found["suppressions"] != json!([])), "{found}");
    found["suppressed"].as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_contract_shows_a_suppressed_sequence() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    template_of_later(&native).await;
    // Neither was ever sent a message, so no opt-out finds them.
    let first = lead(&native, json!({ "phone": "+447700900123" })).await;
    let second = lead(&native, json!({ "phone": "07700 900123", "email": "other@example.com" })).await;
    start(&native, &second).await;
    let rescue = async || native.get(&format!("/v1/leads/l_{}", second.replace('-', ""))).await.expect(200);
    assert_eq!(rescue().await["sequence"]["status"], "running");
    Provider::of(&native).await.reply(&first, "SMS", "STOP").await;
    assert_suppressed(&sequence(&native, &second).await);
    let shown = rescue().await;
    assert_eq!(shown["status"], "new", "the lead itself is as it was");
    let shown = &shown["sequence"];
    assert_eq!((&shown["status"], &shown["stop_reason"]), (&json!("stopped"), &json!("opted_out")), "{shown}");
    assert_eq!(shown["steps"][0]["reason"], "number or address suppressed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_holds_for_other_leads() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    template_of_later(&native).await;
    let provider = Provider::of(&native).await;
    let both = json!({ "email": "jane@example.com", "phone": "+447700900123" });
    let first = lead(&native, both).await;
    let by_number = lead(&native, json!({ "phone": "07700 900123", "email": "other@example.com" })).await;
    let by_address = lead(&native, json!({ "email": "Jane@Example.com" })).await;
    let of_nobody = lead(&native, json!({ "email": "joan@example.com", "phone": "+46701234568" })).await;
    for lead in [&first, &by_number, &by_address, &of_nobody] {
        assert_eq!(start(&native, lead).await["status"], "RUNNING");
    }
    provider.reply(&first, "SMS", "STOP").await;
    assert_eq!(sequence(&native, &first).await["stopReason"], "OPTED_OUT");
    for lead in [&by_number, &by_address] {
        assert_suppressed(&sequence(&native, lead).await);
        assert_eq!(native.get(&format!("/v2/leads/{lead}")).await.expect(200)["status"], "NEW");
    }
    assert_eq!(sequence(&native, &of_nobody).await["status"], "RUNNING");
    // A new lead, through whichever contract.
    let later = lead(&native, json!({ "phone": "0044 7700 900123" })).await;
    assert_suppressed(&start(&native, &later).await);
    assert_suppressed(&sequence(&native, &later).await);
    // Neither another mode nor another tenant is concerned.
    for other in [Caller::native_test(&server), Caller::revenue_defenders(&server)] {
        assert!(!is_suppressed(&other, json!({ "email": "jane@example.com" })).await);
    }
    assert_eq!(server.sent_messages.messages(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_opt_out_suppresses() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let provider = Provider::of(&native).await;
    let mut origins = Vec::new();
    for (number, origin) in ["REPLY", "OPT_OUT_EVENT", "STATUS", "STATUS"].into_iter().enumerate() {
        let email = format!("jane{number}@example.com");
        let id = lead(&native, json!({ "email": email })).await;
        match number {
            0 => provider.reply(&id, "EMAIL", "Hi,\n\nplease unsubscribe me.\n\nBest regards\nAnna").await,
            1 => provider.report(&id, "customer.opt_out", "EMAIL", "").await,
            2 => drop(native.patch(&format!("/v2/leads/{id}"), json!({ "status": "OPTED_OUT" })).await.expect(200)),
            _ => {
                let rescue = format!("/v1/leads/l_{}", id.replace('-', ""));
                native.patch(&rescue, json!({ "status": "opted_out" })).await.expect(200);
            }
        }
        let found = native.post("/v2/suppressions/lookup", json!({ "email": email.to_uppercase() })).await.expect(200);
        assert_eq!((&found["suppressed"], &found["suppressions"][0]["origin"]), (&json!(true), &json!(origin)));
        origins.push(json!(origin));
    }
    // An opted-out person's next address.
    let id = lead(&native, json!({ "email": "before@example.com" })).await;
    native.patch(&format!("/v2/leads/{id}"), json!({ "status": "OPTED_OUT" })).await.expect(200);
    native.patch(&format!("/v2/leads/{id}"), json!({ "email": "after@example.com" })).await.expect(200);
    for email in ["before@example.com", "after@example.com"] {
        assert!(is_suppressed(&native, json!({ "email": email })).await, "{email}");
    }
    let page = native.get(SUPPRESSIONS).await.expect(200);
    let listed: Vec<_> = page["data"].as_array().unwrap().iter().rev().map(|one| one["origin"].clone()).collect();
    assert_eq!(listed[..4], origins);
    assert!(!page.to_string().contains("example.com"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_lead_rescue_lead_shows_its_stopped_plan() {
    let server = unlimited_server().await;
    let rescue = Caller::lead_rescue(&server);
    let suppressed = json!({ "phone": "+46701234567" });
    rescue.post(SUPPRESSIONS, suppressed).await.expect(201);
    let body = json!({ "customer_name": "Eva", "phone": "+46701234567", "car_model": "EX30", "consent": true });
    let made = rescue.post("/v1/leads", body).await.expect(201);
    let sequence = &made["sequence"];
    assert_eq!((&sequence["status"], &sequence["stop_reason"]), (&json!("stopped"), &json!("opted_out")));
    assert_eq!(sequence["steps"][0]["reason"], "number or address suppressed");
    assert_eq!((&made["status"], server.sent_messages.messages().len()), (&json!("new"), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn suppressions_are_added_found_and_lifted() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    template_of_later(&native).await;
    let email = json!({ "email": " Jane@Example.com " });
    let running = lead(&native, json!({ "email": "jane@example.com" })).await;
    start(&native, &running).await;
    let made = native.post_idempotent(SUPPRESSIONS, "k", email.clone()).await;
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    let expected = json!({ "id": id, "kind": "EMAIL", "origin": "API", "createdAt": made.json()["createdAt"] });
    assert_eq!(made.json(), expected);
    assert_suppressed(&sequence(&native, &running).await);
    assert_eq!(native.post_idempotent(SUPPRESSIONS, "k", email.clone()).await.text, made.text);
    assert_eq!(native.post(SUPPRESSIONS, email.clone()).await.expect(200), expected, "there is one already");
    native.post(SUPPRESSIONS, json!({ "phone": "07700 900123" })).await.expect(201);
    assert!(is_suppressed(&native, json!({ "phone": "+44 7700 900123" })).await);
    let first = native.get(&format!("{SUPPRESSIONS}?limit=1")).await.expect(200);
    assert_eq!(first["data"][0]["kind"], "PHONE");
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    let second = native.get(&format!("{SUPPRESSIONS}?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((&second["data"][0]["id"], &second["pagination"]["hasMore"]), (&json!(id), &json!(false)));

    let path = format!("{SUPPRESSIONS}/{id}");
    native.delete(&path).await.expect(204);
    assert_eq!(native.delete(&path).await.expect(404)["error"]["code"], "NOT_FOUND");
    assert!(!is_suppressed(&native, email).await);
    // No step of it came due meanwhile.
    assert_eq!(sequence(&native, &running).await["status"], "RUNNING");
    for action in ["suppression.created", "suppression.lifted"] {
        let log = native.get(&format!("/v2/audit-log?action={action}&subjectId={id}")).await.expect(200);
        assert_eq!(log["data"].as_array().unwrap().len(), 1, "{log}");
    }
    for (body, field) in [
        (json!({}), "email"),
        (json!({ "email": "jane" }), "email"),
        (json!({ "phone": "call me" }), "phone"),
        (json!({ "email": "a@example.com", "phone": "+46701234567" }), "phone"),
    ] {
        let error = native.post(SUPPRESSIONS, body).await.expect(400)["error"].clone();
        assert!(error.to_string().contains(field), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_and_bound_keys_are_limited() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let key = async |body: Value| {
        let made = native.post("/v2/keys", body).await.expect(201);
        native.with_key(made["key"].as_str().unwrap())
    };
    let business = native.get("/v2/businesses").await.expect(200)["data"][0]["id"].clone();
    let all = ["leads:read", "leads:write", "sequences:write"];
    let bound = key(json!({ "name": "bound", "scopes": all, "businessId": business })).await;
    let reader = key(json!({ "name": "reader", "scopes": ["leads:read"] })).await;
    let writer = key(json!({ "name": "writer", "scopes": ["leads:write"] })).await;
    let email = json!({ "email": "jane@example.com" });
    reader.post(SUPPRESSIONS, email.clone()).await.expect(403);
    let id = bound.post(SUPPRESSIONS, email.clone()).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("{SUPPRESSIONS}/{id}");
    assert!(is_suppressed(&reader, email.clone()).await);
    writer.post("/v2/suppressions/lookup", email).await.expect(403);
    writer.get(SUPPRESSIONS).await.expect(403);
    for denied in [bound.get(SUPPRESSIONS).await, bound.delete(&path).await, reader.delete(&path).await] {
        denied.expect(403);
    }
    // Neither another tenant's key nor one of another mode finds it.
    for other in [Caller::native_test(&server), Caller::revenue_defenders(&server)] {
        other.delete(&path).await.expect(404);
        assert_eq!(other.get(SUPPRESSIONS).await.expect(200)["data"], json!([]));
    }
    reader.get(SUPPRESSIONS).await.expect(200);
    native.delete(&path).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn start_lifts_what_stop_suppressed() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let provider = Provider::of(&native).await;
    let (number, address) = (json!({ "phone": "+46701234567" }), json!({ "email": "jane@example.com" }));
    let contacts = json!({ "email": "jane@example.com", "phone": "+46701234567" });
    let id = lead(&native, contacts.clone()).await;
    provider.reply(&id, "SMS", "STOP").await;
    provider.reply(&id, "EMAIL", "START").await;
    assert!(is_suppressed(&native, number.clone()).await, "not from the same number");
    provider.reply(&id, "SMS", "When can we start?").await;
    assert!(is_suppressed(&native, number.clone()).await);
    provider.reply(&id, "SMS", "start").await;
    assert!(!is_suppressed(&native, contacts.clone()).await, "both, for one opt-out made both");
    let entries = native.get("/v2/audit-log?action=suppression.lifted").await.expect(200);
    assert_eq!(entries["data"].as_array().unwrap().len(), 2);
    // An address that opted out by itself stays.
    let other = lead(&native, address.clone()).await;
    provider.reply(&other, "EMAIL", "Unsubscribe").await;
    provider.reply(&id, "SMS", "Stop").await;
    provider.reply(&id, "SMS", "START").await;
    assert!(!is_suppressed(&native, number).await);
    assert!(is_suppressed(&native, address).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn suppressions_survive_erasure_and_not_a_purge() {
    let server = unlimited_server().await;
    let email = json!({ "email": "jane@example.com" });
    for caller in [Caller::native(&server), Caller::native_test(&server)] {
        let id = lead(&caller, email.clone()).await;
        caller.patch(&format!("/v2/leads/{id}"), json!({ "status": "OPTED_OUT" })).await.expect(200);
        caller.delete(&format!("/v2/leads/{id}")).await.expect(204);
        assert!(is_suppressed(&caller, email.clone()).await, "survives");
    }
    let native = Caller::native(&server);
    eventually(TIMEOUT, "the purge is complete", || async {
        (native.delete("/v2/test-data").await.status == 204).then_some(())
    })
    .await;
    assert!(!is_suppressed(&Caller::native_test(&server), email.clone()).await, "test data is all purged");
    assert!(is_suppressed(&native, email).await);
}

/// Times at which messages to each recipient began and ended.
type SendingTimes = HashMap<String, Vec<(Instant, Instant)>>;

/// Takes up to 30 milliseconds for a message.
#[derive(Clone, Default)]
struct SlowSender(Arc<Mutex<SendingTimes>>);

impl MessageSender for SlowSender {
    fn supports(&self, _: Channel) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        Box::pin(async move {
            let began = Instant::now();
            tokio::time::sleep(Duration::from_millis(u64::from(uuid::Uuid::new_v4().as_bytes()[0] % 30))).await;
            self.0.lock().unwrap().entry(message.to.clone()).or_default().push((began, Instant::now()));
            ProviderResult::Accepted { provider_id: None }
        })
    }
}

/// Of two leads with one address, one is written to while the other one opts out, at a random moment.
#[tokio::test(flavor = "multi_thread")]
async fn no_message_to_an_address_after_an_opt_out() {
    const RACES: usize = 200;
    const MAX_ROUNDS: usize = 8;
    let sender = SlowSender::default();
    let message_sender: Option<Arc<dyn MessageSender>> = Some(Arc::new(sender.clone()));
    let server = ServerOptions { demo_limits: Some(Limits::UNLIMITED), message_sender, ..options() };
    let server = LocalServer::start(server).await.unwrap();
    let native = Caller::native(&server);
    let provider = Provider::of(&native).await;
    // How soon a message goes out depends on the machine: the pauses grow or shrink until some opt-outs win and some
    // messages do.
    let mut max_pause = Duration::from_millis(85);
    for round in 0..MAX_ROUNDS {
        let outcomes = race_opt_outs(&native, &provider, round * RACES..(round + 1) * RACES, max_pause).await;
        // Messages are sent in order: when this one has gone out, all enqueued before it have been handled.
        let address = format!("last{round}@example.com");
        start(&native, &lead(&native, json!({ "email": address })).await).await;
        eventually(TIMEOUT, "the last message is sent", || async {
            sender.0.lock().unwrap().contains_key(&address).then_some(())
        })
        .await;
        let sent = sender.0.lock().unwrap();
        for (address, acknowledged_at) in &outcomes {
            for (began, ended) in sent.get(address).into_iter().flatten() {
                assert!(began < acknowledged_at && ended < acknowledged_at, "sent after the opt-out of {address}");
            }
        }
        match outcomes.iter().filter(|(address, _)| sent.contains_key(address)).count() {
            0 => max_pause *= 4,
            RACES => max_pause /= 4,
            _ => return,
        }
    }
    panic!("no race took place in {MAX_ROUNDS} rounds; the last pauses were up to {max_pause:?}");
}

/// Starts a sequence for each number and opts the address out, up to `max_pause` later. Returns each address with the
/// time at which its opt-out was acknowledged.
async fn race_opt_outs(
    native: &Caller,
    provider: &Provider,
    numbers: Range<usize>,
    max_pause: Duration,
) -> Vec<(String, Instant)> {
    let races = numbers.map(|number| async move {
        let address = format!("jane{number}@example.com");
        let (one, other) =
            (lead(native, json!({ "email": address })).await, lead(native, json!({ "email": address })).await);
        start(native, &one).await;
        tokio::time::sleep(max_pause.mul_f64(f64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 255.0)).await;
        provider.reply(&other, "EMAIL", "STOP").await;
        (address, Instant::now())
    });
    run_concurrently(races).await
}

/// More leads than the item of a number or an address names.
#[tokio::test(flavor = "multi_thread")]
async fn many_leads_may_share_an_address() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let mut leads = Vec::new();
    for _ in 0..40 {
        let id = lead(&native, json!({ "email": "jane@example.com" })).await;
        start(&native, &id).await;
        leads.push(id);
    }
    eventually(TIMEOUT, "all are written to", || async {
        (server.sent_messages.messages().len() == leads.len()).then_some(())
    })
    .await;
    native.post(SUPPRESSIONS, json!({ "email": "jane@example.com" })).await.expect(201);
    for id in &leads {
        assert_eq!(sequence(&native, id).await["status"], "STOPPED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_contacts_are_not_suppressed() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for path in ["/v2/suppressions", "/v2/suppressions/lookup"] {
        for (field, value) in [
            ("phone", "+999123456789"),
            ("phone", "n/a"),
            ("phone", "123456789012345678901"),
            ("phone", "call after 5pm 555-1234"),
            ("email", "a@1.2.3.4"),
            ("email", "jane"),
        ] {
            let rejected = native.post(path, json!({ field: value })).await.expect(400);
            assert_eq!(rejected["error"]["details"][0]["field"], field, "{path} {value}");
        }
    }
    assert_eq!(native.get("/v2/suppressions").await.expect(200)["data"], json!([]));
}
