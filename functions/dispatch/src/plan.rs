//! The plan of a batch: collects everything that its changes ask for, before anything is written.

use crate::changes::{SequenceStop, audit_entry, orphaned_file, sequence_stop};
use crate::deliveries::{EnvironmentSubscriptions, PlannedDelivery};
use crate::kpi_counts::KpiCounts;
use crate::{DispatchHandler, RecordError, WithRecord};
use blob::BlobKey;
use domain::Environment;
use domain::audit::AuditEntry;
use runtime::FollowUpMessage;
use std::time::Duration;
use store::Change;

/// The effects of a batch, each with the record that asks for it.
#[derive(Default)]
pub(crate) struct Plan {
    /// Files to delete.
    pub(crate) orphaned_files: Vec<WithRecord<BlobKey>>,
    /// Sequences to stop, in the order of the changes.
    pub(crate) sequence_stops: Vec<WithRecord<SequenceStop>>,
    /// First steps of sequences to enqueue. They need no record: the sweeper finds those that fail.
    pub(crate) first_steps: Vec<(FollowUpMessage, Duration)>,
    /// Audit entries to write.
    pub(crate) audit_entries: Vec<WithRecord<(Environment, AuditEntry)>>,
    /// KPI events to count.
    pub(crate) kpi_counts: KpiCounts,
    /// Deliveries to create and enqueue.
    pub(crate) deliveries: Vec<WithRecord<PlannedDelivery>>,
}

impl Plan {
    /// Adds the effects that need no further reading.
    fn add(&mut self, record: usize, change: &Change) {
        self.orphaned_files.extend(orphaned_file(change).map(|value| WithRecord { record, value }));
        self.sequence_stops.extend(sequence_stop(change).map(|value| WithRecord { record, value }));
        self.audit_entries.extend(audit_entry(change).map(|value| WithRecord { record, value }));
        self.kpi_counts.add(record, change);
    }
}

impl DispatchHandler {
    /// Plans the effects of `changes` up to the first one whose subscriptions or data key cannot be read.
    pub(crate) async fn plan(&self, changes: &[WithRecord<Change>]) -> (Plan, Option<RecordError>) {
        let mut plan = Plan::default();
        let mut subscriptions = EnvironmentSubscriptions::default();
        for WithRecord { record, value: change } in changes {
            plan.add(*record, change);
            plan.first_steps.extend(self.first_step(change));
            match self.plan_deliveries(change, &mut subscriptions).await {
                Ok(deliveries) => {
                    plan.deliveries.extend(deliveries.into_iter().map(|value| WithRecord { record: *record, value }));
                }
                Err(error) => return (plan, Some(RecordError::new(*record, error))),
            }
        }
        (plan, None)
    }

    /// Returns the message for the first step of a sequence that has started, if the queue can hold it until it is due.
    /// A later one is in the due index already, where the sweeper finds it.
    fn first_step(&self, change: &Change) -> Option<(FollowUpMessage, Duration)> {
        let Change::SequenceStarted { environment, sequence } = change else { return None };
        let now = self.dependencies.clock.now();
        let due_at = sequence.due_at.filter(|due_at| self.dependencies.timing.fits_queue_delay(*due_at, now))?;
        Some((FollowUpMessage::new(*environment, sequence.lead, sequence.next_step_index), due_at.since(now)))
    }
}
