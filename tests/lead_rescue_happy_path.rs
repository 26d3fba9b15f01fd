//! LeadRescue's whole way: a test drive with consent is written to, answers STOP after a day, and is written to no more.

use crate::harness::signature::hmac_hex;
use crate::harness::{Binary, Caller, eventually};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// A day passes in two seconds.
const FASTER: [&str; 2] = ["--speedup", "43200"];

const PATIENCE: Duration = Duration::from_mins(2);

/// LeadRescue's demo tenant in a house, and what its replies are signed with.
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

    async fn log(&self, name: &str) -> String {
        let drive = json!({ "customer_name": name, "phone": "+46701740605", "car_model": "EX30", "consent": true });
        self.caller.post_idempotent("/v1/leads", name, drive).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    async fn lead(&self, id: &str) -> Value {
        self.caller.get(&format!("/v1/leads/{id}")).await.expect(200)
    }

    async fn answer(&self, lead: &str, text: &str) {
        let reply =
            json!({ "event": "customer.reply", "lead_id": lead, "channel": "whatsapp", "body": text, "id": lead });
        let body = reply.to_string().into_bytes();
        let signature = format!("sha256={}", hmac_hex(&self.secret, &body));
        let headers = [("X-Signature", signature.as_str())];
        let taken = self.caller.send(reqwest::Method::POST, "/v1/webhooks/inbound", &headers, Some(body)).await;
        assert_eq!(taken.expect(200), json!({ "received": true }));
    }

    /// Waits until the lead's sequence has this many steps behind it.
    async fn until(&self, lead: &str, steps: usize) {
        eventually(PATIENCE, "steps are behind", || async {
            let followed = self.lead(lead).await["sequence"].clone();
            let behind = words(&followed["steps"], "status").iter().filter(|step| *step != "queued").count();
            (behind >= steps).then_some(())
        })
        .await;
    }

    async fn figures(&self) -> Value {
        self.caller.get("/v1/analytics/kpis?range=2d").await.expect(200)
    }
}

fn words(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
}

/// Logs test drives, one of which answers STOP after Day 1; `disturb` is done to the house at each turn.
async fn walk(mut server: Binary, disturb: impl AsyncFn(Binary) -> Binary) -> (Binary, usize) {
    let dealership = Dealership::of(&server);
    let (stops, stays) = (dealership.log("Eva Lind").await, dealership.log("Anna Karlsson").await);
    server = disturb(server).await;
    let dealership = Dealership::of(&server);
    dealership.until(&stops, 2).await;
    server = disturb(server).await;
    let dealership = Dealership::of(&server);
    dealership.answer(&stops, "Stopp, tack!").await;
    let stopped = dealership.lead(&stops).await;
    assert_eq!((&stopped["status"], &stopped["sequence"]["status"]), (&json!("opted_out"), &json!("stopped")));
    // The same once more is received and changes nothing.
    dealership.answer(&stops, "Stopp, tack!").await;
    server = disturb(server).await;
    let dealership = Dealership::of(&server);
    dealership.until(&stays, 4).await;
    let (after, whole) = (dealership.lead(&stops).await, dealership.lead(&stays).await);
    assert_eq!(after["messages"], stopped["messages"], "nothing has followed");
    assert_eq!(words(&whole["messages"], "direction"), ["outbound"; 4]);
    let told = [words(&after["messages"], "status"), words(&whole["messages"], "status")].concat();
    let sent = told.iter().filter(|status| *status == "sent").count();
    let expected = (json!(2), json!(sent), json!(1), json!(1));
    eventually(PATIENCE, "the figures agree with what happened", || async {
        let told = dealership.figures().await;
        let figures = ["leads", "messages_sent", "replies", "opted_out"].map(|name| told[name].clone());
        let [leads, messages, replies, opted_out] = figures;
        ((leads, messages, replies, opted_out) == expected).then_some(())
    })
    .await;
    (server, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_followed_up_until_it_replies_stop() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::start(folder.path(), &FASTER).await;
    let (server, sent) = walk(server, async |server| server).await;
    assert!(sent >= 6, "two days of one and four of the other: {sent}");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_cause_no_duplicate_messages() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let server = Binary::start_telling(folder.path(), &log, &FASTER).await;
    let (server, _) = walk(server, async |server| {
        server.kill().await;
        Binary::start_telling(folder.path(), &log, &FASTER).await
    })
    .await;
    let told = std::fs::read_to_string(&log).unwrap();
    let sent: Vec<_> =
        told.lines().filter(|line| line.contains("a message was sent")).map(|line| line.split(" id=").nth(1)).collect();
    assert!(sent.len() >= 5, "{told}");
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), sent.len(), "each once");
    server.kill().await;
}
