//! Scenarios of fault injection: the work in progress when a step fails.

use super::injection::{Fault, Injection, Step};
use super::test_system::TestSystem;
use crate::harness::{ApiResponse, Caller, CannedResponse, EFFECT_TIMEOUT, Receiver, eventually, leads};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Time by which work must be overdue before the sweeper picks it up.
pub(super) const MARGIN: Duration = Duration::from_millis(2_500);

/// Maximum number of times that a caller repeats a call after being asked to.
const MAX_CALLS: usize = 6;

/// Time for which the circuit is open in [`Scenario::Parked`]: several sweeps.
const OPEN_TIME: Duration = Duration::from_secs(5);

/// Work of the service during which a step fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    /// A lead is created with an idempotency key.
    Create,
    /// A lead is created without an idempotency key.
    CreateBare,
    /// A lead with an e-mail address is created with an idempotency key.
    CreateWithEmail,
    /// The same through VendorPad, which accepts each address once.
    CreateInVendorPad,
    /// The same when another lead already has the address.
    Duplicate,
    /// A lead is updated with an idempotency key.
    Change,
    /// A lead is updated without an idempotency key.
    ChangeBare,
    /// The status of a lead was changed, and its audit entry follows.
    Audit,
    /// A lead is erased.
    Erase,
    /// A subscription is created with an idempotency key.
    Subscribe,
    /// A secret is rotated with an idempotency key.
    Rotate,
    /// A delivery is retried by a caller, with an idempotency key.
    Retry,
    /// A created lead is delivered to a receiver that accepts it.
    Healthy,
    /// The same, and the receiver rejects the first attempt.
    Failing,
    /// The same, and the receiver responds with 410.
    Gone,
    /// The same, and the queue loses the message.
    MessageLost,
    /// A lead's status is changed, which makes sixteen deliveries at once, and the queue loses their messages.
    Together,
    /// A created lead is delivered while the circuit of the receiver is open.
    Parked,
    /// The same, and the receiver rejects attempts until the next one is beyond the maximum delay of the queue.
    ComesDue,
    /// A lead's sequence is started with an idempotency key.
    Start,
    /// A lead with consent is created through LeadRescue, which starts its sequence.
    StartWithLead,
    /// A started sequence runs to its end.
    FollowUp,
    /// A running sequence is stopped with an idempotency key.
    Stop,
    /// A lead with a running sequence is won, with an idempotency key.
    Won,
}

/// VendorPad's path of leads.
pub(super) const VENDOR_PAD: &str = "/api/v1/developer/leads";

/// LeadRescue's path of leads.
const LEAD_RESCUE: &str = "/v1/leads";

/// Call, with the status that it finally returns.
pub(super) struct Call {
    method: Method,
    pub(super) path: String,
    pub(super) idempotent: bool,
    pub(super) body: Value,
    pub(super) status: u16,
}

impl Call {
    pub(super) async fn make(&self, caller: &Caller) -> reqwest::Result<ApiResponse> {
        let headers: &[_] = if self.idempotent { &[("Idempotency-Key", "the-call")] } else { &[] };
        caller.try_send(self.method.clone(), &self.path, headers, Some(self.body.to_string().into_bytes())).await
    }
}

/// Returns a lead of VendorPad with the address of [`leads::with_email`].
fn vendor_pad_lead() -> Value {
    json!({ "first_name": "Jane", "last_name": "Smith", "email": "jane@example.com" })
}

/// Returns a lead with consent to be contacted.
fn lead_with_consent() -> Value {
    json!({ "name": "Jane Smith", "phone": "+15551234567", "consent": { "given": true }, "category": "TEST_DRIVE" })
}

/// Test system in a scenario.
pub(super) struct ScenarioRun {
    pub(super) scenario: Scenario,
    pub(super) test_system: TestSystem,
    pub(super) receiver: Receiver,
    /// Receiver that is subscribed to `webhook.disabled`, in [`Scenario::Together`] also to changes of status.
    pub(super) other: Receiver,
    pub(super) subscription: Option<Value>,
    pub(super) call: Call,
    /// Every response to the call, in order.
    pub(super) outcomes: Vec<String>,
}

impl Scenario {
    /// Returns whether the failing step is part of the call itself.
    fn is_call(self) -> bool {
        !matches!(
            self,
            Self::Audit
                | Self::Healthy
                | Self::Failing
                | Self::Gone
                | Self::MessageLost
                | Self::Together
                | Self::Parked
                | Self::ComesDue
                | Self::FollowUp
        )
    }

    /// Returns whether messages are sent to people in this scenario.
    pub(super) fn sends_messages(self) -> bool {
        matches!(self, Self::Start | Self::StartWithLead | Self::FollowUp | Self::Stop | Self::Won)
    }

