//! Messages of a run, collected and sent in tens: a call of SQS costs the same for one message as for ten.

use crate::Sweeper;
use futures_util::StreamExt;
use runtime::{DeliveryMessage, FollowUpMessage, PackageMessage, Queue, QueueMessage};
use std::time::Duration;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, timeout_at};

/// Number of messages in one call of SQS.
const BATCH_SIZE: usize = 10;

/// Maximum time that a message waits for nine others. Its check time has been moved already, so a crash delays it.
const MAX_WAIT_FOR_OTHERS: Duration = Duration::from_millis(100);

/// Maximum number of messages of one queue that wait to be sent. Beyond that no further items are moved.
const MAX_WAITING_MESSAGES: usize = 100;

/// Maximum number of calls of one queue that are in flight: with some 10 ms each, some thousand messages a second.
const MAX_CONCURRENT_CALLS: usize = 8;

/// A message with its delay.
type Delayed<M> = (M, Duration);

/// Takes messages for each queue.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) deliveries: Sender<Delayed<DeliveryMessage>>,
    pub(crate) steps: Sender<Delayed<FollowUpMessage>>,
    pub(crate) packages: Sender<Delayed<PackageMessage>>,
}

/// The messages that the outbox has taken.
pub(crate) struct WaitingMessages {
    deliveries: Receiver<Delayed<DeliveryMessage>>,
    steps: Receiver<Delayed<FollowUpMessage>>,
    packages: Receiver<Delayed<PackageMessage>>,
}

impl Outbox {
    /// Returns an empty outbox, and what is to be sent of it.
    pub(crate) fn new() -> (Self, WaitingMessages) {
        let (deliveries, waiting_deliveries) = mpsc::channel(MAX_WAITING_MESSAGES);
        let (steps, waiting_steps) = mpsc::channel(MAX_WAITING_MESSAGES);
        let (packages, waiting_packages) = mpsc::channel(MAX_WAITING_MESSAGES);
        let waiting =
            WaitingMessages { deliveries: waiting_deliveries, steps: waiting_steps, packages: waiting_packages };
        (Self { deliveries, steps, packages }, waiting)
    }
}

impl Sweeper {
    /// Sends messages as they come, until nobody adds any more.
    pub(crate) async fn send_all(&self, waiting: WaitingMessages) {
        let queues = &self.dependencies;
        tokio::join!(
            send_in_batches(&*queues.queues.prompt, waiting.deliveries),
            send_in_batches(&*queues.follow_up_queue, waiting.steps),
            send_in_batches(&*queues.package_queue, waiting.packages),
        );
    }
}

async fn send_in_batches<M: QueueMessage>(queue: &dyn Queue<M>, waiting: Receiver<Delayed<M>>) {
    let batches = futures_util::stream::unfold(waiting, |mut waiting| async move {
        let batch = next_batch(&mut waiting).await?;
        Some((batch, waiting))
    });
    let sent = batches.for_each_concurrent(MAX_CONCURRENT_CALLS, |batch| async {
        if let Err(error) = queue.send(batch).await {
            tracing::warn!(%error, "due work not enqueued; a later sweep will re-enqueue it");
        }
    });
    sent.await;
}

/// Returns the next ten messages, or fewer if no others come soon; `None` when no message can come.
async fn next_batch<M>(waiting: &mut Receiver<Delayed<M>>) -> Option<Vec<Delayed<M>>> {
    let mut batch = vec![waiting.recv().await?];
    let complete_by = Instant::now() + MAX_WAIT_FOR_OTHERS;
    while batch.len() < BATCH_SIZE
        && let Ok(Some(message)) = timeout_at(complete_by, waiting.recv()).await
    {
        batch.push(message);
    }
    Some(batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_does_not_wait_for_ever() {
        let (sender, mut waiting) = mpsc::channel(MAX_WAITING_MESSAGES);
        for number in 0..12 {
            sender.send((number, Duration::ZERO)).await.expect("room");
        }
        let began = Instant::now();
        let numbers = |batch: Option<Vec<(i32, Duration)>>| {
            batch.map(|batch| batch.into_iter().map(|(number, _)| number).collect::<Vec<_>>())
        };
        assert_eq!(numbers(next_batch(&mut waiting).await), Some((0..10).collect()));
        assert!(began.elapsed() < MAX_WAIT_FOR_OTHERS, "ten wait for nothing");
        assert_eq!(numbers(next_batch(&mut waiting).await), Some(vec![10, 11]));
        assert!(began.elapsed() >= MAX_WAIT_FOR_OTHERS);
        drop(sender);
        assert_eq!(numbers(next_batch(&mut waiting).await), None);
    }
}
