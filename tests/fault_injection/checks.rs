//! The conditions that hold at the end of a scenario: one effect of the call, each delivery and message once, and
//! nothing unfinished.

use super::injection::Fault;
use super::scenario::{Scenario, ScenarioRun, VENDOR_PAD};
use crate::harness::signature::standard_signature;
use crate::harness::{ApiResponse, Caller, EFFECT_TIMEOUT, eventually, id, leads};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Checks that the creation of the lead is in the event log once.
async fn check_event_log(native: &Caller) {
    eventually(EFFECT_TIMEOUT, "the event log is as expected", || async {
        let page = native.get("/v2/event-log").await.expect(200);
        let created = page["data"].as_array().unwrap().iter().filter(|event| event["event"] == "lead.created").count();
        assert!(created <= 1, "logged twice: {page}");
        (created == 1).then_some(())
    })
    .await;
}

impl ScenarioRun {
    pub(super) async fn check(&mut self, fault: Fault, reply: Option<ApiResponse>) {
        let native = self.test_system.native();
        let leads = native.get("/v2/leads").await.expect(200)["data"].as_array().unwrap().clone();
        let made = reply.as_ref().is_some_and(|reply| reply.status == self.call.status);
        match self.scenario {
            Scenario::Subscribe | Scenario::Rotate => {
                assert_eq!(leads.len(), 0);
                native.post("/v2/leads", leads::with_phone()).await.expect(201);
            }
            Scenario::CreateBare => {
                let took_effect = matches!(fault, Fault::TimedOut | Fault::ResponseLost | Fault::CrashAfter);
                assert_eq!(leads.len(), usize::from(took_effect || made));
                if leads.is_empty() {
                    return self.settled(&[]).await;
                }
            }
            Scenario::Erase => assert_eq!(leads.len(), 0),
            _ => assert_eq!(leads.len(), 1),
        }
        if let Some(reply) = reply.filter(|_| made) {
            self.check_reply(&native, &reply, &leads).await;
        }
        match self.scenario {
            Scenario::Change | Scenario::ChangeBare | Scenario::Audit | Scenario::Won => {
                self.settled(&["lead.created", "lead.status_changed", "lead.won"]).await;
            }
            Scenario::Together => {
                let changed = ["lead.status_changed", "lead.won"];
                let times = 1 + self.scenario.other_subscriptions();
                self.settled(&[vec!["lead.created"], changed.repeat(times)].concat()).await;
            }
            _ => self.settled(&["lead.created"]).await,
        }
        self.check_subscriptions(&native).await;
        self.check_kpis(&native).await;
        self.check_audit_log(&native).await;
        check_event_log(&native).await;
        assert_eq!(self.test_system.parked_records().await, 0, "no fault is permanent");
    }

    fn changes_status(&self) -> bool {
        matches!(
            self.scenario,
            Scenario::Change | Scenario::ChangeBare | Scenario::Together | Scenario::Audit | Scenario::Won
        )
    }

    /// Checks that a change of the lead's status is in the audit log once.
    async fn check_audit_log(&self, native: &Caller) {
        let expected = usize::from(self.changes_status());
        eventually(EFFECT_TIMEOUT, "the audit log is as expected", || async {
            let page = native.get("/v2/audit-log?action=lead.status_changed").await.expect(200);
            let entries = page["data"].as_array().unwrap().len();
            assert!(entries <= expected, "recorded twice: {page}");
            (entries == expected).then_some(())
        })
        .await;
    }

    /// Checks that the lead, and its outcome, are counted once.
    async fn check_kpis(&self, native: &Caller) {
        let won = u64::from(self.changes_status());
        eventually(EFFECT_TIMEOUT, "the KPIs are as expected", || async {
            let kpis = native.get("/v2/analytics/kpis").await.expect(200);
            let (leads, converted) = (kpis["leads"].as_u64().unwrap(), kpis["converted"].as_u64().unwrap());
            assert!(leads <= 1 && converted <= won, "counted twice: {leads} leads, {converted} won");
            ((leads, converted) == (1, won)).then_some(())
        })
        .await;
    }