    /// Returns the days of the sequence's steps: a sequence that is to be stopped must not have ended before.
    fn days(self) -> &'static [u16] {
        match self {
            Self::Stop | Self::Won => &[0, 20, 40],
            // Well beyond the reach of the local server's queue, so that the sweeper enqueues the second step.
            Self::FollowUp => &[0, 6],
            _ => &[0, 1],
        }
    }

    /// Returns the factor by which waits are shortened: retries follow within seconds, except one that is meant to
    /// lie beyond the maximum delay of the queue.
    fn speedup(self) -> f64 {
        match self {
            Self::ComesDue => 600.0,
            // At this speed a day takes one second.
            _ if self.sends_messages() => 86_400.0,
            _ => 240.0,
        }
    }

    /// Returns the number of subscriptions of the other receiver: enough for a delivery batch where one is wanted.
    pub(super) fn other_subscriptions(self) -> usize {
        if self == Self::Together { 7 } else { 1 }
    }

    async fn receiver(self) -> Receiver {
        Receiver::responding(move |number| {
            CannedResponse::status(match self {
                Self::Failing if number == 1 => 503,
                Self::ComesDue if number <= 2 => 503,
                Self::Gone => 410,
                _ => 200,
            })
        })
        .await
    }

    /// Returns whether the scenario begins with a lead that exists.
    fn has_lead(self) -> bool {
        matches!(
            self,
            Self::Change
                | Self::ChangeBare
                | Self::Together
                | Self::Audit
                | Self::Erase
                | Self::Retry
                | Self::Duplicate
                | Self::Start
                | Self::FollowUp
                | Self::Stop
                | Self::Won
        )
    }

    async fn prepare(self, margin: Duration) -> ScenarioRun {
        let test_system = TestSystem::new(self.speedup(), margin).await;
        let native = test_system.native();
        let receiver = self.receiver().await;
        let other = Receiver::new().await;
        let events = match self {
            Self::Together => json!(["webhook.disabled", "lead.status_changed", "lead.won"]),
            _ => json!(["webhook.disabled"]),
        };
        for _ in 0..self.other_subscriptions() {
            native.post("/v2/webhooks", json!({ "url": other.url, "events": events })).await.expect(201);
        }
        let subscription = if self == Self::Subscribe { None } else { Some(native.subscribe(&receiver.url).await) };
        if let (Self::Parked, Some(subscription)) = (self, &subscription) {
            test_system.open_circuit(subscription, OPEN_TIME).await;
        }
        if self.sends_messages() {
            let business = native.get("/v2/businesses").await.expect(200)["data"][0]["id"].clone();
            let path = format!("/v2/businesses/{}", business.as_str().unwrap());
            native.patch(&path, json!({ "channels": ["SMS"] })).await.expect(200);
            let steps: Vec<_> =
                self.days().iter().map(|day| json!({ "day": day, "text": format!("Day {day}") })).collect();
            let template = json!({ "name": "Some", "category": "TEST_DRIVE", "steps": steps });
            native.post("/v2/sequence-templates", template).await.expect(201);
        }
        let post = |idempotent: bool| Call {
            method: Method::POST,
            path: "/v2/leads".to_owned(),
            idempotent,
            body: leads::with_phone(),
            status: 201,
        };
        let call = match self {
            Self::Change | Self::ChangeBare | Self::Together | Self::Audit => {
                let lead = native.post("/v2/leads", leads::with_phone()).await.expect(201);
                let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
                let idempotent = !matches!(self, Self::ChangeBare | Self::Together);
                Call { method: Method::PATCH, path, idempotent, body: json!({ "status": "WON" }), status: 200 }
            }
            Self::CreateWithEmail => Call { body: leads::with_email(), ..post(true) },
            Self::CreateInVendorPad => Call { path: VENDOR_PAD.to_owned(), body: vendor_pad_lead(), ..post(true) },
            Self::Duplicate => {
                native.post("/v2/leads", leads::with_email()).await.expect(201);
                Call { path: VENDOR_PAD.to_owned(), body: vendor_pad_lead(), status: 200, ..post(true) }
            }
            Self::Erase => {
                let lead = native.post("/v2/leads", leads::with_phone()).await.expect(201);
                let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
                Call { method: Method::DELETE, path, idempotent: false, body: json!({}), status: 204 }
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
                native.post("/v2/leads", leads::with_phone()).await.expect(201);
                let id = receiver.wait_for(1, EFFECT_TIMEOUT).await.remove(0).header("x-delivery").to_owned();
                Call { path: format!("/v2/deliveries/{id}/retry"), body: json!({}), status: 202, ..post(true) }
            }
            Self::Start | Self::FollowUp => {
                let lead = native.post("/v2/leads", lead_with_consent()).await.expect(201);
                Call { path: "/v2/sequences".to_owned(), body: json!({ "leadId": lead["id"] }), ..post(true) }
            }
            Self::StartWithLead => {
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
                    Call { method, path, idempotent: true, body: json!({ "status": "WON" }), status: 200 }
                }
            }
            _ => post(self != Self::CreateBare),
        };
        let run =
            ScenarioRun { scenario: self, test_system, receiver, other, subscription, call, outcomes: Vec::new() };
        if self.has_lead() {
            run.settled(&["lead.created"]).await;
        }
        run
    }
}

