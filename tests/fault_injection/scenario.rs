//! What is under way when a step fails, and what must be so when all is over.

use super::injection::{Fault, Injection, Step};
use super::test_system::TestSystem;
use crate::harness::signature::standard_signature;
use crate::harness::{ApiResponse, Caller, CannedResponse, Receiver, eventually, id};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long anything may take that is to happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long something may be overdue before the sweep looks at it.
pub(super) const MARGIN: Duration = Duration::from_millis(2_500);

/// How often a caller who is told to try again does.
const TRIES: usize = 6;

/// What the house is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    /// A lead comes in under an idempotency key.
    Create,
    /// A lead comes in without one.
    CreateBare,
    /// A lead with an e-mail address comes in under an idempotency key.
    Mark,
    /// The same through VendorPad, which takes each address once.
    Take,
    /// The same where another lead has the address.
    Known,
    /// A lead is changed under an idempotency key.
    Change,
    /// A lead is changed without one.
    ChangeBare,
    /// A lead is erased.
    Erase,
    /// A subscription is made under an idempotency key.
    Subscribe,
    /// A secret is rotated under an idempotency key.
    Rotate,
    /// A delivery is sent again at a caller's word, under an idempotency key.
    Retry,
    /// A lead has come in and goes to a receiver that takes it.
    Healthy,
    /// The same, and the receiver refuses it once.
    Failing,
    /// The same, and the receiver wants no more.
    Gone,
    /// The same, and the queue loses the message.
    Swept,
    /// The same, and the receiver refuses it until the next attempt is too far away for the queue.
    ComesDue,
    /// A lead's sequence is started under an idempotency key.
    Start,
    /// A lead with consent comes in through LeadRescue, and its sequence with it.
    Drive,
    /// A sequence has started and runs to its end.
    Followed,
    /// A sequence that runs is stopped under an idempotency key.
    Stop,
    /// A lead whose sequence runs is won, under an idempotency key.
    Won,
}

/// Where VendorPad takes leads.
const VENDOR_PAD: &str = "/api/v1/developer/leads";

/// Where LeadRescue takes them.
const LEAD_RESCUE: &str = "/v1/leads";

/// A call, and the status that it is answered with in the end.
struct Call {
    method: Method,
    path: String,
    once: bool,
    body: Value,
    status: u16,
}

impl Call {
    async fn make(&self, caller: &Caller) -> reqwest::Result<ApiResponse> {
        let headers: &[_] = if self.once { &[("Idempotency-Key", "the-call")] } else { &[] };
        caller.try_send(self.method.clone(), &self.path, headers, Some(self.body.to_string().into_bytes())).await
    }
}

fn lead() -> Value {
    json!({ "name": "Jane Smith", "phone": "+15551234567" })
}

/// A lead as the native contract and VendorPad both read it.
fn lead_with_email() -> Value {
    json!({ "name": "Jane Smith", "first_name": "Jane", "last_name": "Smith", "email": "jane@example.com" })
}

/// One who has agreed to be written to.
fn lead_with_consent() -> Value {
    json!({ "name": "Jane Smith", "phone": "+15551234567", "consent": { "given": true }, "category": "TEST_DRIVE" })
}

/// A house in a scenario.
struct Stage {
    scenario: Scenario,
    estate: TestSystem,
    receiver: Receiver,
    /// Subscribes to the end of subscriptions only.
    other: Receiver,
    subscription: Option<Value>,
    call: Call,
    /// What the call was answered, again and again.
    answers: Vec<String>,
}

impl Scenario {
    /// Whether the step is one of the call's own.
    fn is_call(self) -> bool {
        !matches!(self, Self::Healthy | Self::Failing | Self::Gone | Self::Swept | Self::ComesDue | Self::Followed)
    }

    /// Whether people are written to in it.
    pub(super) fn writes_to_people(self) -> bool {
        matches!(self, Self::Start | Self::Drive | Self::Followed | Self::Stop | Self::Won)
    }

