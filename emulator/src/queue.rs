//! SQS in process: messages with delays, handed out in batches, and again after a while when handling them failed.
//!
//! As SQS's fair queues do by message group, each subscription (of deliveries) or tenant (of follow-up) has a line of
//! its own and a bound on what is under way for it: what hangs holds up nobody else's.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use runtime::{DeliveryMessage, Queue, QueueMessage, SendFuture};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// What has a line of its own.
type LineId = [u8; 16];

/// Messages handed over at once, as `template.yaml` has it. All of a batch are of one line.
const BATCH: usize = 10;

/// Batches that are under way at once for one line.
const AT_ONCE_EACH: usize = 4;

/// Batches that are under way at once.
const AT_ONCE: usize = 1_024;

/// How often a message is handed out before it is given up, as `template.yaml` has it. The sweep has what it asks for.
const RECEIVES: u32 = 5;

/// How long until a message is handed out again that could not be handled.
const AGAIN: Duration = Duration::from_secs(1);

/// A message and when it may be handed out. Sorted by that, then by its number.
#[derive(Clone, Copy, Debug)]
struct Waiting<M> {
    at: Instant,
    number: u64,
    receives: u32,
    message: M,
}

impl<M> PartialEq for Waiting<M> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<M> Eq for Waiting<M> {}

impl<M> PartialOrd for Waiting<M> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<M> Ord for Waiting<M> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// What is ready in one line, and how many batches of it are under way.
#[derive(Debug)]
struct Line<M> {
    ready: VecDeque<Waiting<M>>,
    under_way: usize,
}

impl<M> Default for Line<M> {
    fn default() -> Self {
        Self { ready: VecDeque::new(), under_way: 0 }
    }
}

#[derive(Debug)]
struct State<M> {
    sent: u64,
    delayed: BinaryHeap<Reverse<Waiting<M>>>,
    lines: HashMap<LineId, Line<M>>,
    /// Lines that have something ready and room for a batch, in turn.
    turns: VecDeque<LineId>,
}

impl<M: QueueMessage> State<M> {
    /// Moves what has become due into its line.
    fn ripen(&mut self, now: Instant) {
        while self.delayed.peek().is_some_and(|Reverse(next)| next.at <= now) {
            let Some(Reverse(waiting)) = self.delayed.pop() else { return };
            let id = waiting.message.fairness_group();
            let line = self.lines.entry(id).or_default();
            line.ready.push_back(waiting);
            if line.ready.len() == 1 && line.under_way < AT_ONCE_EACH {
                self.turns.push_back(id);
            }
        }
    }

    /// The next batch in turn.
    fn next_batch(&mut self) -> Option<Vec<Waiting<M>>> {
        let id = self.turns.pop_front()?;
        let line = self.lines.get_mut(&id)?;
        let batch = line.ready.drain(..line.ready.len().min(BATCH)).collect();
        line.under_way += 1;
        if !line.ready.is_empty() && line.under_way < AT_ONCE_EACH {
            self.turns.push_back(id);
        }
        Some(batch)
    }

    /// A batch of a line is done.
    fn finish(&mut self, id: LineId) {
        let Some(line) = self.lines.get_mut(&id) else { return };
        let was_full = line.under_way == AT_ONCE_EACH;
        line.under_way -= 1;
        if was_full && !line.ready.is_empty() {
            self.turns.push_back(id);
        } else if line.under_way == 0 && line.ready.is_empty() {
            self.lines.remove(&id);
        }
    }
}

/// The queue. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LocalQueue<M = DeliveryMessage>(Arc<Inner<M>>);

#[derive(Debug)]
struct Inner<M> {
    state: Mutex<State<M>>,
    changed: Notify,
}

impl<M> Default for LocalQueue<M> {
    fn default() -> Self {
        let state = State { sent: 0, delayed: BinaryHeap::new(), lines: HashMap::new(), turns: VecDeque::new() };
        Self(Arc::new(Inner { state: Mutex::new(state), changed: Notify::new() }))
    }
}

impl<M: QueueMessage> LocalQueue<M> {
    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.0.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn push(&self, message: M, delay: Duration, receives: u32) {
        let mut state = self.state();
        state.sent += 1;
        let number = state.sent;
        state.delayed.push(Reverse(Waiting { at: Instant::now() + delay, number, receives, message }));
        drop(state);
        self.0.changed.notify_one();
    }

    /// A batch that is ready now; or when the next may be.
    fn pop(&self) -> Result<Vec<Waiting<M>>, Option<Instant>> {
        let mut state = self.state();
        state.ripen(Instant::now());
        state.next_batch().ok_or_else(|| state.delayed.peek().map(|Reverse(next)| next.at))
    }

