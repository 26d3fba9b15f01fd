//! Performs the plan of a batch. All kinds of effects run concurrently, and none waits for another to succeed.

use crate::changes::SequenceStop;
use crate::plan::Plan;
use crate::{DispatchHandler, MAX_CONCURRENT_WRITES};
use domain::{Environment, LeadId};
use futures_util::StreamExt;
use runtime::stream::{FailedRecord, WithRecord};
use runtime::{FollowUpMessage, PackageMessage};
use std::collections::HashMap;
use std::time::Duration;

impl DispatchHandler {
    /// Performs everything that is planned. Returns every record that failed.
    pub(crate) async fn commit(&self, plan: Plan) -> Vec<FailedRecord> {
        let Plan { sequence_stops, first_steps, packages, deliveries, failed } = plan;
        let (stopped, created, (), ()) = tokio::join!(
            self.stop_sequences(sequence_stops),
            self.create_deliveries(deliveries),
            self.enqueue_first_steps(first_steps),
            self.enqueue_packages(packages),
        );
        failed.into_iter().chain(stopped).chain(created).collect()
    }

    /// Stops the sequences of different leads concurrently, and those of one lead one after another: if a lead changes
    /// twice in a batch, the first reason counts.
    async fn stop_sequences(&self, stops: Vec<WithRecord<SequenceStop>>) -> Vec<FailedRecord> {
        let mut stops_by_lead: HashMap<(Environment, LeadId), Vec<_>> = HashMap::new();
        for stop in stops {
            stops_by_lead.entry((stop.value.environment, stop.value.lead)).or_default().push(stop);
        }
        let stopped: Vec<_> = futures_util::stream::iter(stops_by_lead.into_values())
            .map(|stops| self.stop_sequence_of_lead(stops))
            .buffer_unordered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        stopped.into_iter().flatten().collect()
    }

    async fn stop_sequence_of_lead(&self, stops: Vec<WithRecord<SequenceStop>>) -> Option<FailedRecord> {
        for WithRecord { record, value: stop } in stops {
            let SequenceStop { environment, lead, reason, changed_at } = stop;
            let now = self.dependencies.clock.now();
            let stopped = self.dependencies.store.stop_sequence(environment, lead, reason, changed_at, now).await;
            if let Err(error) = stopped {
                return Some(FailedRecord::new(record, error));
            }
        }
        None
    }

    async fn enqueue_packages(&self, packages: Vec<(PackageMessage, Duration)>) {
        if !packages.is_empty()
            && let Err(error) = self.dependencies.package_queue.send(packages).await
        {
            tracing::warn!(%error, "requested packages not enqueued; the sweeper will re-enqueue them");
        }
    }

    async fn enqueue_first_steps(&self, steps: Vec<(FollowUpMessage, Duration)>) {
        if !steps.is_empty()
            && let Err(error) = self.dependencies.follow_up_queue.send(steps).await
        {
            tracing::warn!(%error, "first steps of sequences not enqueued; the sweeper will re-enqueue them");
        }
    }
}
