//! SQS in this process: messages with delays, delivered in batches, and delivered again when handling fails.
//!
//! **Fairness.** As in SQS's fair queues, messages belong to groups (a subscription's deliveries, a tenant's sequence
//! steps), and the number of batches in progress per group is limited. So a receiver that hangs occupies its group's
//! share and delays no other. A message moves through three places: `delayed` until its delay has passed, then the
//! `ready` list of its group, then a batch. `next_groups` has each group that may start a batch exactly once, in turn:
//! a group enters it when its first message becomes ready or a batch of it ends, and leaves it when its limit is
//! reached or it has no ready message.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use runtime::{DeliveryMessage, Queue, QueueMessage, SendFuture};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// Maximum number of messages in a batch, as `template.yaml` has it. A batch has messages of one group.
const MAX_BATCH_SIZE: usize = 10;

/// Maximum number of a group's batches in progress.
const MAX_GROUP_CONCURRENCY: usize = 4;

/// Maximum number of batches in progress: about the default concurrency of an AWS account's Lambda functions.
const MAX_CONCURRENCY: usize = 1_024;

/// Maximum number of times a message is delivered, as `template.yaml` has it. After that the sweeper, which finds
/// unfinished work in the due index, enqueues it again.
const MAX_RECEIVES: u32 = 5;

/// Delay before a failed message is delivered again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Id of a fairness group.
type GroupId = [u8; 16];

/// A message in the queue. Ordered by the time it becomes visible, then by its number.
#[derive(Clone, Copy, Debug)]
struct QueuedMessage<M> {
    visible_at: Instant,
    number: u64,
    receives: u32,
    message: M,
}

impl<M> PartialEq for QueuedMessage<M> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<M> Eq for QueuedMessage<M> {}

impl<M> PartialOrd for QueuedMessage<M> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<M> Ord for QueuedMessage<M> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.visible_at, self.number).cmp(&(other.visible_at, other.number))
    }
}

/// The ready messages of a group, and the number of its batches in progress.
#[derive(Debug)]
struct Group<M> {
    ready: VecDeque<QueuedMessage<M>>,
    in_progress: usize,
}

impl<M> Default for Group<M> {
    fn default() -> Self {
        Self { ready: VecDeque::new(), in_progress: 0 }
    }
}

#[derive(Debug)]
struct State<M> {
    /// Number of messages sent so far.
    sent: u64,
    delayed: BinaryHeap<Reverse<QueuedMessage<M>>>,
    groups: HashMap<GroupId, Group<M>>,
    /// Groups with a ready message and less than [`MAX_GROUP_CONCURRENCY`] batches in progress, in turn.
    next_groups: VecDeque<GroupId>,
}

impl<M: QueueMessage> State<M> {
    /// Moves messages whose delay has passed to their groups.
    fn release_delayed(&mut self, now: Instant) {
        while self.delayed.peek().is_some_and(|Reverse(next)| next.visible_at <= now) {
            let Some(Reverse(queued)) = self.delayed.pop() else { return };
            let id = queued.message.fairness_group();
            let group = self.groups.entry(id).or_default();
            group.ready.push_back(queued);
            if group.ready.len() == 1 && group.in_progress < MAX_GROUP_CONCURRENCY {
                self.next_groups.push_back(id);
            }
        }
    }

    /// Takes a batch from the next group.
    fn start_batch(&mut self) -> Option<Vec<QueuedMessage<M>>> {
        let id = self.next_groups.pop_front()?;
        let group = self.groups.get_mut(&id)?;
        let batch = group.ready.drain(..group.ready.len().min(MAX_BATCH_SIZE)).collect();
        group.in_progress += 1;
        if !group.ready.is_empty() && group.in_progress < MAX_GROUP_CONCURRENCY {
            self.next_groups.push_back(id);
        }
        Some(batch)
    }

    /// Records that a batch of the group has ended.
    fn finish_batch(&mut self, id: GroupId) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        // A group below its limit with ready messages is in `next_groups` already.
        let was_at_limit = group.in_progress == MAX_GROUP_CONCURRENCY;
        group.in_progress -= 1;
        if was_at_limit && !group.ready.is_empty() {
            self.next_groups.push_back(id);
        } else if group.in_progress == 0 && group.ready.is_empty() {
            self.groups.remove(&id);
        }
    }
}

/// A queue in memory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LocalQueue<M = DeliveryMessage>(Arc<Inner<M>>);

#[derive(Debug)]
struct Inner<M> {
    state: Mutex<State<M>>,
    /// Notified when a message is sent or a batch ends.
    changed: Notify,
}

impl<M> Default for LocalQueue<M> {
    fn default() -> Self {
        let state = State { sent: 0, delayed: BinaryHeap::new(), groups: HashMap::new(), next_groups: VecDeque::new() };
        Self(Arc::new(Inner { state: Mutex::new(state), changed: Notify::new() }))
    }
}

