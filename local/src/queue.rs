//! SQS in process: messages with delays, handed out in batches, and again after a while when handling them failed.
//!
//! As SQS's fair queues do by message group, each subscription has a line of its own and a bound on what is under
//! way for it: a receiver that hangs holds up nobody else's deliveries.

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use deliver::Deliver;
use domain::{DeliveryId, SubscriptionId};
use runtime::{Queue, Queued, Sending};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// Messages handed over at once, as `template.yaml` has it. All of a batch go to one subscription.
const BATCH: usize = 10;

/// Batches that are under way at once for one subscription.
const AT_ONCE_EACH: usize = 4;

/// Batches that are under way at once.
const AT_ONCE: usize = 1_024;

/// How often a message is handed out before it is given up, as `template.yaml` has it. The sweep has its delivery.
const RECEIVES: u32 = 5;

/// How long until a message is handed out again that could not be handled.
const AGAIN: Duration = Duration::from_secs(1);

/// A message and when it may be handed out. Sorted by that, then by its number.
#[derive(Clone, Copy, Debug)]
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

/// What is ready for one subscription, and how many batches are under way for it.
#[derive(Debug, Default)]
struct Line {
    ready: VecDeque<Waiting>,
    under_way: usize,
}

#[derive(Debug, Default)]
struct State {
    sent: u64,
    delayed: BinaryHeap<Reverse<Waiting>>,
    lines: HashMap<SubscriptionId, Line>,
    /// Subscriptions that have something ready and room for a batch, in turn.
    turns: VecDeque<SubscriptionId>,
}

impl State {
    /// Moves what has become due into its line.
    fn ripen(&mut self, now: Instant) {
        while self.delayed.peek().is_some_and(|Reverse(next)| next.at <= now) {
            let Some(Reverse(waiting)) = self.delayed.pop() else { return };
            let subscription = waiting.message.name.subscription;
            let line = self.lines.entry(subscription).or_default();
            line.ready.push_back(waiting);
            if line.ready.len() == 1 && line.under_way < AT_ONCE_EACH {
                self.turns.push_back(subscription);
            }
        }
    }

    /// The next batch in turn.
    fn next_batch(&mut self) -> Option<Vec<Waiting>> {
        let subscription = self.turns.pop_front()?;
        let line = self.lines.get_mut(&subscription)?;
        let batch = line.ready.drain(..line.ready.len().min(BATCH)).collect();
        line.under_way += 1;
        if !line.ready.is_empty() && line.under_way < AT_ONCE_EACH {
            self.turns.push_back(subscription);
        }
        Some(batch)
    }

    /// A batch of `subscription` is done.
    fn finish(&mut self, subscription: SubscriptionId) {
        let Some(line) = self.lines.get_mut(&subscription) else { return };
        let was_full = line.under_way == AT_ONCE_EACH;
        line.under_way -= 1;
        if was_full && !line.ready.is_empty() {
            self.turns.push_back(subscription);
        } else if line.under_way == 0 && line.ready.is_empty() {
            self.lines.remove(&subscription);
        }
    }
}

/// The queue. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LocalQueue(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
}

impl LocalQueue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn push(&self, message: Queued, delay: Duration, receives: u32) {
        let mut state = self.state();
        state.sent += 1;
        let number = state.sent;
        state.delayed.push(Reverse(Waiting { at: Instant::now() + delay, number, receives, message }));
        drop(state);
        self.0.changed.notify_one();
    }

    /// A batch that is ready now; or when the next may be.
    fn pop(&self) -> Result<Vec<Waiting>, Option<Instant>> {
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

    /// The deliveries that messages wait for.
    pub(crate) fn waiting(&self) -> HashSet<DeliveryId> {
        let state = self.state();
        let delayed = state.delayed.iter().map(|Reverse(waiting)| waiting);
        delayed
            .chain(state.lines.values().flat_map(|line| &line.ready))
            .map(|waiting| waiting.message.name.delivery)
            .collect()
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
                Ok(batch) => {
                    let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
                    let queue = self.clone();
                    let deliver = deliver.clone();
                    tokio::spawn(async move {
                        queue.hand_over(batch, &deliver).await;
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

    async fn hand_over(&self, batch: Vec<Waiting>, deliver: &Deliver) {
        let Some(subscription) = batch.first().map(|first| first.message.name.subscription) else { return };
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
        for failure in deliver.handle(event).await.batch_item_failures {
            let failed = batch.iter().find(|waiting| waiting.number.to_string() == failure.item_identifier);
            let Some(waiting) = failed else { continue };
            if waiting.receives + 1 < RECEIVES {
                self.push(waiting.message, AGAIN, waiting.receives + 1);
            } else {
                tracing::warn!(delivery = %waiting.message.name.delivery, "a message was given up; the sweep has its delivery");
            }
        }
        self.state().finish(subscription);
        self.0.changed.notify_one();
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::DeliveryName;
    use domain::{Mode, TenantId, World};

    fn message(subscription: &[u8], number: u8) -> Queued {
        let world = World { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        let subscription = SubscriptionId::derived(&[subscription]);
        Queued::new(world, DeliveryName { delivery: DeliveryId::derived(&[&[number]]), subscription, lead: None }, 1)
    }

    #[test]
    fn a_subscription_with_a_long_line_leaves_room_for_the_others() {
        let queue = LocalQueue::default();
        for number in 0..200 {
            queue.push(message(b"hangs", number), Duration::ZERO, 0);
        }
        queue.push(message(b"well", 0), Duration::ZERO, 0);
        let mut batches = Vec::new();
        while let Ok(batch) = queue.pop() {
            batches.push(batch);
        }
        let of = |name: &[u8]| SubscriptionId::derived(&[name]);
        let handed =
            |name: &[u8]| batches.iter().filter(|batch| batch[0].message.name.subscription == of(name)).count();
        assert_eq!((handed(b"hangs"), handed(b"well")), (AT_ONCE_EACH, 1));
        queue.state().finish(of(b"hangs"));
        assert_eq!(queue.pop().map(|batch| batch.len()), Ok(BATCH));
        assert!(queue.pop().is_err());
        assert_eq!(queue.len(), 200 - (AT_ONCE_EACH + 1) * BATCH);
    }

    #[test]
    fn delayed_messages_wait_for_their_time() {
        let queue = LocalQueue::default();
        queue.push(message(b"s", 0), Duration::from_mins(1), 0);
        assert!(matches!(queue.pop(), Err(Some(_))));
        assert_eq!(queue.len(), 1);
        queue.purge();
        assert!(matches!(queue.pop(), Err(None)));
    }
}
