//! LeadRescue happy path: a test drive with consent gets messages, replies STOP after a day, and gets no more.

use crate::harness::signature::hmac_hex;
use crate::harness::{Binary, Caller, SEQUENCE_TIMEOUT, eventually};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// At this speed a day takes two seconds.
const TWO_SECONDS_A_DAY: [&str; 2] = ["--speedup", "43200"];

/// Time between two reads of a lead that is waited for.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// LeadRescue's demo tenant on a server, with the secret that signs its replies.
struct Dealership {
    caller: Caller,
    secret: String,
}

impl Dealership {
    fn of(server: &Binary) -> Self {
        let own = &server.credentials["leadRescue"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let caller = Caller::new(&text(&server.credentials["baseUrl"]), &text(&own["apiKey"]));
        Self { caller, secret: text(&own["inboundSecret"]) }
    }

    async fn log(&self, name: &str, phone: &str) -> String {
        let test_drive = json!({ "customer_name": name, "phone": phone, "car_model": "EX30", "consent": true });
        self.caller.post_idempotent("/v1/leads", name, test_drive).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    async fn lead(&self, id: &str) -> Value {
        self.caller.get(&format!("/v1/leads/{id}")).await.expect(200)
    }

    async fn reply(&self, lead: &str, text: &str) {
        let reply =
            json!({ "event": "customer.reply", "lead_id": lead, "channel": "whatsapp", "body": text, "id": lead });
        let body = reply.to_string().into_bytes();
        let signature = format!("sha256={}", hmac_hex(&self.secret, &body));
        let headers = [("X-Signature", signature.as_str())];
        let accepted = self.caller.send(reqwest::Method::POST, "/v1/webhooks/inbound", &headers, Some(body)).await;
        assert_eq!(accepted.expect(200), json!({ "received": true }));
    }

    /// Waits until this many steps of the lead's sequence are done.
    async fn wait_for_steps(&self, lead: &str, steps: usize) {
        eventually(SEQUENCE_TIMEOUT, "steps are behind", || async {
            let followed = self.lead(lead).await["sequence"].clone();
            let behind = texts(&followed["steps"], "status").iter().filter(|step| *step != "queued").count();
            if behind < steps {
                // The key is limited to 600 requests a minute.
                tokio::time::sleep(POLL_INTERVAL).await;
                return None;
            }
            Some(())
        })
        .await;
    }

    async fn kpis(&self) -> Value {
        self.caller.get("/v1/analytics/kpis?range=2d").await.expect(200)
    }
}

fn texts(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
}

/// Creates test drives, one of which replies STOP after Day 1; `disturb` acts on the server at each turn.
async fn run_test_drives(mut server: Binary, disturb: impl AsyncFn(Binary) -> Binary) -> (Binary, usize) {
    let dealership = Dealership::of(&server);
    // Two numbers: an opt-out holds for every lead with its number.
    let stops = dealership.log("Eva Lind", "+46701740605").await;
    let stays = dealership.log("Anna Karlsson", "+46701740606").await;
    server = disturb(server).await;
    let dealership = Dealership::of(&server);
    dealership.wait_for_steps(&stops, 2).await;
    server = disturb(server).await;
    let dealership = Dealership::of(&server);
    dealership.reply(&stops, "Stopp, tack!").await;
    let stopped = dealership.lead(&stops).await;
    assert_eq!((&stopped["status"], &stopped["sequence"]["status"]), (&json!("opted_out"), &json!("stopped")));
    // The same event is accepted again and changes nothing.
    dealership.reply(&stops, "Stopp, tack!").await;
    server = disturb(server).await;
    let dealership = Dealership::of(&server);
    dealership.wait_for_steps(&stays, 4).await;
    let (after, other) = (dealership.lead(&stops).await, dealership.lead(&stays).await);
    assert_eq!(after["messages"], stopped["messages"], "nothing has followed");
    assert_eq!(texts(&other["messages"], "direction"), ["outbound"; 4]);
    let shown = [texts(&after["messages"], "status"), texts(&other["messages"], "status")].concat();
    let sent = shown.iter().filter(|status| *status == "sent").count();
    let expected = (json!(2), json!(sent), json!(1), json!(1));
    eventually(SEQUENCE_TIMEOUT, "the KPIs agree with the events", || async {
        let shown = dealership.kpis().await;
        let kpis = ["leads", "messages_sent", "replies", "opted_out"].map(|name| shown[name].clone());
        let [leads, messages, replies, opted_out] = kpis;
        ((leads, messages, replies, opted_out) == expected).then_some(())
    })
    .await;
    (server, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_followed_up_until_it_replies_stop() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::start(folder.path(), &TWO_SECONDS_A_DAY).await;
    let (server, sent) = run_test_drives(server, async |server| server).await;
    assert!(sent >= 6, "two days of one and four of the other: {sent}");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_cause_no_duplicate_messages() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let server = Binary::start_with_log(folder.path(), &log, &TWO_SECONDS_A_DAY).await;
    let (server, _) = run_test_drives(server, async |server| {
        server.kill().await;
        Binary::start_with_log(folder.path(), &log, &TWO_SECONDS_A_DAY).await
    })
    .await;
    let logged = std::fs::read_to_string(&log).unwrap();
    let sent: Vec<_> =
        logged.lines().filter(|line| line.contains("message logged")).map(|line| line.split(" id=").nth(1)).collect();
    assert!(sent.len() >= 5, "{logged}");
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), sent.len(), "no message twice");
    server.kill().await;
}