impl<M: QueueMessage> LocalQueue<M> {
    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, message: M, delay: Duration, receives: u32) {
        let mut state = self.state();
        state.sent += 1;
        let number = state.sent;
        state.delayed.push(Reverse(QueuedMessage { visible_at: Instant::now() + delay, number, receives, message }));
        drop(state);
        self.0.changed.notify_one();
    }

    /// Takes a batch that is ready. If there is none, returns the time at which the next delay passes, if any.
    fn pop_batch(&self) -> Result<Vec<QueuedMessage<M>>, Option<Instant>> {
        let mut state = self.state();
        state.release_delayed(Instant::now());
        state.start_batch().ok_or_else(|| state.delayed.peek().map(|Reverse(next)| next.visible_at))
    }

    /// Deletes all messages that are not in a batch in progress.
    pub fn purge(&self) {
        let mut state = self.state();
        state.delayed.clear();
        state.next_groups.clear();
        state.groups.values_mut().for_each(|group| group.ready.clear());
    }

    /// Returns the number of messages that are not in a batch in progress, delayed ones included.
    pub fn len(&self) -> usize {
        let state = self.state();
        state.delayed.len() + state.groups.values().map(|group| group.ready.len()).sum::<usize>()
    }

    /// Returns whether every message is in a batch in progress.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the subjects of the messages that are not in a batch in progress.
    pub fn subjects(&self) -> HashSet<[u8; 16]> {
        let state = self.state();
        let delayed = state.delayed.iter().map(|Reverse(queued)| queued);
        delayed
            .chain(state.groups.values().flat_map(|group| &group.ready))
            .map(|queued| queued.message.subject())
            .collect()
    }

    /// Delivers batches to `handler` until the task is aborted. Messages that the response names as failed are
    /// delivered again.
    pub async fn run<H, F>(self, handler: H)
    where
        H: Fn(SqsEvent) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = SqsBatchResponse> + Send,
    {
        let permits = Arc::new(Semaphore::new(MAX_CONCURRENCY));
        loop {
            match self.pop_batch() {
                Ok(batch) => {
                    let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
                    let queue = self.clone();
                    let handler = handler.clone();
                    tokio::spawn(async move {
                        queue.deliver(batch, &handler).await;
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

    async fn deliver<F: Future<Output = SqsBatchResponse>>(
        &self,
        batch: Vec<QueuedMessage<M>>,
        handler: &impl Fn(SqsEvent) -> F,
    ) {
        let Some(group) = batch.first().map(|first| first.message.fairness_group()) else { return };
        let mut event = SqsEvent::default();
        event.records = batch
            .iter()
            .map(|queued| {
                let mut message = SqsMessage::default();
                message.message_id = Some(queued.number.to_string());
                message.body = serde_json::to_string(&queued.message).ok();
                message
            })
            .collect();
        for failure in handler(event).await.batch_item_failures {
            let failed = batch.iter().find(|queued| queued.number.to_string() == failure.item_identifier);
            let Some(queued) = failed else { continue };
            if queued.receives + 1 < MAX_RECEIVES {
                self.push(queued.message, RETRY_DELAY, queued.receives + 1);
            } else {
                tracing::warn!(
                    message = ?queued.message,
                    "message dropped after {MAX_RECEIVES} receives; the sweeper will enqueue it again"
                );
            }
        }
        self.state().finish_batch(group);
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
    fn a_busy_group_leaves_capacity_to_others() {
        let queue = LocalQueue::<DeliveryMessage>::default();
        for number in 0..200 {
            queue.push(message(b"busy", number), Duration::ZERO, 0);
        }
        queue.push(message(b"idle", 0), Duration::ZERO, 0);
        let mut batches = Vec::new();
        while let Ok(batch) = queue.pop_batch() {
            batches.push(batch);
        }
        let group = |name: &[u8]| *SubscriptionId::derived(&[name]).bytes();
        let batches_of =
            |name: &[u8]| batches.iter().filter(|batch| batch[0].message.fairness_group() == group(name)).count();
        assert_eq!((batches_of(b"busy"), batches_of(b"idle")), (MAX_GROUP_CONCURRENCY, 1));
        queue.state().finish_batch(group(b"busy"));
        assert_eq!(queue.pop_batch().map(|batch| batch.len()), Ok(MAX_BATCH_SIZE));
        assert!(queue.pop_batch().is_err());
        assert_eq!(queue.len(), 200 - (MAX_GROUP_CONCURRENCY + 1) * MAX_BATCH_SIZE);
    }

    #[test]
    fn delayed_messages_become_ready_after_their_delay() {
        let queue = LocalQueue::<DeliveryMessage>::default();
        queue.push(message(b"s", 0), Duration::from_mins(1), 0);
        assert!(matches!(queue.pop_batch(), Err(Some(_))));
        assert_eq!(queue.len(), 1);
        queue.purge();
        assert!(matches!(queue.pop_batch(), Err(None)));
    }
}
