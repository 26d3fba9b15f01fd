//! The plan of a batch: collects everything that its changes ask for, before anything is written.

use crate::DispatchHandler;
use crate::changes::{SequenceStop, sequence_stop};
use crate::deliveries::PlannedDelivery;
use crate::lookups::Lookups;
use contract::native::package_document_url;
use domain::{Event, Package, PackageStatus};
use runtime::stream::{FailedRecord, WithRecord};
use runtime::{FollowUpMessage, PackageMessage};
use std::time::Duration;
use store::Change;

/// The effects of a batch, each with the record that asks for it.
#[derive(Default)]
pub(crate) struct Plan {
    /// Sequences to stop, in the order of the changes.
    pub(crate) sequence_stops: Vec<WithRecord<SequenceStop>>,
    /// First steps of sequences to enqueue. They need no record: the sweeper finds those that fail.
    pub(crate) first_steps: Vec<(FollowUpMessage, Duration)>,
    /// Requested packages to enqueue. They need no record either.
    pub(crate) packages: Vec<(PackageMessage, Duration)>,
    /// Deliveries to create and enqueue.
    pub(crate) deliveries: Vec<WithRecord<PlannedDelivery>>,
    /// Records whose subscriptions or data key cannot be read.
    pub(crate) failed: Vec<FailedRecord>,
}

impl DispatchHandler {
    /// Plans the effects of `changes`. What cannot be read concerns the changes that need it, and no others.
    pub(crate) async fn plan(&self, changes: &[WithRecord<Change>]) -> Plan {
        let document_url = |package: &Package| package_document_url(&self.dependencies.api_url, package.id);
        let events: Vec<Vec<Event>> = changes.iter().map(|change| change.value.events(document_url)).collect();
        let lookups = self.look_up(changes.iter().zip(&events).map(|(change, events)| (&change.value, &events[..])));
        let lookups = lookups.await;
        let mut plan = Plan::default();
        for (change, events) in changes.iter().zip(&events) {
            plan.first_steps.extend(self.first_step(&change.value));
            plan.packages.extend(requested_package(&change.value));
            plan.add(change, events, &lookups, self);
        }
        plan
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

/// Returns the message for the first attempt of a package that was requested.
fn requested_package(change: &Change) -> Option<(PackageMessage, Duration)> {
    let Change::Package { environment, old: None, new } = change else { return None };
    let is_new = new.status == PackageStatus::Pending && new.attempts == 0;
    is_new.then(|| (PackageMessage::new(*environment, new.id, 1), Duration::ZERO))
}

impl Plan {
    fn add(
        &mut self,
        WithRecord { record, value: change }: &WithRecord<Change>,
        events: &[Event],
        lookups: &Lookups,
        handler: &DispatchHandler,
    ) {
        let record = *record;
        self.sequence_stops.extend(sequence_stop(change).map(|value| WithRecord { record, value }));
        if events.is_empty() {
            return;
        }
        let now = handler.dependencies.clock.now();
        match lookups.deliveries(change, events, now) {
            Ok(planned) => {
                self.deliveries.extend(planned.deliveries.into_iter().map(|value| WithRecord { record, value }));
                self.failed.extend(planned.unreadable.map(|error| FailedRecord::new(record, error)));
            }
            Err(error) => self.failed.push(FailedRecord::new(record, error)),
        }
    }
}
