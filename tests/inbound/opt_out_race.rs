//! Races between an opt-out and the sending of a message: after an acknowledged opt-out nothing more is sent, however
//! close the race.

use super::{NATIVE, issue_secret, lead, messages, opt_out_of, post_event, reply_of, start, status, wait_for_message};
use crate::harness::{Caller, EFFECT_TIMEOUT, options, run_concurrently};
use domain::accounts::business::Channel;
use domain::accounts::rate_limit::Limits;
use local::{LocalServer, ServerOptions};
use messaging::{MessageSender, OutgoingMessage, ProviderResult, SendFuture};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Returns a random duration up to `max`.
fn random_duration(max: Duration) -> Duration {
    let [byte, other, ..] = *uuid::Uuid::new_v4().as_bytes();
    max.mul_f64(f64::from(u16::from_be_bytes([byte, other])) / f64::from(u16::MAX))
}

/// Start and end of sending a message.
type SendingTime = (Instant, Option<Instant>);

/// Times at which messages to each person were sent.
#[derive(Clone, Default)]
struct RecordingSender {
    seen: Arc<Mutex<HashMap<String, Vec<SendingTime>>>>,
    started_messages: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
}

impl RecordingSender {
    fn of(&self, to: &str) -> Vec<SendingTime> {
        self.seen.lock().unwrap().get(to).cloned().unwrap_or_default()
    }

    /// Returns a notification for the start of a message to `to`.
    fn start_of_message(&self, to: &str) -> Arc<Notify> {
        Arc::clone(self.started_messages.lock().unwrap().entry(to.to_owned()).or_default())
    }
}

impl MessageSender for RecordingSender {
    fn supports(&self, _: Channel) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        Box::pin(async move {
            let number = {
                let mut seen = self.seen.lock().unwrap();
                let all = seen.entry(message.to.clone()).or_default();
                all.push((Instant::now(), None));
                all.len() - 1
            };
            self.start_of_message(&message.to).notify_one();
            tokio::time::sleep(random_duration(Duration::from_millis(25))).await;
            if let Some(all) = self.seen.lock().unwrap().get_mut(&message.to) {
                all[number].1 = Some(Instant::now());
            }
            ProviderResult::Accepted { provider_id: None }
        })
    }
}

/// Outcome of one race.
struct RaceOutcome {
    lead: String,
    to: String,
    requested_at: Instant,
    acknowledged_at: Instant,
}

/// Opts a lead out at a moment around the claim of its first message; `kind` selects which.
async fn race(native: &Caller, secret: &str, sender_log: &RecordingSender, number: usize) -> RaceOutcome {
    let name = format!("racer{number}");
    let to = format!("{name}@example.com");
    let started_messages = sender_log.start_of_message(&to);
    let lead = lead(native, &name).await;
    let event = if number.is_multiple_of(2) { opt_out_of(&lead) } else { reply_of(&lead, "STOP") };
    let opt_out = async |wait: Duration| {
        tokio::time::sleep(wait).await;
        let requested_at = Instant::now();
        post_event(native, NATIVE, secret, &event).await.expect(200);
        (requested_at, Instant::now())
    };
    let (requested_at, acknowledged_at) = match number % 4 {
        // During the sending of the message.
        0 | 1 => {
            start(native, &lead).await;
            let _ = tokio::time::timeout(EFFECT_TIMEOUT, started_messages.notified()).await;
            opt_out(random_duration(Duration::from_millis(10))).await
        }
        // At some point between start, claim and end.
        2 => {
            start(native, &lead).await;
            opt_out(random_duration(Duration::from_millis(60))).await
        }
        // Together with the start of the sequence, which may then be rejected.
        _ => {
            let started = native.post("/v2/sequences", json!({ "leadId": lead }));
            let (started, times) = tokio::join!(started, opt_out(random_duration(Duration::from_millis(20))));
            assert!(matches!(started.status, 201 | 409), "{}", started.text);
            times
        }
    };
    RaceOutcome { lead, to, requested_at, acknowledged_at }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_after_an_acknowledged_opt_out() {
    const RACES: usize = 1_000;
    let sender_log = RecordingSender::default();
    let sender: Option<Arc<dyn MessageSender>> = Some(Arc::new(sender_log.clone()));
    let server =
        LocalServer::start(ServerOptions { demo_limits: Some(Limits::UNLIMITED), message_sender: sender, ..options() })
            .await
            .unwrap();
    let native = Caller::native(&server);
    let secret = issue_secret(&native).await;
    let outcomes = run_concurrently((0..RACES).map(|number| race(&native, &secret, &sender_log, number))).await;
    // Messages are sent in order: when this one has gone out, all enqueued before it have been handled.
    let last = lead(&native, "last").await;
    start(&native, &last).await;
    wait_for_message(&native, &last).await;

    let (mut during, mut before, mut unsent) = (0, 0, 0);
    for one in &outcomes {
        let sent = sender_log.of(&one.to);
        assert!(sent.len() <= 1, "written to {} times", sent.len());
        let Some((began, ended)) = sent.first() else {
            unsent += 1;
            continue;
        };
        let ended = ended.expect("a started message ended");
        assert!(*began < one.acknowledged_at, "a message began {:?} after the response", *began - one.acknowledged_at);
        assert!(ended < one.acknowledged_at, "a message ended {:?} after the response", ended - one.acknowledged_at);
        if ended > one.requested_at { during += 1 } else { before += 1 }
    }
    assert!(during > 0 && unsent > 0, "{during} during a message, {before} after one, {unsent} before any");
    let found = run_concurrently(outcomes.iter().map(|one| async {
        let sequence = native.get(&format!("/v2/leads/{}/sequence", one.lead)).await;
        (status(&native, &one.lead).await, sequence, messages(&native, &one.lead).await)
    }));
    for (one, (status, sequence, messages)) in outcomes.iter().zip(found.await) {
        assert_eq!(status, "OPTED_OUT");
        if sequence.status == 200 {
            let sequence = sequence.json();
            assert_eq!((&sequence["status"], &sequence["nextStepAt"]), (&json!("STOPPED"), &Value::Null));
        }
        let of = |status: &str| messages.iter().filter(|message| message["status"] == status).count();
        // Messages that a busy server sent too late are cancelled like the others.
        let all = [of("RECEIVED"), of("SENT"), of("CANCELLED")];
        assert_eq!((all[0], all[1]), (1, sender_log.of(&one.to).len()));
        assert_eq!(all.iter().sum::<usize>(), messages.len());
    }
}