/// Runs `scenario` with `fault` at `step`, checks the final state, and returns a summary of it.
pub(super) async fn run(scenario: Scenario, step: Step, fault: Fault) -> String {
    let mut run = scenario.prepare(MARGIN).await;
    if matches!(scenario, Scenario::MessageLost | Scenario::Together) {
        run.test_system.injection().messages_to_lose.store(1, Ordering::Relaxed);
    }
    run.test_system.injection().arm(step, fault);
    let reply = if scenario.is_call() { run.fail_call(fault).await } else { run.fail_work(step, fault).await };
    run.check(fault, reply).await;
    let sent = format!("{}, {} sent", run.outcomes.join(" "), run.receiver.received().len());
    if !scenario.sends_messages() {
        return sent;
    }
    format!("{sent}, {}", run.check_messages().await)
}

/// Waits until the first message to the lead has been sent.
async fn first_is_sent(native: &Caller, lead: &str) {
    let path = format!("/v2/leads/{lead}/messages");
    eventually(EFFECT_TIMEOUT, "the first message is sent", || async {
        let first = native.get(&path).await.expect(200)["data"][0]["status"].clone();
        (first == "SENT").then_some(())
    })
    .await;
}

/// Runs the scenario with a sweep interval of a minute, and returns the time until all work was done.
pub(super) async fn run_with_slow_sweep(scenario: Scenario, step: Step, fault: Fault) -> Duration {
    let mut run = scenario.prepare(Duration::from_mins(1)).await;
    run.test_system.injection().arm(step, fault);
    let started = Instant::now();
    let reply = run.fail_work(step, fault).await;
    run.check(fault, reply).await;
    started.elapsed()
}

impl ScenarioRun {
    /// Repeats the call until it returns its final status; every response before asks for a retry.
    async fn call_until_done(&mut self) -> ApiResponse {
        let native = self.test_system.native();
        for _ in 0..MAX_CALLS {
            let reply = self.call.make(&native).await.unwrap();
            self.outcomes.push(reply.status.to_string());
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
        panic!("{} calls: {:?}", MAX_CALLS, self.outcomes);
    }

    /// Applies the fault to the call itself.
    async fn fail_call(&mut self, fault: Fault) -> Option<ApiResponse> {
        if fault.is_crash() {
            let native = self.test_system.native();
            let injection = std::sync::Arc::clone(self.test_system.injection());
            let call = self.call.make(&native);
            let crashed = async {
                wait_for_fault(&injection, 1).await;
                self.test_system.crash().await;
            };
            let (reply, ()) = tokio::join!(call, crashed);
            match reply {
                Err(_) => self.outcomes.push("aborted".to_owned()),
                // The stream reader may be the first to stop a sequence: its step killed the process, after the call
                // had returned.
                Ok(reply) if self.scenario == Scenario::Won => self.outcomes.push(reply.status.to_string()),
                Ok(reply) => panic!("a killed server responded: {}", reply.status),
            }
            if self.scenario == Scenario::CreateBare {
                return None;
            }
        }
        let reply = self.call_until_done().await;
        assert!(fault.is_crash() || self.test_system.injection().occurred() > 0, "no fault occurred");
        self.test_system.injection().clear();
        Some(reply)
    }

    /// Applies the fault to the work that follows the call.
    async fn fail_work(&mut self, step: Step, fault: Fault) -> Option<ApiResponse> {
        let reply = self.call_until_done().await;
        wait_for_fault(self.test_system.injection(), Injection::min_occurrences(step, fault)).await;
        if fault.is_crash() {
            self.test_system.crash().await;
        } else {
            self.test_system.injection().clear();
        }
        Some(reply)
    }
}

/// Checks that a response asks for a retry, in the format of the native contract.
pub(super) fn is_unavailable(reply: &ApiResponse) {
    is_unavailable_in(reply, "requestId");
}

/// Checks the same in a contract with this name for the id of the request.
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

async fn wait_for_fault(injection: &Injection, times: usize) {
    // The fault may be one of a sweep behind many others, beside other tests.
    eventually(3 * EFFECT_TIMEOUT, &format!("the fault occurs {times} times"), || async {
        (injection.occurred() >= times).then_some(())
    })
    .await;
}
