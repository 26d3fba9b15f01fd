//! Reads the table's stream and turns each committed change into what follows from it.
//!
//! - **Trigger**: batches of records of the single table's stream. This is its only reader.
//! - **Reads**: the subscriptions of each environment in the batch, the data keys of leads, businesses (for KPIs).
//! - **Writes**: deliveries to the subscriptions that want an event, audit entries for status changes of leads, KPI
//!   counters, and stopped sequences; deletes files whose records are gone. New deliveries and first steps of sequences
//!   are sent to their queues.
//! - **On failure**: the response names the earliest record that failed, and the stream passes everything from that
//!   record on to the function again.
//!
//! # The stream is the outbox
//!
//! An API request writes to the table only. Because every committed write is in the stream, exactly once and in order
//! for each item, no event can be lost between two writes, and none is sent for a write that did not happen. Records
//! may be read more than once, so every effect is idempotent: the ids of events, deliveries and audit entries derive
//! from the change, counters remember what they have counted, and stopping or deleting twice changes nothing. A
//! delivery that exists already and has not been attempted is enqueued again.
//!
//! # Read, plan, commit
//!
//! A batch is handled in three phases, so that many changes share few writes:
//!
//! 1. **Read** (`read_changes`): parses the records.
//! 2. **Plan** (`DispatchHandler::plan`): collects what the changes ask for, reading subscriptions once for each
//!    environment.
//! 3. **Commit** (`DispatchHandler::commit`): performs all of it concurrently.
//!
//! The first two phases stop at the first record that fails. The third phase still performs everything that was
//! planned: only the records from the first failure on come again.

mod changes;
mod commit;
mod deliveries;
mod kpi_counts;
mod plan;

use aws_lambda_events::event::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use blob::{BlobError, Blobs};
use changes::read_changes;
use domain::Clock;
use runtime::{FollowUpMessage, Queue, Timing};
use std::sync::Arc;
use store::{BusinessCache, Store, StoreError};

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
    /// The files of evidence and photos, for deletion.
    pub blobs: Blobs,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The timing of enqueueing and re-enqueueing.
    pub timing: Timing,
}

/// The handler of stream records. Cheap to clone.
#[derive(Clone)]
pub struct DispatchHandler {
    dependencies: Arc<Dependencies>,
    businesses: BusinessCache,
}

/// The reason why a record is to be passed on again.
#[derive(Debug, thiserror::Error)]
enum DispatchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Something that belongs to the record with the index `record` of a batch.
struct WithRecord<T> {
    record: usize,
    value: T,
}

/// The failure of a record.
type RecordError = WithRecord<DispatchError>;

impl RecordError {
    fn new(record: usize, error: impl Into<DispatchError>) -> Self {
        Self { record, value: error.into() }
    }
}

impl DispatchHandler {
    /// Creates a handler.
    pub fn new(dependencies: Dependencies) -> Self {
        let businesses = BusinessCache::new(dependencies.store.clone());
        Self { dependencies: Arc::new(dependencies), businesses }
    }

    /// Handles a batch of records. Returns the earliest record that failed.
    pub async fn handle(&self, batch: StreamEvent) -> DynamoDbEventResponse {
        let sequence_numbers: Vec<_> =
            batch.records.iter().map(|record| record.change.sequence_number.clone()).collect();
        let mut response = DynamoDbEventResponse::default();
        if let Some(RecordError { record, value: error }) = Box::pin(self.dispatch(batch.records)).await {
            tracing::error!(%error, "change not dispatched; the stream will retry from its record on");
            if let Some(number) = sequence_numbers.get(record).cloned().flatten() {
                let mut failure = DynamoDbBatchItemFailure::default();
                failure.item_identifier = Some(number);
                response.batch_item_failures.push(failure);
            }
        }
        response
    }

    /// Dispatches the changes of a batch. Returns the failure of the earliest record that failed.
    async fn dispatch(&self, records: Vec<EventRecord>) -> Option<RecordError> {
        let (changes, unread) = read_changes(records);
        let (plan, unplanned) = self.plan(&changes).await;
        let uncommitted = self.commit(plan).await;
        earliest([unread, unplanned, uncommitted])
    }
}

/// Returns the failure of the earliest record.
fn earliest(failures: impl IntoIterator<Item = Option<RecordError>>) -> Option<RecordError> {
    failures.into_iter().flatten().min_by_key(|failure| failure.record)
}