    /// The days on which people are written to: where a sequence is to be stopped, it is not to have come to its end.
    fn days(self) -> &'static [u16] {
        if matches!(self, Self::Stop | Self::Won) { &[0, 20, 40] } else { &[0, 1] }
    }

    /// How many times faster waits pass: retries come within seconds, and one lies beyond the queue's horizon where
    /// it is to.
    fn speedup(self) -> f64 {
        match self {
            Self::ComesDue => 600.0,
            // A day passes in a second.
            _ if self.writes_to_people() => 86_400.0,
            _ => 240.0,
        }
    }

    async fn receiver(self) -> Receiver {
        Receiver::answering(move |number| {
            CannedResponse::status(match self {
                Self::Failing if number == 1 => 503,
                Self::ComesDue if number <= 2 => 503,
                Self::Gone => 410,
                _ => 200,
            })
        })
        .await
    }

    async fn stage(self, margin: Duration) -> Stage {
        let estate = TestSystem::new(self.speedup(), margin).await;
        let native = estate.native();
        let receiver = self.receiver().await;
        let other = Receiver::new().await;
        let events = json!({ "url": other.url, "events": ["webhook.disabled"] });
        native.post("/v2/webhooks", events).await.expect(201);
        let subscription = if self == Self::Subscribe { None } else { Some(native.subscribe(&receiver.url).await) };
        if self.writes_to_people() {
            let business = native.get("/v2/businesses").await.expect(200)["data"][0]["id"].clone();
            let path = format!("/v2/businesses/{}", business.as_str().unwrap());
            native.patch(&path, json!({ "channels": ["SMS"] })).await.expect(200);
            let steps: Vec<_> =
                self.days().iter().map(|day| json!({ "day": day, "text": format!("Day {day}") })).collect();
            let template = json!({ "name": "Some", "category": "TEST_DRIVE", "steps": steps });
            native.post("/v2/sequence-templates", template).await.expect(201);
        }
        let post =
            |once: bool| Call { method: Method::POST, path: "/v2/leads".to_owned(), once, body: lead(), status: 201 };
        let call = match self {
            Self::Change | Self::ChangeBare => {
                let lead = native.post("/v2/leads", lead()).await.expect(201);
                let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
                let once = self == Self::Change;
                Call { method: Method::PATCH, path, once, body: json!({ "status": "WON" }), status: 200 }
            }
            Self::Mark => Call { body: lead_with_email(), ..post(true) },
            Self::Take => Call { path: VENDOR_PAD.to_owned(), body: lead_with_email(), ..post(true) },
            Self::Known => {
                native.post("/v2/leads", lead_with_email()).await.expect(201);
                Call { path: VENDOR_PAD.to_owned(), body: lead_with_email(), status: 200, ..post(true) }
            }
            Self::Erase => {
                let lead = native.post("/v2/leads", lead()).await.expect(201);
                let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
                Call { method: Method::DELETE, path, once: false, body: json!({}), status: 204 }
            }
            Self::Subscribe => {
                let body = json!({ "url": receiver.url, "events": ["*"] });
                Call { path: "/v2/webhooks".to_owned(), body, ..post(true) }
            }
            Self::Rotate => {
                let id = subscription.as_ref().unwrap()["id"].as_str().unwrap();
                Call { path: format!("/v2/webhooks/{id}/rotate-secret"), body: json!({}), status: 200, ..post(true) }
            }
            Self::Retry => {
                native.post("/v2/leads", lead()).await.expect(201);
                let id = receiver.wait_for(1, PATIENCE).await.remove(0).header("x-delivery").to_owned();
                Call { path: format!("/v2/deliveries/{id}/retry"), body: json!({}), status: 202, ..post(true) }
            }
            Self::Start | Self::Followed => {
                let lead = native.post("/v2/leads", lead_with_consent()).await.expect(201);
                Call { path: "/v2/sequences".to_owned(), body: json!({ "leadId": lead["id"] }), ..post(true) }
            }
            Self::Drive => {
                let body = json!({ "customer_name": "Jane Smith", "phone": "+15551234567", "consent": true });
                Call { path: LEAD_RESCUE.to_owned(), body, ..post(true) }
            }
            Self::Stop | Self::Won => {
                let lead = native.post("/v2/leads", lead_with_consent()).await.expect(201);
                native.post("/v2/sequences", json!({ "leadId": lead["id"] })).await.expect(201);
                let lead = lead["id"].as_str().unwrap();
                first_is_sent(&native, lead).await;
                if self == Self::Stop {
                    let path = format!("/v2/sequences/{lead}/stop");
                    Call { path, body: json!({}), status: 200, ..post(true) }
                } else {
                    let (method, path) = (Method::PATCH, format!("/v2/leads/{lead}"));
                    Call { method, path, once: true, body: json!({ "status": "WON" }), status: 200 }
                }
            }
            _ => post(self != Self::CreateBare),
        };
        let stage = Stage { scenario: self, estate, receiver, other, subscription, call, answers: Vec::new() };
        let has_lead = matches!(
            self,
            Self::Change
                | Self::ChangeBare
                | Self::Erase
                | Self::Retry
                | Self::Known
                | Self::Start
                | Self::Followed
                | Self::Stop
                | Self::Won
        );
        if has_lead {
            stage.settled(&["lead.created"]).await;
        }
        stage
    }
}

