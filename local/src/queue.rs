//! SQS in process: messages with delays, handed out in batches, and again after a while when handling them failed.

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use deliver::Deliver;
use runtime::{Queue, Queued, Sending};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// Messages handed over at once, as `template.yaml` has it.
const BATCH: usize = 10;

/// How often a message is handed out before it is given up, as `template.yaml` has it. The sweep has its delivery.
const RECEIVES: u32 = 5;

/// How long until a message is handed out again that could not be handled.
const AGAIN: Duration = Duration::from_secs(1);

/// Batches that are under way at once.
const AT_ONCE: usize = 256;

#[derive(Debug)]
struct Waiting {
    at: Instant,
    number: u64,
    receives: u32,
    message: Queued,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// The queue. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LocalQueue(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    heap: Mutex<(u64, BinaryHeap<Reverse<Waiting>>)>,
    arrived: Notify,
}

impl LocalQueue {
    fn push(&self, message: Queued, delay: Duration, receives: u32) {
        let mut heap = self.0.heap.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        heap.0 += 1;
        let number = heap.0;
        heap.1.push(Reverse(Waiting { at: Instant::now() + delay, number, receives, message }));
        drop(heap);
        self.0.arrived.notify_one();
    }

    /// What is ready now, at most a batch; or when the next will be.
    fn pop(&self) -> Result<Vec<Waiting>, Option<Instant>> {
        let mut heap = self.0.heap.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        let mut ready = Vec::new();
        while ready.len() < BATCH && heap.1.peek().is_some_and(|Reverse(next)| next.at <= now) {
            ready.extend(heap.1.pop().map(|Reverse(waiting)| waiting));
        }
        if ready.is_empty() { Err(heap.1.peek().map(|Reverse(next)| next.at)) } else { Ok(ready) }
    }

    /// Forgets every message, as a queue that was purged.
    pub fn purge(&self) {
        self.0.heap.lock().unwrap_or_else(std::sync::PoisonError::into_inner).1.clear();
    }

    /// Messages that wait, delayed ones too.
    pub fn len(&self) -> usize {
        self.0.heap.lock().unwrap_or_else(std::sync::PoisonError::into_inner).1.len()
    }

    /// Whether no message waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Hands messages to `deliver` until the process ends.
    pub(crate) async fn run(self, deliver: Deliver) {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            match self.pop() {
                Ok(ready) => {
                    let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
                    let queue = self.clone();
                    let deliver = deliver.clone();
                    tokio::spawn(async move {
                        queue.hand_over(ready, &deliver).await;
                        drop(permit);
                    });
                }
                Err(None) => self.0.arrived.notified().await,
                Err(Some(next)) => {
                    let _ = tokio::time::timeout_at(next, self.0.arrived.notified()).await;
                }
            }
        }
    }

    async fn hand_over(&self, ready: Vec<Waiting>, deliver: &Deliver) {
        let mut batch = SqsEvent::default();
        let mut by_id = HashMap::new();
        for waiting in ready {
            let mut message = SqsMessage::default();
            message.message_id = Some(waiting.number.to_string());
            message.body = serde_json::to_string(&waiting.message).ok();
            batch.records.push(message);
            by_id.insert(waiting.number.to_string(), waiting);
        }
        for failure in deliver.handle(batch).await.batch_item_failures {
            let Some(waiting) = by_id.remove(&failure.item_identifier) else { continue };
            if waiting.receives + 1 < RECEIVES {
                self.push(waiting.message, AGAIN, waiting.receives + 1);
            } else {
                tracing::warn!(delivery = %waiting.message.delivery, "a message was given up; the sweep has its delivery");
            }
        }
    }
}

impl Queue for LocalQueue {
    fn send(&self, messages: Vec<(Queued, Duration)>) -> Sending<'_> {
        Box::pin(async move {
            for (message, delay) in messages {
                self.push(message, delay, 0);
            }
            Ok(())
        })
    }
}
