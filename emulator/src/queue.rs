//! SQS in this process: messages with delays, delivered in batches, and delivered again when handling fails.
//!
//! **Fairness.** As in SQS's fair queues, messages belong to groups (the tenants), and the next batch is that of the group
//! with the fewest messages in progress. The number of batches in progress is limited, like the concurrency of a function
//! behind a queue. So a tenant with a long backlog uses what others leave, and waits when they have something. A message
//! moves through three places: `delayed` until its delay has passed, then the `ready` list of its group, then a batch.

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

/// Number of batches in progress unless the queue is created with another.
const DEFAULT_CONCURRENCY: usize = 50;

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

/// The ready messages of a group, and the number of its messages in progress.
#[derive(Debug)]
struct Group<M> {
    ready: VecDeque<QueuedMessage<M>>,
    in_progress: usize,
    /// Number of the batch that was started last: of groups with as many messages in progress, the next is the one that
    /// has waited longest.
    last_batch: u64,
}

impl<M> Default for Group<M> {
    fn default() -> Self {
        Self { ready: VecDeque::new(), in_progress: 0, last_batch: 0 }
    }
}

#[derive(Debug)]
struct State<M> {
    /// Number of messages sent so far.
    sent: u64,
    delayed: BinaryHeap<Reverse<QueuedMessage<M>>>,
    /// Number of batches started so far.
    batches: u64,
    groups: HashMap<GroupId, Group<M>>,
}

impl<M: QueueMessage> State<M> {
    /// Moves messages whose delay has passed to their groups.
    fn release_delayed(&mut self, now: Instant) {
        while self.delayed.peek().is_some_and(|Reverse(next)| next.visible_at <= now) {
            let Some(Reverse(queued)) = self.delayed.pop() else { return };
            self.groups.entry(queued.message.fairness_group()).or_default().ready.push_back(queued);
        }
    }

    /// Takes a batch from the next group.
    fn start_batch(&mut self) -> Option<Vec<QueuedMessage<M>>> {
        let waiting = self.groups.values_mut().filter(|group| !group.ready.is_empty());
        let group = waiting.min_by_key(|group| (group.in_progress, group.last_batch))?;
        let batch: Vec<_> = group.ready.drain(..group.ready.len().min(MAX_BATCH_SIZE)).collect();
        self.batches += 1;
        group.last_batch = self.batches;
        group.in_progress += batch.len();
        Some(batch)
    }

    /// Records that a batch of `size` messages of the group has ended.
    fn finish_batch(&mut self, id: GroupId, size: usize) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.in_progress = group.in_progress.saturating_sub(size);
        if group.in_progress == 0 && group.ready.is_empty() {
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
    /// Maximum number of batches in progress.
    concurrency: usize,
    /// Notified when a message is sent.
    changed: Notify,
}

impl<M> Default for LocalQueue<M> {
    fn default() -> Self {
        Self::new(DEFAULT_CONCURRENCY)
    }
}

impl<M> LocalQueue<M> {
    /// Creates a queue that delivers up to `concurrency` batches at a time.
    pub fn new(concurrency: usize) -> Self {
        let state = State { sent: 0, delayed: BinaryHeap::new(), batches: 0, groups: HashMap::new() };
        Self(Arc::new(Inner { state: Mutex::new(state), concurrency, changed: Notify::new() }))
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
        let permits = Arc::new(Semaphore::new(self.0.concurrency));
        // The permit first: which group comes next is decided when there is room for its batch.
        while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
            let batch = self.next_batch().await;
            let queue = self.clone();
            let handler = handler.clone();
            tokio::spawn(async move {
                queue.deliver(batch, &handler).await;
                drop(permit);
            });
        }
    }

    /// Waits for a batch that is ready, and takes it.
    async fn next_batch(&self) -> Vec<QueuedMessage<M>> {
        loop {
            match self.pop_batch() {
                Ok(batch) => return batch,
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
        self.state().finish_batch(group, batch.len());
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

    fn message(tenant: &[u8], number: u8) -> DeliveryMessage {
        let environment = Environment { tenant: TenantId::derived(&[tenant]), mode: Mode::Live };
        let subscription = SubscriptionId::derived(&[&[number % 50]]);
        DeliveryMessage::new(
            environment,
            DeliveryRef { delivery: DeliveryId::derived(&[&[number]]), subscription, lead: None },
            1,
        )
    }

    #[test]
    fn a_backlog_of_one_tenant_delays_no_other() {
        let queue = LocalQueue::<DeliveryMessage>::default();
        for number in 0..200 {
            queue.push(message(b"busy", number), Duration::ZERO, 0);
        }
        let busy = |batch: &Vec<QueuedMessage<DeliveryMessage>>| batch[0].message.tenant == message(b"busy", 0).tenant;
        for _ in 0..5 {
            assert!(queue.pop_batch().is_ok_and(|batch| batch.len() == MAX_BATCH_SIZE && busy(&batch)));
        }
        for number in 0..25 {
            queue.push(message(b"quiet", number), Duration::ZERO, 0);
        }
        let next: Vec<_> = (0..4).map(|_| busy(&queue.pop_batch().expect("a batch"))).collect();
        assert_eq!(next, [false, false, false, true], "the quiet tenant has fewer messages in progress");
        assert_eq!(queue.len(), 200 - 6 * MAX_BATCH_SIZE);
        queue.state().finish_batch(message(b"quiet", 0).fairness_group(), 25);
        assert!(queue.pop_batch().is_ok_and(|batch| busy(&batch)), "what others leave is used");
    }

    #[tokio::test]
    async fn batches_in_progress_are_bounded() {
        let queue = LocalQueue::<DeliveryMessage>::new(2);
        for number in 0..40 {
            queue.push(message(b"t", number), Duration::ZERO, 0);
        }
        let (ends, batches) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (end, batch) = (Arc::clone(&ends), Arc::clone(&batches));
        let running = tokio::spawn(queue.clone().run(move |_| {
            let (end, batch) = (Arc::clone(&end), Arc::clone(&batch));
            async move {
                batch.add_permits(1);
                end.acquire().await.expect("open").forget();
                SqsBatchResponse::default()
            }
        }));
        batches.acquire_many(2).await.expect("open").forget();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!((queue.len(), batches.available_permits()), (20, 0));
        ends.add_permits(1);
        batches.acquire().await.expect("open").forget();
        assert_eq!(queue.len(), 10);
        running.abort();
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