/// Puts the house in `scenario`, lets `fault` happen to `step`, and holds the end to the promises. Answers with what
/// was seen.
pub(super) async fn run(scenario: Scenario, step: Step, fault: Fault) -> String {
    let mut stage = scenario.stage(MARGIN).await;
    if scenario == Scenario::Swept {
        stage.estate.injection().lose.store(1, Ordering::Relaxed);
    }
    stage.estate.injection().arm(step, fault);
    let answer = if scenario.is_call() { stage.call_struck(fault).await } else { stage.work_struck(step, fault).await };
    stage.check(fault, answer).await;
    let sent = format!("{}, {} sent", stage.answers.join(" "), stage.receiver.received().len());
    if !scenario.writes_to_people() {
        return sent;
    }
    format!("{sent}, {}", stage.check_messages().await)
}

/// Waits until the lead has been written to.
async fn first_is_sent(native: &Caller, lead: &str) {
    let path = format!("/v2/leads/{lead}/messages");
    eventually(PATIENCE, "the first message is sent", || async {
        let first = native.get(&path).await.expect(200)["data"][0]["status"].clone();
        (first == "SENT").then_some(())
    })
    .await;
}

/// The same where the sweep does not look for a minute. Answers with how long it took until all was over.
pub(super) async fn run_patiently(scenario: Scenario, step: Step, fault: Fault) -> Duration {
    let mut stage = scenario.stage(Duration::from_mins(1)).await;
    stage.estate.injection().arm(step, fault);
    let started = Instant::now();
    let answer = stage.work_struck(step, fault).await;
    stage.check(fault, answer).await;
    started.elapsed()
}