    /// Checks that no message was sent twice, that every message shown as sent was sent, and that the sequence ended
    /// despite the fault. Returns the final states of its steps.
    pub(super) async fn check_messages(&self) -> String {
        let native = self.test_system.native();
        let lead = native.get("/v2/leads").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
        let ended = if matches!(self.scenario, Scenario::Stop | Scenario::Won) { "STOPPED" } else { "COMPLETED" };
        let sequence = eventually(EFFECT_TIMEOUT, "the sequence has ended", || async {
            let sequence = native.get(&format!("/v2/leads/{lead}/sequence")).await.expect(200);
            (sequence["status"] == ended).then_some(sequence)
        })
        .await;
        let statuses = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
        };
        let steps = statuses(&sequence["steps"]);
        let page = native.get(&format!("/v2/leads/{lead}/messages")).await.expect(200);
        let shown: BTreeMap<_, _> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (id(one), one["status"].as_str().unwrap().to_owned()))
            .collect();
        let received = self.test_system.inbox().messages();
        let ids: BTreeSet<_> = received.iter().map(|one| one.id.clone()).collect();
        assert_eq!(ids.len(), received.len(), "a message was sent twice: {steps:?}");
        assert!(ids.iter().all(|id| shown.contains_key(id)), "every sent message is shown");
        let open = shown.iter().filter(|(_, status)| *status != "SENT").count();
        assert!(
            shown.iter().all(|(id, status)| *status != "SENT" || ids.contains(id)),
            "every message shown as sent was sent"
        );
        if ended == "STOPPED" {
            assert_eq!(steps, ["SENT", "CANCELLED", "CANCELLED"]);
            assert_eq!((received.len(), shown.len(), &sequence["nextStepAt"]), (1, 1, &Value::Null));
        } else {
            let unknown = steps.iter().filter(|step| *step == "UNKNOWN").count();
            assert_eq!((shown.len(), open), (2, unknown), "each step became a message: {steps:?}");
            let last = sequence["steps"][1]["messageId"].as_str().unwrap();
            assert!(ids.contains(last), "the last step came, whatever became of the first: {steps:?}");
        }
        eventually(EFFECT_TIMEOUT, "the messages are counted", || async {
            let counted = native.get("/v2/analytics/kpis").await.expect(200)["messagesSent"].as_u64().unwrap();
            let sent = u64::try_from(shown.len() - open).unwrap();
            assert!(counted <= sent, "counted twice");
            (counted == sent).then_some(())
        })
        .await;
        format!("{} of {} received", received.len(), steps.join(" "))
    }

    /// Checks that the call had one effect, and that a repeated call returns it.
    async fn check_reply(&mut self, native: &Caller, reply: &ApiResponse, leads: &[Value]) {
        if self.call.idempotent {
            let again = self.call.make(native).await.unwrap();
            assert_eq!((again.status, &again.text), (reply.status, &reply.text));
            assert_eq!(again.header("idempotent-replayed"), "true");
        }
        match self.scenario {
            Scenario::Subscribe => self.subscription = Some(reply.json()),
            Scenario::Rotate => {
                let secret = reply.json()["secret"].as_str().unwrap().to_owned();
                let received = self.receiver.wait_for(1, EFFECT_TIMEOUT).await.remove(0);
                let signatures = received.header("webhook-signature");
                let signature = standard_signature(&secret, &received);
                assert!(signatures.split(' ').any(|one| one == signature), "rotated once");
            }
            Scenario::Retry | Scenario::Erase => {}
            Scenario::Start | Scenario::FollowUp | Scenario::Stop => {
                assert_eq!(reply.json()["leadId"], leads[0]["id"]);
            }
            Scenario::StartWithLead => {
                let id = reply.json()["id"].as_str().unwrap().trim_start_matches("l_").to_owned();
                assert_eq!(leads[0]["id"].as_str().unwrap().replace('-', ""), id);
            }
            Scenario::CreateInVendorPad => {
                assert_eq!(leads[0]["id"], reply.json()["lead_id"]);
                assert_eq!(reply.json()["duplicate"], false);
                let second = native.post(&self.call.path, self.call.body.clone()).await.expect(200);
                assert_eq!((&second["lead_id"], &second["duplicate"]), (&leads[0]["id"], &json!(true)));
            }
            Scenario::Duplicate => {
                assert_eq!((&reply.json()["lead_id"], &reply.json()["duplicate"]), (&leads[0]["id"], &json!(true)));
            }
            Scenario::CreateWithEmail => {
                assert_eq!(leads[0], reply.json());
                let mut same_address = self.call.body.clone();
                same_address["first_name"] = json!("Jane");
                let second = native.post(VENDOR_PAD, same_address).await.expect(200);
                assert_eq!((&second["lead_id"], &second["duplicate"]), (&leads[0]["id"], &json!(true)));
            }
            Scenario::Change | Scenario::ChangeBare | Scenario::Together | Scenario::Audit | Scenario::Won => {
                assert_eq!(leads[0], reply.json());
                assert_eq!(leads[0]["version"], 2);
            }
            _ => assert_eq!(leads[0], reply.json()),
        }
    }

    async fn check_subscriptions(&self, native: &Caller) {
        let id = self.subscription.as_ref().unwrap()["id"].clone();
        // The endpoint health may be updated a moment after the attempt is recorded.
        eventually(Duration::from_secs(5), "the subscriptions are as expected", || async {
            let listed = native.get("/v2/webhooks").await.expect(200)["data"].as_array().unwrap().clone();
            assert_eq!(listed.len(), 1 + self.scenario.other_subscriptions());
            let own = listed.iter().find(|one| one["id"] == id).unwrap();
            let status = if self.scenario == Scenario::Gone { "DISABLED" } else { "ENABLED" };
            let recovered = self.scenario == Scenario::Gone || own["failingSince"].is_null();
            (own["status"] == status && recovered).then_some(())
        })
        .await;
    }

    /// Waits until exactly the deliveries of these events exist and have succeeded, each with all its attempts.
    pub(super) async fn settled(&self, events: &[&str]) {
        let native = self.test_system.native();
        let shown: Vec<_> = if self.scenario == Scenario::Gone {
            vec![("lead.created", "CANCELLED"), ("webhook.disabled", "DELIVERED")]
        } else {
            events.iter().map(|event| (*event, "DELIVERED")).collect()
        };
        let expected: BTreeSet<_> = shown.iter().copied().collect();
        let deliveries = eventually(EFFECT_TIMEOUT, &format!("{expected:?}"), || async {
            let page = native.get("/v2/deliveries").await.expect(200);
            let deliveries = page["data"].as_array().unwrap();
            let found: BTreeSet<_> = deliveries
                .iter()
                .map(|one| (one["event"].as_str().unwrap(), one["status"].as_str().unwrap()))
                .collect();
            if found == expected && deliveries.len() == shown.len() {
                return Some(deliveries.clone());
            }
            // Many servers share the machine.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        })
        .await;
        for delivery in &deliveries {
            all_attempts_are_shown(&native, delivery).await;
        }
        let mut ids: BTreeMap<String, BTreeSet<bytes::Bytes>> = BTreeMap::new();
        for received in self.receiver.received().into_iter().chain(self.other.received()) {
            ids.entry(received.header("x-delivery").to_owned()).or_default().insert(received.body.clone());
        }
        assert!(ids.values().all(|bodies| bodies.len() == 1), "a repeated delivery has the same body");
        let listed: BTreeSet<_> = deliveries.iter().map(|one| id(one)).collect();
        assert_eq!(ids.into_keys().collect::<BTreeSet<_>>(), listed, "the received deliveries are the listed ones");
    }
}

/// Checks that every attempt of a delivery is shown, each once.
pub(super) async fn all_attempts_are_shown(native: &Caller, delivery: &Value) {
    let path = format!("/v2/deliveries/{}", delivery["id"].as_str().unwrap());
    let shown = native.get(&path).await.expect(200);
    let count = shown["attemptCount"].as_u64().unwrap();
    let numbers: Vec<_> =
        shown["attempts"].as_array().unwrap().iter().map(|one| one["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "attempts of {} {}", shown["event"], shown["status"]);
    if shown["status"] == "DELIVERED" {
        // Not always the last: an earlier attempt that was repeated may arrive after it.
        assert!(shown["attempts"].as_array().unwrap().iter().any(|one| one["outcome"] == "DELIVERED"));
    }
}
