//! Follow-up sequences: messages are sent on the days of the sequence, and none after an opt-out.

use crate::harness::{Binary, Caller, SEQUENCE_TIMEOUT, eventually, id, options, server_at};
use domain::accounts::business::Channel;
use domain::follow_up::sequence::SendFailure;
use local::{LocalServer, ServerOptions};
use messaging::{MessageSender, OutgoingMessage, ProviderResult, SendFuture};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// At this speed a day takes two seconds.
const TWO_SECONDS_A_DAY: f64 = 43_200.0;

async fn consenting(caller: &Caller, name: &str) -> String {
    let body = json!({
        "name": name, "email": "anna@example.com", "phone": "+46701740605", "category": "TEST_DRIVE",
        "consent": { "given": true }, "attributes": { "car_model": "E-Class" },
    });
    caller.post("/v2/leads", body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn started(caller: &Caller, lead: &str) -> Value {
    caller.post("/v2/sequences", json!({ "leadId": lead })).await.expect(201)
}

async fn sequence(caller: &Caller, lead: &str) -> Value {
    caller.get(&format!("/v2/leads/{lead}/sequence")).await.expect(200)
}

/// Returns the lead's messages, oldest first.
async fn messages(caller: &Caller, lead: &str) -> Vec<Value> {
    let page = caller.get(&format!("/v2/leads/{lead}/messages?limit=100")).await.expect(200);
    let mut data = page["data"].as_array().unwrap().clone();
    data.reverse();
    data
}

async fn until(caller: &Caller, lead: &str, expectation: &str, is: impl Fn(&Value) -> bool) -> Value {
    let is = &is;
    eventually(SEQUENCE_TIMEOUT, expectation, || async move {
        let found = sequence(caller, lead).await;
        is(&found).then_some(found)
    })
    .await
}

fn texts<'a>(list: &'a [Value], name: &str) -> Vec<&'a str> {
    list.iter().map(|one| one[name].as_str().unwrap()).collect()
}

fn steps(sequence: &Value) -> Vec<&str> {
    texts(sequence["steps"].as_array().unwrap(), "status")
}

/// Sender that sends nothing and returns scripted results.
struct Scripted {
    respond: Box<dyn Fn(usize) -> ProviderResult + Send + Sync>,
    calls: AtomicUsize,
    accepted: Mutex<Vec<OutgoingMessage>>,
}

impl Scripted {
    fn new(respond: impl Fn(usize) -> ProviderResult + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { respond: Box::new(respond), calls: AtomicUsize::new(0), accepted: Mutex::default() })
    }

    fn accepted(&self) -> Vec<OutgoingMessage> {
        self.accepted.lock().unwrap().clone()
    }
}

impl MessageSender for Scripted {
    fn supports(&self, channel: Channel) -> bool {
        channel != Channel::Whatsapp
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        let result = (self.respond)(self.calls.fetch_add(1, Ordering::SeqCst));
        if matches!(result, ProviderResult::Accepted { .. }) {
            self.accepted.lock().unwrap().push(message.clone());
        }
        Box::pin(async { result })
    }
}

fn accepted_result() -> ProviderResult {
    ProviderResult::Accepted { provider_id: Some("p-1".to_owned()) }
}