impl Stage {
    /// Makes the call until it is answered as it should be; meanwhile it is told to try again.
    async fn insist(&mut self) -> ApiResponse {
        let native = self.estate.native();
        for _ in 0..TRIES {
            let reply = self.call.make(&native).await.unwrap();
            self.answers.push(reply.status.to_string());
            if reply.status == self.call.status {
                return reply;
            }
            let snake_case = [VENDOR_PAD, LEAD_RESCUE].contains(&self.call.path.as_str());
            is_unavailable_in(&reply, if snake_case { "request_id" } else { "requestId" });
            if self.scenario == Scenario::CreateBare {
                return reply;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{} tries: {:?}", TRIES, self.answers);
    }

    /// The fault happens to the call itself.
    async fn call_struck(&mut self, fault: Fault) -> Option<ApiResponse> {
        if fault.is_crash() {
            let native = self.estate.native();
            let injection = std::sync::Arc::clone(self.estate.injection());
            let call = self.call.make(&native);
            let crashed = async {
                struck(&injection, 1).await;
                self.estate.crash().await;
            };
            let (reply, ()) = tokio::join!(call, crashed);
            match reply {
                Err(_) => self.answers.push("cut".to_owned()),
                // The stream's reader may be the first to stop a sequence: the house died of what it did, and the call had
                // been answered.
                Ok(reply) if self.scenario == Scenario::Won => self.answers.push(reply.status.to_string()),
                Ok(reply) => panic!("the dead do not answer: {}", reply.status),
            }
            if self.scenario == Scenario::CreateBare {
                return None;
            }
        }
        let reply = self.insist().await;
        assert!(fault.is_crash() || self.estate.injection().struck() > 0, "nothing was struck");
        self.estate.injection().lift();
        Some(reply)
    }

    /// The fault happens to what the call set off.
    async fn work_struck(&mut self, step: Step, fault: Fault) -> Option<ApiResponse> {
        let reply = self.insist().await;
        struck(self.estate.injection(), Injection::enough(step, fault)).await;
        if fault.is_crash() {
            self.estate.crash().await;
        } else {
            self.estate.injection().lift();
        }
        Some(reply)
    }

    async fn check(&mut self, fault: Fault, answer: Option<ApiResponse>) {
        let native = self.estate.native();
        let leads = native.get("/v2/leads").await.expect(200)["data"].as_array().unwrap().clone();
        let made = answer.as_ref().is_some_and(|reply| reply.status == self.call.status);
        match self.scenario {
            Scenario::Subscribe | Scenario::Rotate => {
                assert_eq!(leads.len(), 0);
                native.post("/v2/leads", lead()).await.expect(201);
            }
            Scenario::CreateBare => {
                let took_effect = matches!(fault, Fault::TimedOut | Fault::Lost | Fault::CrashAfter);
                assert_eq!(leads.len(), usize::from(took_effect || made));
                if leads.is_empty() {
                    return self.settled(&[]).await;
                }
            }
            Scenario::Erase => assert_eq!(leads.len(), 0),
            _ => assert_eq!(leads.len(), 1),
        }
        if let Some(reply) = answer.filter(|_| made) {
            self.check_answer(&native, &reply, &leads).await;
        }
        match self.scenario {
            Scenario::Change | Scenario::ChangeBare | Scenario::Won => {
                self.settled(&["lead.created", "lead.status_changed", "lead.won"]).await;
            }
            _ => self.settled(&["lead.created"]).await,
        }
        self.check_subscriptions(&native).await;
        self.check_figures(&native).await;
    }

    /// The one lead, and what became of it, is counted once.
    async fn check_figures(&self, native: &Caller) {
        let won = u64::from(matches!(self.scenario, Scenario::Change | Scenario::ChangeBare | Scenario::Won));
        eventually(PATIENCE, "the figures are as they should be", || async {
            let figures = native.get("/v2/analytics/kpis").await.expect(200);
            let (leads, converted) = (figures["leads"].as_u64().unwrap(), figures["converted"].as_u64().unwrap());
            assert!(leads <= 1 && converted <= won, "counted twice: {leads} leads, {converted} won");
            ((leads, converted) == (1, won)).then_some(())
        })
        .await;
    }

    /// Nobody was written to twice, what is told as sent was sent, and the sequence came to its end, whatever happened
    /// on the way. Answers with what has become of its steps.
    async fn check_messages(&self) -> String {
        let native = self.estate.native();
        let lead = native.get("/v2/leads").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
        let ended = if matches!(self.scenario, Scenario::Stop | Scenario::Won) { "STOPPED" } else { "COMPLETED" };
        let sequence = eventually(PATIENCE, "the sequence has ended", || async {
            let sequence = native.get(&format!("/v2/leads/{lead}/sequence")).await.expect(200);
            (sequence["status"] == ended).then_some(sequence)
        })
        .await;
        let words = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
        };
        let steps = words(&sequence["steps"]);
        let page = native.get(&format!("/v2/leads/{lead}/messages")).await.expect(200);
        let told: BTreeMap<_, _> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (id(&one), one["status"].as_str().unwrap().to_owned()))
            .collect();
        let got = self.estate.post().got();
        let ids: BTreeSet<_> = got.iter().map(|one| one.id.clone()).collect();
        assert_eq!(ids.len(), got.len(), "somebody was written to twice: {steps:?}");
        assert!(ids.iter().all(|id| told.contains_key(id)), "what was sent is told");
        let open = told.iter().filter(|(_, status)| *status != "SENT").count();
        assert!(told.iter().all(|(id, status)| *status != "SENT" || ids.contains(id)), "what is told as sent was sent");
        if ended == "STOPPED" {
            assert_eq!(steps, ["SENT", "CANCELLED", "CANCELLED"]);
            assert_eq!((got.len(), told.len(), &sequence["nextStepAt"]), (1, 1, &Value::Null));
        } else {
            let unknown = steps.iter().filter(|step| *step == "UNKNOWN").count();
            assert_eq!((told.len(), open), (2, unknown), "each step became a message: {steps:?}");
            let last = sequence["steps"][1]["messageId"].as_str().unwrap();
            assert!(ids.contains(last), "the last step came, whatever became of the first: {steps:?}");
        }
        eventually(PATIENCE, "the messages are counted", || async {
            let counted = native.get("/v2/analytics/kpis").await.expect(200)["messagesSent"].as_u64().unwrap();
            let sent = u64::try_from(told.len() - open).unwrap();
            assert!(counted <= sent, "counted twice");
            (counted == sent).then_some(())
        })
        .await;
        format!("{} of {} got", got.len(), steps.join(" "))
    }

