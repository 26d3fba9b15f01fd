//! Sends the messages of follow-up sequences, one step of a lead's sequence for each queue message.
//!
//! - **Trigger**: the follow-up queue, in batches. The messages come from `dispatch` (first steps), from this function
//!   (next steps within the queue's reach), and from the sweeper.
//! - **Reads**: the sequences and leads of a batch in one trip, and their businesses in another.
//! - **Writes**: the claim of a step with its message, the outcome, and the sequence's next step with its check time.
//! - **On failure**: only the messages that failed are redelivered, and become dead letters after five attempts. One of
//!   what cannot be read fails alone. The sequence stays in the due index until it has ended, so the sweeper finds a step
//!   whose message was lost.
//!
//! # Claim, send, settle
//!
//! A person must never get a message twice, nor after an opt-out has been acknowledged. A step is therefore sent in
//! three phases:
//!
//! 1. **Claim**: one transaction writes the claim and the message (status `SENDING`) on the condition that the sequence
//!    and the lead are unchanged, the lead may be contacted, and its number and address are not suppressed. Only one process can succeed. The claim has an end: no
//!    message is handed to the provider unless enough time is left.
//! 2. **Send**: the provider is called once, with a timeout that lies within the claim.
//! 3. **Settle**: the outcome and the next step are written together, also if somebody has stopped the sequence
//!    meanwhile.
//!
//! A claim that has ended without an outcome belongs to a process that is gone. Nobody knows whether its message was
//! sent, so it is settled as unknown and never sent again. An opt-out first stops the sequence, which prevents new
//! claims, and then waits for an open claim to end before it is acknowledged.

mod send;
mod step;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{Clock, LeadId, SuppressionKey};
use messaging::MessageSender;
use runtime::{FollowUpMessage, Queue, QueueBatch, Timing};
use std::sync::Arc;
use store::{Store, StoreError};

/// The dependencies of [`FollowUpHandler`].
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The follow-up queue, for next steps that are due soon.
    pub queue: Arc<dyn Queue<FollowUpMessage>>,
    /// The key under which suppressed numbers and addresses are hashed.
    pub suppression_key: SuppressionKey,
    /// Sends messages to people.
    pub sender: Arc<dyn MessageSender>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The timing of enqueueing and re-enqueueing, and the speed-up of waits.
    pub timing: Timing,
}

/// The handler of follow-up messages. Cheap to clone.
#[derive(Clone)]
pub struct FollowUpHandler {
    dependencies: Arc<Dependencies>,
}

impl FollowUpHandler {
    /// Creates a handler.
    pub fn new(dependencies: Dependencies) -> Self {
        Self { dependencies: Arc::new(dependencies) }
    }

    /// Handles a batch of messages concurrently. Returns which of them are to be redelivered.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let batch: QueueBatch<FollowUpMessage> = QueueBatch::parse(&event);
        let leads: Vec<_> = batch.messages().map(|message| (message.environment(), message.lead)).collect();
        match self.dependencies.store.steps_to_send(&leads, self.dependencies.clock.now()).await {
            Ok(steps) => batch.process(|message| self.follow_up(message, &steps)).await,
            Err(error) => batch.fail(error),
        }
    }
}

/// The reason why a message is to be redelivered.
#[derive(Debug, thiserror::Error)]
enum FollowUpError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the step of the lead {0} cannot be read: {1}")]
    Unreadable(LeadId, String),
}