async fn server_with(sender: Arc<Scripted>, speedup: f64) -> LocalServer {
    LocalServer::start(ServerOptions { message_sender: Some(sender), speedup, ..options() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_out_on_days_0_1_3_and_7() {
    let server = server_at(TWO_SECONDS_A_DAY).await;
    let native = Caller::native(&server);
    let began = Instant::now();
    let lead = consenting(&native, "Anna Karlsson").await;
    let first = started(&native, &lead).await;
    assert_eq!((&first["status"], steps(&first)), (&json!("RUNNING"), vec!["QUEUED"; 4]));
    let done = until(&native, &lead, "all is sent", |found| found["status"] == "COMPLETED").await;
    assert!(began.elapsed() >= Duration::from_secs(14), "seven days are not over before");
    assert_eq!(steps(&done), ["SENT"; 4]);
    let shown = messages(&native, &lead).await;
    assert_eq!(texts(&shown, "status"), ["SENT"; 4]);
    let sent = server.sent_messages.messages();
    let bodies: Vec<_> = sent.iter().map(|one| one.body.as_str()).collect();
    assert_eq!(bodies, texts(&shown, "body"), "the sent messages are shown in their order");
    assert!(bodies[0].contains("Anna") && bodies[0].contains("E-Class") && !bodies[0].contains("{{"), "{}", bodies[0]);
    let at = |one: &Value| domain::Timestamp::parse(one["sentAt"].as_str().unwrap()).unwrap();
    let start = domain::Timestamp::parse(first["startedAt"].as_str().unwrap()).unwrap();
    for (one, day) in shown.iter().zip([0, 1, 3, 7]) {
        let passed = at(one).since(start);
        assert!(passed >= Duration::from_secs(2 * day), "day {day}: {passed:?}");
    }
    // KPIs follow changes with a delay, and may be divided by midnight of the business.
    eventually(SEQUENCE_TIMEOUT, "the messages are counted", || async {
        let kpis = native.get("/v2/analytics/kpis?range=2d").await.expect(200);
        ((&kpis["messagesSent"], &kpis["leads"]) == (&json!(4), &json!(1))).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_makes_no_link_in_a_message() {
    let server = server_at(TWO_SECONDS_A_DAY).await;
    let native = Caller::native(&server);
    let lead = consenting(&native, "http://evil.example/win Karlsson").await;
    started(&native, &lead).await;
    until(&native, &lead, "the first is sent", |found| steps(found)[0] == "SENT").await;
    let sent = server.sent_messages.messages();
    assert!(sent[0].body.contains("Hi http: //evil. example/win,"), "{}", sent[0].body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_after_a_stop() {
    let server = server_at(TWO_SECONDS_A_DAY).await;
    let native = Caller::native(&server);
    let lead = consenting(&native, "Anna Karlsson").await;
    started(&native, &lead).await;
    until(&native, &lead, "two days are over", |found| steps(found)[1] == "SENT").await;
    let stop = format!("/v2/sequences/{lead}/stop");
    let stopped = native.post_idempotent(&stop, "stop-1", json!({})).await.expect(200);
    assert_eq!((&stopped["status"], &stopped["stopReason"]), (&json!("STOPPED"), &json!("REQUESTED")));
    assert_eq!(steps(&stopped), ["SENT", "SENT", "CANCELLED", "CANCELLED"]);
    assert_eq!(native.send(reqwest::Method::POST, &stop, &[], None).await.expect(200), stopped);
    let again = native.post_idempotent(&stop, "stop-1", json!({})).await;
    assert_eq!((again.header("idempotent-replayed"), &again.json()), ("true", &stopped));
    // Longer than the rest of the seven days.
    tokio::time::sleep(Duration::from_secs(12)).await;
    assert_eq!(server.sent_messages.messages().len(), 2);
    assert_eq!(messages(&native, &lead).await.len(), 2);
    // A stopped sequence may be started again.
    let restarted = started(&native, &lead).await;
    assert_eq!((&restarted["status"], steps(&restarted)), (&json!("RUNNING"), vec!["QUEUED"; 4]));
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_a_lead_ends_its_sequence() {
    let server = server_at(1.0).await;
    let native = Caller::native(&server);
    let changes = [
        (json!({ "status": "WON" }), "WON"),
        (json!({ "status": "LOST" }), "LOST"),
        (json!({ "status": "CLOSED" }), "CLOSED"),
        (json!({ "status": "OPTED_OUT" }), "OPTED_OUT"),
        (json!({ "consent": { "given": false } }), "NO_CONSENT"),
    ];
    for (change, reason) in changes {
        let lead = consenting(&native, "Anna").await;
        started(&native, &lead).await;
        until(&native, &lead, "day 0", |found| steps(found)[0] == "SENT").await;
        let running = native.post("/v2/sequences", json!({ "leadId": lead })).await;
        assert_eq!(running.status, 409, "{}", running.text);
        native.patch(&format!("/v2/leads/{lead}"), change).await.expect(200);
        let found = sequence(&native, &lead).await;
        assert_eq!((&found["status"], &found["stopReason"]), (&json!("STOPPED"), &json!(reason)));
        assert_eq!(steps(&found), ["SENT", "CANCELLED", "CANCELLED", "CANCELLED"]);
        let again = native.post("/v2/sequences", json!({ "leadId": lead })).await;
        assert_eq!(again.status, if reason == "NO_CONSENT" { 201 } else { 409 }, "{}", again.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_a_sequence_is_proposed() {
    let server = server_at(TWO_SECONDS_A_DAY).await;
    let native = Caller::native(&server);
    for consent in [Value::Null, json!({ "given": false })] {
        let body = json!({ "name": "Anna", "phone": "+46701740605", "consent": consent });
        let lead = native.post("/v2/leads", body).await.expect(201)["id"].as_str().unwrap().to_owned();
        let proposed = started(&native, &lead).await;
        assert_eq!((&proposed["status"], steps(&proposed)), (&json!("PROPOSED"), vec!["PROPOSED"; 4]));
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(sequence(&native, &lead).await, proposed);
        // With consent it starts.
        native.patch(&format!("/v2/leads/{lead}"), json!({ "consent": { "given": true } })).await.expect(200);
        assert_eq!(started(&native, &lead).await["status"], "RUNNING");
        native.post(&format!("/v2/sequences/{lead}/stop"), json!({})).await.expect(200);
    }
    assert!(server.sent_messages.messages().len() <= 2, "none of it before the consent");
}

#[tokio::test(flavor = "multi_thread")]
async fn test_mode_sends_nothing() {
    let server = server_at(1e6).await;
    let test = Caller::native_test(&server);
    let lead = consenting(&test, "Anna").await;
    started(&test, &lead).await;
    let done = until(&test, &lead, "all is simulated", |found| found["status"] == "COMPLETED").await;
    assert_eq!(steps(&done), ["SIMULATED"; 4]);
    assert_eq!(texts(&messages(&test, &lead).await, "status"), ["SIMULATED"; 4]);
    assert_eq!(server.sent_messages.messages(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_outage_delays_the_message() {
    // Seven temporary failures, then success: the waits are 1, 5, 15, 30 and three times 60 minutes, plus quiet
    // hours.
    let sender = Scripted::new(|calls| {
        if calls < 7 { ProviderResult::RetryLater { failure: SendFailure::Throttled } } else { accepted_result() }
    });
    let server = server_with(Arc::clone(&sender), TWO_SECONDS_A_DAY).await;
    let native = Caller::native(&server);
    let lead = consenting(&native, "Anna").await;
    started(&native, &lead).await;
    let delayed = eventually(SEQUENCE_TIMEOUT, "the delay is shown", || async {
        let shown = messages(&native, &lead).await;
        shown.first().filter(|first| first["status"] == "DELAYED").cloned()
    })
    .await;
    assert_eq!(delayed["reason"], "throttled");
    let done = until(&native, &lead, "all is sent", |found| found["status"] == "COMPLETED").await;
    assert_eq!(steps(&done), ["SENT"; 4]);
    assert_eq!(messages(&native, &lead).await[0]["id"], delayed["id"], "it is the same message");
    assert_eq!(sender.accepted().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_and_unknown_sends_are_not_repeated() {
    let sender = Scripted::new(|calls| match calls {
        0 => ProviderResult::Rejected { failure: SendFailure::Blocked },
        1 => ProviderResult::Unknown { failure: SendFailure::Timeout },
        _ => accepted_result(),
    });
    let server = server_with(Arc::clone(&sender), 1e6).await;
    let native = Caller::native(&server);
    let lead = consenting(&native, "Anna").await;
    started(&native, &lead).await;
    let done = until(&native, &lead, "all is over", |found| found["status"] == "COMPLETED").await;
    assert_eq!(steps(&done), ["FAILED", "UNKNOWN", "SENT", "SENT"]);
    let shown = messages(&native, &lead).await;
    assert_eq!(texts(&shown, "status"), ["FAILED", "UNKNOWN", "SENT", "SENT"]);
    assert_eq!((&shown[0]["reason"], &shown[1]["reason"]), (&json!("blocked"), &json!("timeout")));
    assert_eq!(sender.calls.load(Ordering::SeqCst), 4, "each was sent once");
    assert!(sender.accepted().iter().all(|one| one.channel == Channel::Email), "the business writes e-mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_channel_is_chosen_in_order() {
    let sender = Scripted::new(|_| accepted_result());
    let server = server_with(Arc::clone(&sender), 1e6).await;
    let native = Caller::native(&server);
    let business = json!({ "name": "Bilar", "country": "SE", "channels": ["WHATSAPP", "SMS", "EMAIL"] });
    let business = native.post("/v2/businesses", business).await.expect(201)["id"].clone();
    let template = json!({ "businessId": business, "name": "Two", "steps": [
        { "day": 0, "text": "Hi {{first_name}}, it is {{business}}" },
        { "day": 2, "channel": "EMAIL", "subject": "Still there?", "text": "{{service_interest|Something}}?" },
    ]});
    let template = native.post("/v2/sequence-templates", template).await.expect(201);
    for (email, phone, expected) in [
        (
            Some("a@example.com"),
            Some("+46701740605"),
            vec![(Channel::Sms, "+46701740605"), (Channel::Email, "a@example.com")],
        ),
        (None, Some("+46701740605"), vec![(Channel::Sms, "+46701740605"); 2]),
        (Some("a@example.com"), None, vec![(Channel::Email, "a@example.com"); 2]),
    ] {
        sender.accepted.lock().unwrap().clear();
        let body = json!({ "businessId": business, "name": "Anna K", "email": email, "phone": phone, "consent": { "given": true } });
        let lead = native.post("/v2/leads", body).await.expect(201)["id"].as_str().unwrap().to_owned();
        let begun = started(&native, &lead).await;
        assert_eq!(begun["templateId"], template["id"], "the business's own comes before the built-in one");
        until(&native, &lead, "all is sent", |found| found["status"] == "COMPLETED").await;
        let accepted = sender.accepted();
        let ways: Vec<_> = accepted.iter().map(|one| (one.channel, one.to.as_str())).collect();
        assert_eq!(ways, expected);
        assert_eq!(accepted[0].body, "Hi Anna, it is Bilar");
        assert_eq!(accepted[1].body, "Something?");
        let subject = (accepted[1].channel == Channel::Email).then(|| "Still there?".to_owned());
        assert_eq!(accepted[1].subject, subject);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_ends_and_deletes_the_sequence() {
    let server = server_at(TWO_SECONDS_A_DAY).await;
    let native = Caller::native(&server);
    let lead = consenting(&native, "Anna").await;
    started(&native, &lead).await;
    until(&native, &lead, "day 0", |found| steps(found)[0] == "SENT").await;
    native.delete(&format!("/v2/leads/{lead}")).await.expect(204);
    for path in ["sequence", "messages"] {
        native.get(&format!("/v2/leads/{lead}/{path}")).await.expect(404);
    }
    native.post("/v2/sequences", json!({ "leadId": lead })).await.expect(404);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(server.sent_messages.messages().len(), 1);
}

/// Returns the messages that a server logged, with the number of times each.
fn sent_by(log: &std::path::Path) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for line in std::fs::read_to_string(log).unwrap().lines().filter(|line| line.contains("message logged")) {
        let id = line.split(" id=").nth(1).unwrap().split_whitespace().next().unwrap().trim_matches('"').to_owned();
        *sent.entry(id).or_default() += 1;
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_cause_no_duplicate_messages() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let faster = ["--speedup", "43200"];
    let mut server = Binary::start_with_log(folder.path(), &log, &faster).await;
    let mut leads = BTreeSet::new();
    for number in 0..12 {
        let lead = consenting(&server.native(), &format!("Anna {number}")).await;
        started(&server.native(), &lead).await;
        leads.insert(lead);
    }
    for restart in 0..12_u64 {
        // At moments that are unrelated to the steps.
        tokio::time::sleep(Duration::from_millis(700 + (restart * 389) % 900)).await;
        server.kill().await;
        server = Binary::start_with_log(folder.path(), &log, &faster).await;
    }
    let mut unknown = 0;
    let mut shown = BTreeSet::new();
    for lead in &leads {
        let done = until(&server.native(), lead, "it comes to its end", |found| found["status"] == "COMPLETED").await;
        assert!(steps(&done).iter().all(|step| ["SENT", "UNKNOWN"].contains(step)), "{done}");
        let messages = messages(&server.native(), lead).await;
        assert_eq!(messages.len(), 4, "each step became one message");
        unknown += texts(&messages, "status").iter().filter(|status| **status == "UNKNOWN").count();
        shown.extend(messages.iter().filter(|one| one["status"] == "SENT").map(|one| id(one)));
    }
    let sent = sent_by(&log);
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
    assert!(shown.iter().all(|message| sent.contains_key(message)), "every message shown as sent was sent");
    assert_eq!(shown.len() + unknown, leads.len() * 4);
    let kpis = server.native().get("/v2/analytics/kpis?range=2d").await.expect(200);
    assert_eq!(kpis["messagesSent"], json!(shown.len()), "{kpis}");
    server.kill().await;
}