    /// The call had one effect, and whoever calls again is told of it.
    async fn check_answer(&mut self, native: &Caller, reply: &ApiResponse, leads: &[Value]) {
        if self.call.once {
            let again = self.call.make(native).await.unwrap();
            assert_eq!((again.status, &again.text), (reply.status, &reply.text));
            assert_eq!(again.header("idempotent-replayed"), "true");
        }
        match self.scenario {
            Scenario::Subscribe => self.subscription = Some(reply.json()),
            Scenario::Rotate => {
                let secret = reply.json()["secret"].as_str().unwrap().to_owned();
                let received = self.receiver.wait_for(1, PATIENCE).await.remove(0);
                let signatures = received.header("webhook-signature");
                let signature = standard_signature(&secret, &received);
                assert!(signatures.split(' ').any(|one| one == signature), "rotated once");
            }
            Scenario::Retry | Scenario::Erase => {}
            Scenario::Start | Scenario::Followed | Scenario::Stop => {
                assert_eq!(reply.json()["leadId"], leads[0]["id"]);
            }
            Scenario::Drive => {
                let id = reply.json()["id"].as_str().unwrap().trim_start_matches("l_").to_owned();
                assert_eq!(leads[0]["id"].as_str().unwrap().replace('-', ""), id);
            }
            Scenario::Take => {
                assert_eq!(leads[0]["id"], reply.json()["lead_id"]);
                assert_eq!(reply.json()["duplicate"], false);
                let second = native.post(&self.call.path, self.call.body.clone()).await.expect(200);
                assert_eq!((&second["lead_id"], &second["duplicate"]), (&leads[0]["id"], &json!(true)));
            }
            Scenario::Known => {
                assert_eq!((&reply.json()["lead_id"], &reply.json()["duplicate"]), (&leads[0]["id"], &json!(true)));
            }
            Scenario::Mark => {
                assert_eq!(leads[0], reply.json());
                let second = native.post(VENDOR_PAD, self.call.body.clone()).await.expect(200);
                assert_eq!((&second["lead_id"], &second["duplicate"]), (&leads[0]["id"], &json!(true)));
            }
            Scenario::Change | Scenario::ChangeBare | Scenario::Won => {
                assert_eq!(leads[0], reply.json());
                assert_eq!(leads[0]["version"], 2);
            }
            _ => assert_eq!(leads[0], reply.json()),
        }
    }

