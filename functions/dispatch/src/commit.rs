//! Performs the plan of a batch. All kinds of effects run concurrently, and none waits for another to succeed.

use crate::changes::SequenceStop;
use crate::plan::Plan;
use crate::{DispatchHandler, MAX_CONCURRENT_WRITES, RecordError, WithRecord, earliest};
use blob::BlobKey;
use domain::Environment;
use domain::audit::AuditEntry;
use futures_util::StreamExt;
use runtime::FollowUpMessage;
use std::time::Duration;

impl DispatchHandler {
    /// Performs everything that is planned. Returns the failure of the earliest record.
    pub(crate) async fn commit(&self, plan: Plan) -> Option<RecordError> {
        let Plan { orphaned_files, sequence_stops, first_steps, audit_entries, kpi_counts, deliveries } = plan;
        let (deleted, stopped, audited, counted, created, ()) = tokio::join!(
            self.delete_files(orphaned_files),
            self.stop_sequences(sequence_stops),
            self.write_audit_entries(audit_entries),
            self.count_kpis(kpi_counts),
            self.create_deliveries(deliveries),
            self.enqueue_first_steps(first_steps),
        );
        earliest([deleted, stopped, audited, counted, created])
    }

    async fn delete_files(&self, files: Vec<WithRecord<BlobKey>>) -> Option<RecordError> {
        let deleted: Vec<_> = futures_util::stream::iter(files)
            .map(|WithRecord { record, value: file }| async move {
                self.dependencies.blobs.delete(&file).await.map_err(|error| RecordError::new(record, error))
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        earliest(deleted.into_iter().map(Result::err))
    }

    /// Stops sequences one after another: if a lead changes twice in a batch, the first reason counts.
    async fn stop_sequences(&self, stops: Vec<WithRecord<SequenceStop>>) -> Option<RecordError> {
        for WithRecord { record, value: stop } in stops {
            let SequenceStop { environment, lead, reason, changed_at } = stop;
            let now = self.dependencies.clock.now();
            let stopped = self.dependencies.store.stop_sequence(environment, lead, reason, changed_at, now).await;
            if let Err(error) = stopped {
                return Some(RecordError::new(record, error));
            }
        }
        None
    }

    /// Writes audit entries. Those that exist already stay as they are.
    async fn write_audit_entries(&self, entries: Vec<WithRecord<(Environment, AuditEntry)>>) -> Option<RecordError> {
        let written: Vec<_> = futures_util::stream::iter(entries)
            .map(|WithRecord { record, value: (environment, entry) }| async move {
                let written = self.dependencies.store.add_audit_entry(environment, &entry).await;
                written.map_err(|error| RecordError::new(record, error))
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        earliest(written.into_iter().map(Result::err))
    }

    async fn enqueue_first_steps(&self, steps: Vec<(FollowUpMessage, Duration)>) {
        if !steps.is_empty()
            && let Err(error) = self.dependencies.follow_up_queue.send(steps).await
        {
            tracing::warn!(%error, "first steps of sequences not enqueued; the sweeper will re-enqueue them");
        }
    }
}
