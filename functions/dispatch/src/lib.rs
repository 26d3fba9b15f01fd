//! Reads the table's stream promptly and turns each committed change into deliveries and follow-up.
//!
//! - **Trigger**: batches of records of the single table's stream, as soon as they are written. The stream has one other
//!   reader, `bookkeeping`, which does what may wait.
//! - **Reads**: the subscriptions of each environment in the batch, the data keys of leads.
//! - **Writes**: deliveries to the subscriptions that want an event, their batches, and stopped sequences. New deliveries, first
//!   steps of sequences and requested evidence packages are sent to their queues.
//! - **On failure**: a record that can never be processed is parked ([`runtime::stream`]), and the rest of the batch goes
//!   on. For anything else the response names the earliest record that failed, and the stream passes everything from
//!   that record on to the function again.
//!
//! # The stream is the outbox
//!
//! An API request writes to the table only. Because every committed write is in the stream, exactly once and in order
//! for each item, no event can be lost between two writes, and none is sent for a write that did not happen. Records
//! may be read more than once, so every effect is idempotent: the ids of events and deliveries derive from the change,
//! and stopping twice changes nothing. A delivery that exists already and has not been attempted is enqueued again.
//!
//! # Read, plan, commit
//!
//! A batch is handled in three phases, so that many changes share few reads:
//!
//! 1. **Read** (`DispatchHandler::look_up`): reads the subscriptions of each environment and the data key of each lead,
//!    once and concurrently.
//! 2. **Plan** (`DispatchHandler::plan`): collects what the changes ask for.
//! 3. **Commit** (`DispatchHandler::commit`): performs all of it concurrently.
//!
//! A failure in any phase concerns its own records only: everything else is performed.

mod changes;
mod commit;
mod deliveries;
mod lookups;
mod plan;

use aws_lambda_events::event::streams::DynamoDbEventResponse;
use domain::Clock;
use runtime::stream::{FailedRecord, Parking, StreamConsumer, StreamEvent, WithRecord, handle_stream_batch};
use runtime::{FollowUpMessage, PackageMessage, Queue, Timing};
use std::sync::Arc;
use store::{Change, Store};

/// Maximum number of concurrent reads of each kind that one batch performs.
const MAX_CONCURRENT_READS: usize = 32;

/// Maximum number of concurrent writes of each kind that one batch performs.
const MAX_CONCURRENT_WRITES: usize = 32;

/// The dependencies of [`DispatchHandler`].
#[derive(Clone)]
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The queue of deliveries.
    pub queue: Arc<dyn Queue>,
    /// The queue of follow-up messages, for first steps of sequences.
    pub follow_up_queue: Arc<dyn Queue<FollowUpMessage>>,
    /// The queue of evidence packages, for first attempts.
    pub package_queue: Arc<dyn Queue<PackageMessage>>,
    /// The base URL of the API, for addresses in payloads.
    pub api_url: String,
    /// The place for records that cannot be processed.
    pub parking: Parking,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The timing of enqueueing and re-enqueueing.
    pub timing: Timing,
}

/// The handler of stream records. Cheap to clone.
#[derive(Clone)]
pub struct DispatchHandler {
    dependencies: Arc<Dependencies>,
}

impl DispatchHandler {
    /// Creates a handler.
    pub fn new(dependencies: Dependencies) -> Self {
        Self { dependencies: Arc::new(dependencies) }
    }

    /// Handles a batch of records. Returns the earliest record that is to come again.
    pub async fn handle(&self, event: StreamEvent, request_id: &str) -> DynamoDbEventResponse {
        Box::pin(handle_stream_batch(self, &self.dependencies.parking, event, request_id)).await
    }
}

impl StreamConsumer for DispatchHandler {
    const NAME: &'static str = "dispatch";

    async fn process(&self, changes: &[WithRecord<Change>]) -> Vec<FailedRecord> {
        let plan = self.plan(changes).await;
        self.commit(plan).await
    }
}