    async fn check_subscriptions(&self, native: &Caller) {
        let id = self.subscription.as_ref().unwrap()["id"].clone();
        // What an attempt says of the receiver may be noted a moment after it is recorded.
        eventually(Duration::from_secs(5), "the subscriptions are as they should be", || async {
            let listed = native.get("/v2/webhooks").await.expect(200)["data"].as_array().unwrap().clone();
            assert_eq!(listed.len(), 2, "one subscription and the other");
            let own = listed.iter().find(|one| one["id"] == id).unwrap();
            let status = if self.scenario == Scenario::Gone { "DISABLED" } else { "ENABLED" };
            let forgotten = self.scenario == Scenario::Gone || own["failingSince"].is_null();
            (own["status"] == status && forgotten).then_some(())
        })
        .await;
    }

    /// Waits until exactly the deliveries of these events are there and have arrived, each with all its attempts.
    async fn settled(&self, events: &[&str]) {
        let native = self.estate.native();
        let told: Vec<_> = if self.scenario == Scenario::Gone {
            vec![("lead.created", "CANCELLED"), ("webhook.disabled", "DELIVERED")]
        } else {
            events.iter().map(|event| (*event, "DELIVERED")).collect()
        };
        let expected: BTreeSet<_> = told.iter().copied().collect();
        let deliveries = eventually(PATIENCE, &format!("{expected:?}"), || async {
            let page = native.get("/v2/deliveries").await.expect(200);
            let deliveries = page["data"].as_array().unwrap();
            let found: BTreeSet<_> = deliveries
                .iter()
                .map(|one| (one["event"].as_str().unwrap(), one["status"].as_str().unwrap()))
                .collect();
            if found == expected && deliveries.len() == told.len() {
                return Some(deliveries.clone());
            }
            // Many houses share the machine.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        })
        .await;
        for delivery in &deliveries {
            all_attempts_are_told(&native, delivery).await;
        }
        let mut ids: BTreeMap<String, BTreeSet<bytes::Bytes>> = BTreeMap::new();
        for received in self.receiver.received().into_iter().chain(self.other.received()) {
            ids.entry(received.header("x-delivery").to_owned()).or_default().insert(received.body.clone());
        }
        assert!(ids.values().all(|bodies| bodies.len() == 1), "a delivery sent twice is the same");
        let listed: BTreeSet<_> = deliveries.iter().map(|one| id(&one)).collect();
        assert_eq!(ids.into_keys().collect::<BTreeSet<_>>(), listed, "what was sent is what is listed");
    }
}

/// Every attempt of a delivery is told, each once.
pub(super) async fn all_attempts_are_told(native: &Caller, delivery: &Value) {
    let path = format!("/v2/deliveries/{}", delivery["id"].as_str().unwrap());
    let shown = native.get(&path).await.expect(200);
    let count = shown["attemptCount"].as_u64().unwrap();
    let numbers: Vec<_> =
        shown["attempts"].as_array().unwrap().iter().map(|one| one["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "attempts of {} {}", shown["event"], shown["status"]);
    if shown["status"] == "DELIVERED" {
        // Not always the last: an earlier one that was made twice may arrive after it.
        assert!(shown["attempts"].as_array().unwrap().iter().any(|one| one["outcome"] == "DELIVERED"));
    }
}

/// An answer that says to try again, in the native contract's shape.
pub(super) fn is_unavailable(reply: &ApiResponse) {
    is_unavailable_in(reply, "requestId");
}

/// The same in a contract that spells the request's id like this.
fn is_unavailable_in(reply: &ApiResponse, request_id: &str) {
    assert_eq!(reply.status, 503, "{}", reply.text);
    assert!(reply.header("retry-after").parse::<u64>().unwrap() >= 1);
    let expected = json!({ "error": {
        "code": "UNAVAILABLE",
        "message": "The service is temporarily unavailable. Try again later.",
        request_id: reply.header("x-request-id"),
    }});
    assert_eq!(reply.json(), expected);
}

async fn struck(injection: &Injection, times: usize) {
    eventually(PATIENCE, &format!("the fault strikes {times} times"), || async {
        (injection.struck() >= times).then_some(())
    })
    .await;
}
