//! Sweeper: unfinished work is always in the due index, so the sweeper alone completes it, whatever the queue loses
//! or duplicates.

use crate::harness::{Caller, CannedResponse, Received, Receiver, eventually, options};
use local::{LocalServer, ServerOptions};
use runtime::{DeliveryMessage, Queue, SendFuture};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Queue that loses the first messages.
struct Losing {
    queue: Arc<dyn Queue>,
    left: AtomicUsize,
}

/// Takes `count` from `left`, as far as there is that much, and returns how much it was.
fn take(left: &AtomicUsize, count: usize) -> usize {
    let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(count)));
    before.unwrap_or_else(|unchanged| unchanged).min(count)
}

impl Queue for Losing {
    fn send(&self, mut messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        messages.drain(..take(&self.left, messages.len()));
        self.queue.send(messages)
    }
}

/// Queue that reports the first messages as rejected, with all that are sent together with them.
struct Rejecting {
    queue: Arc<dyn Queue>,
    left: AtomicUsize,
}

impl Queue for Rejecting {
    fn send(&self, messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        if take(&self.left, messages.len()) > 0 {
            return Box::pin(async { Err(runtime::QueueError("out of reach".to_owned())) });
        }
        self.queue.send(messages)
    }
}

/// Queue that delivers every message three times, the last a little later.
struct Tripling(Arc<dyn Queue>);

impl Queue for Tripling {
    fn send(&self, messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        let later = |delay: Duration| delay + Duration::from_millis(200);
        let all = messages
            .into_iter()
            .flat_map(|(message, delay)| [(message, delay), (message, delay), (message, later(delay))])
            .collect();
        self.0.send(all)
    }
}

/// Starts a server with a frequent sweep that treats work as lost when it is overdue by a second.
async fn server_with_queue(queue: impl Fn(Arc<dyn Queue>) -> Arc<dyn Queue> + Send + Sync + 'static) -> LocalServer {
    let options = ServerOptions {
        speedup: 3_600.0,
        reenqueue_margin: Some(Duration::from_secs(1)),
        queue_decorator: Some(Arc::new(queue)),
        ..options()
    };
    LocalServer::start(options).await.unwrap()
}

async fn create(caller: &Caller, count: usize) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for number in 0..count {
        let body = json!({ "name": format!("Jane {number}"), "phone": "+15551234567" });
        ids.insert(caller.post("/v2/leads", body).await.expect(201)["id"].as_str().unwrap().to_owned());
    }
    ids
}

fn lead_of(one: &Received) -> String {
    one.json()["data"]["id"].as_str().unwrap().to_owned()
}

fn lead_ids(receiver: &Receiver) -> BTreeSet<String> {
    receiver.received().iter().map(lead_of).collect()
}

async fn every_lead_is_delivered(receiver: &Receiver, leads: &BTreeSet<String>) {
    eventually(Duration::from_mins(1), "every lead is delivered", || async {
        (lead_ids(receiver) == *leads).then_some(())
    })
    .await;
}

/// Asserts that every delivery is shown as delivered, with consecutive attempt numbers from one.
async fn all_delivered(caller: &Caller, count: usize) {
    let shown = caller.wait_for_deliveries(count, Duration::from_secs(30)).await;
    for delivery in shown {
        let one = caller.get(&format!("/v2/deliveries/{}", delivery["id"].as_str().unwrap())).await.expect(200);
        let numbers: Vec<_> = one["attempts"].as_array().unwrap().iter().map(|one| one["number"].as_u64()).collect();
        let expected: Vec<_> = (1..=numbers.len() as u64).map(Some).collect();
        assert_eq!(numbers, expected, "{one}");
    }
    assert!(caller.get("/v2/deliveries?status=PENDING").await.expect(200)["data"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_re_enqueues_lost_messages() {
    let server = server_with_queue(|queue| Arc::new(Losing { queue, left: AtomicUsize::new(8) })).await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let leads = create(&native, 6).await;
    every_lead_is_delivered(&receiver, &leads).await;
    all_delivered(&native, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_re_enqueues_rejected_messages() {
    let server = server_with_queue(|queue| Arc::new(Rejecting { queue, left: AtomicUsize::new(8) })).await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number <= 3 { 500 } else { 200 })).await;
    native.subscribe(&receiver.url).await;
    let leads = create(&native, 3).await;
    every_lead_is_delivered(&receiver, &leads).await;
    all_delivered(&native, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purged_queue_loses_no_work() {
    let server = server_with_queue(|queue| queue).await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number <= 8 { 503 } else { 200 })).await;
    native.subscribe(&receiver.url).await;
    let leads = create(&native, 8).await;
    // Every first attempt has failed; the queue then loses all retries.
    receiver.wait_for(8, Duration::from_secs(30)).await;
    let purging = tokio::time::Instant::now();
    let mut purged = 0;
    while purging.elapsed() < Duration::from_millis(700) {
        for queue in [&server.queue, &server.slow_queue] {
            purged += queue.len();
            queue.purge();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    every_lead_is_delivered(&receiver, &leads).await;
    all_delivered(&native, 8).await;
    assert!(purged > 0 || receiver.received().len() > 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_messages_cause_one_attempt() {
    let server = server_with_queue(|queue| Arc::new(Tripling(queue))).await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number <= 4 { 500 } else { 200 })).await;
    native.subscribe(&receiver.url).await;
    let leads = create(&native, 4).await;
    every_lead_is_delivered(&receiver, &leads).await;
    all_delivered(&native, 4).await;
    // Duplicates at the same instant may be sent twice under the same id, which receivers discard.
    let mut by_lead: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in receiver.received() {
        by_lead.entry(lead_of(&one)).or_default().insert(one.header("x-delivery").to_owned());
    }
    assert!(by_lead.values().all(|ids| ids.len() == 1), "{by_lead:?}");
    let settled = receiver.received().len();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(receiver.received().len(), settled, "what arrived is not sent again");
}