    /// Forgets every message that is not under way, as a queue that was purged.
    pub fn purge(&self) {
        let mut state = self.state();
        state.delayed.clear();
        state.turns.clear();
        state.lines.values_mut().for_each(|line| line.ready.clear());
    }

    /// Messages that wait, delayed ones too.
    pub fn len(&self) -> usize {
        let state = self.state();
        state.delayed.len() + state.lines.values().map(|line| line.ready.len()).sum::<usize>()
    }

    /// What messages ask something to be done to.
    pub fn waiting(&self) -> HashSet<[u8; 16]> {
        let state = self.state();
        let delayed = state.delayed.iter().map(|Reverse(waiting)| waiting);
        delayed
            .chain(state.lines.values().flat_map(|line| &line.ready))
            .map(|waiting| waiting.message.subject())
            .collect()
    }

    /// Whether no message waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Delivers messages in batches to `handler` until the task is aborted. Messages that the response names as failed
    /// are delivered again.
    pub async fn run<H, F>(self, handler: H)
    where
        H: Fn(SqsEvent) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = SqsBatchResponse> + Send,
    {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            match self.pop() {
                Ok(batch) => {
                    let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
                    let queue = self.clone();
                    let handler = handler.clone();
                    tokio::spawn(async move {
                        queue.hand_over(batch, &handler).await;
                        drop(permit);
                    });
                }
                Err(None) => self.0.changed.notified().await,
                Err(Some(next)) => {
                    let _ = tokio::time::timeout_at(next, self.0.changed.notified()).await;
                }
            }
        }
    }

    async fn hand_over<F: Future<Output = SqsBatchResponse>>(
        &self,
        batch: Vec<Waiting<M>>,
        handler: &impl Fn(SqsEvent) -> F,
    ) {
        let Some(line) = batch.first().map(|first| first.message.fairness_group()) else { return };
        let mut event = SqsEvent::default();
        event.records = batch
            .iter()
            .map(|waiting| {
                let mut message = SqsMessage::default();
                message.message_id = Some(waiting.number.to_string());
                message.body = serde_json::to_string(&waiting.message).ok();
                message
            })
            .collect();
        for failure in handler(event).await.batch_item_failures {
            let failed = batch.iter().find(|waiting| waiting.number.to_string() == failure.item_identifier);
            let Some(waiting) = failed else { continue };
            if waiting.receives + 1 < RECEIVES {
                self.push(waiting.message, AGAIN, waiting.receives + 1);
            } else {
                tracing::warn!(asks_for = ?waiting.message, "a message was given up; the sweep has what it asks for");
            }
        }
        self.state().finish(line);
        self.0.changed.notify_one();
    }
}

impl<M: QueueMessage> Queue<M> for LocalQueue<M> {
    fn send(&self, messages: Vec<(M, Duration)>) -> SendFuture<'_> {
        Box::pin(async move {
            for (message, delay) in messages {
                self.push(message, delay, 0);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::webhooks::delivery::DeliveryRef;
    use domain::{DeliveryId, Environment, Mode, SubscriptionId, TenantId};

    fn message(subscription: &[u8], number: u8) -> DeliveryMessage {
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        let subscription = SubscriptionId::derived(&[subscription]);
        DeliveryMessage::new(
            environment,
            DeliveryRef { delivery: DeliveryId::derived(&[&[number]]), subscription, lead: None },
            1,
        )
    }

    #[test]
    fn a_subscription_with_a_long_line_leaves_room_for_the_others() {
        let queue = LocalQueue::<DeliveryMessage>::default();
        for number in 0..200 {
            queue.push(message(b"hangs", number), Duration::ZERO, 0);
        }
        queue.push(message(b"well", 0), Duration::ZERO, 0);
        let mut batches = Vec::new();
        while let Ok(batch) = queue.pop() {
            batches.push(batch);
        }
        let of = |name: &[u8]| *SubscriptionId::derived(&[name]).bytes();
        let handed = |name: &[u8]| batches.iter().filter(|batch| batch[0].message.fairness_group() == of(name)).count();
        assert_eq!((handed(b"hangs"), handed(b"well")), (AT_ONCE_EACH, 1));
        queue.state().finish(of(b"hangs"));
        assert_eq!(queue.pop().map(|batch| batch.len()), Ok(BATCH));
        assert!(queue.pop().is_err());
        assert_eq!(queue.len(), 200 - (AT_ONCE_EACH + 1) * BATCH);
    }

    #[test]
    fn delayed_messages_wait_for_their_time() {
        let queue = LocalQueue::<DeliveryMessage>::default();
        queue.push(message(b"s", 0), Duration::from_mins(1), 0);
        assert!(matches!(queue.pop(), Err(Some(_))));
        assert_eq!(queue.len(), 1);
        queue.purge();
        assert!(matches!(queue.pop(), Err(None)));
    }
}
