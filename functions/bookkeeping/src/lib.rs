//! Reads the table's stream in batches and does what may wait: KPI counters, audit entries, the event log, deletion of
//! files.
//!
//! - **Trigger**: batches of records of the single table's stream, collected over a window of some seconds. The stream
//!   has one other reader, `dispatch`, which is prompt. Neither waits for the other.
//! - **Reads**: businesses, for their time zones; the time of the last purge of test data; the data keys of leads.
//! - **Writes**: KPI counters, audit entries for status changes of leads, and the event log; deletes files whose records
//!   are gone.
//! - **On failure**: a record that can never be processed is parked ([`runtime::stream`]), and the rest of the batch goes
//!   on. For anything else the response names the earliest record that failed, and the stream passes everything from
//!   that record on to the function again.
//!
//! Records may be read more than once, so every effect is idempotent: the ids of audit entries derive from the change,
//! counters remember what they have counted, deleting twice changes nothing, and events keep their ids.
//!
//! The window is what makes counting cheap: changes of one business that arrive together are counted in one transaction.
//! Conflicts of transactions over busy counters delay counting, and nothing else.

mod changes;
mod event_log;
mod kpi_counts;

use aws_lambda_events::event::streams::DynamoDbEventResponse;
use blob::{BlobKey, Blobs};
use changes::{audit_entry, orphaned_files};
use domain::audit::AuditEntry;
use domain::{Clock, Environment};
use futures_util::StreamExt;
use kpi_counts::KpiCounts;
use runtime::stream::{FailedRecord, Parking, StreamConsumer, StreamEvent, WithRecord, handle_stream_batch};
use std::sync::Arc;
use store::{BusinessCache, Change, Store};

/// Maximum number of concurrent writes of each kind that one batch performs.
const MAX_CONCURRENT_WRITES: usize = 32;

/// Maximum number of concurrent reads of data keys that one batch performs.
const MAX_CONCURRENT_READS: usize = 16;

/// The dependencies of [`BookkeepingHandler`].
#[derive(Clone)]
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The files of evidence, photos and packages, for deletion.
    pub blobs: Blobs,
    /// The place for records that cannot be processed.
    pub parking: Parking,
    /// The base URL of the API, for addresses in payloads of events.
    pub api_url: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// The handler of stream records. Cheap to clone.
#[derive(Clone)]
pub struct BookkeepingHandler {
    dependencies: Arc<Dependencies>,
    businesses: BusinessCache,
}

impl BookkeepingHandler {
    /// Creates a handler.
    pub fn new(dependencies: Dependencies) -> Self {
        let businesses = BusinessCache::new(dependencies.store.clone());
        Self { dependencies: Arc::new(dependencies), businesses }
    }

    /// Handles a batch of records. Returns the earliest record that is to come again.
    pub async fn handle(&self, event: StreamEvent, request_id: &str) -> DynamoDbEventResponse {
        Box::pin(handle_stream_batch(self, &self.dependencies.parking, event, request_id)).await
    }

    async fn delete_files(&self, files: Vec<WithRecord<BlobKey>>) -> Vec<FailedRecord> {
        let deleted: Vec<_> = futures_util::stream::iter(files)
            .map(|WithRecord { record, value: file }| async move {
                self.dependencies.blobs.delete(&file).await.map_err(|error| FailedRecord::new(record, error))
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        deleted.into_iter().filter_map(Result::err).collect()
    }

    /// Writes audit entries. Those that exist already stay as they are.
    async fn write_audit_entries(&self, entries: Vec<WithRecord<(Environment, AuditEntry)>>) -> Vec<FailedRecord> {
        let written: Vec<_> = futures_util::stream::iter(entries)
            .map(|WithRecord { record, value: (environment, entry) }| async move {
                let written = self.dependencies.store.add_audit_entry(environment, &entry).await;
                written.map_err(|error| FailedRecord::new(record, error))
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        written.into_iter().filter_map(Result::err).collect()
    }
}

impl StreamConsumer for BookkeepingHandler {
    const NAME: &'static str = "bookkeeping";

    /// Performs all kinds of effects concurrently; none waits for another to succeed. Only the event log comes last,
    /// because it must not hold twice what the stream hands over again.
    async fn process(&self, changes: &[WithRecord<Change>]) -> Vec<FailedRecord> {
        let (mut files, mut entries, mut counts) = (Vec::new(), Vec::new(), KpiCounts::default());
        for WithRecord { record, value: change } in changes {
            let record = *record;
            files.extend(orphaned_files(change).into_iter().map(|value| WithRecord { record, value }));
            entries.extend(audit_entry(change).map(|value| WithRecord { record, value }));
            counts.add(record, change);
        }
        let (deleted, written, counted) =
            tokio::join!(self.delete_files(files), self.write_audit_entries(entries), self.count_kpis(counts));
        let mut failed: Vec<_> = [deleted, written, counted].into_iter().flatten().collect();
        let first_retried =
            failed.iter().filter(|failed| !failed.error.is_permanent()).map(|failed| failed.record).min();
        failed.extend(self.log_events(changes, first_retried).await);
        failed
    }
}
