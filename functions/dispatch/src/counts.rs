//! What a batch of changes adds to the figures of each business.

use crate::{Dispatch, DispatchError, MAX_CONCURRENT_WRITES};
use domain::analytics::kpi::{self, CountedEvent};
use domain::{BusinessId, Environment, Mode};
use futures_util::StreamExt;
use std::collections::HashMap;
use store::{Change, StoreError};

/// What is to be counted of a batch: by world and business, with the number of the record that says so.
#[derive(Debug, Default)]
pub(crate) struct Counts(HashMap<(Environment, BusinessId), Vec<(usize, CountedEvent)>>);

impl Counts {
    /// Notes what `change` adds, which the record of this number tells of.
    pub(crate) fn note(&mut self, record: usize, change: &Change) {
        let Some((environment, counted)) = counted_of(change) else { return };
        for one in counted {
            self.0.entry((environment, one.business)).or_default().push((record, one));
        }
    }
}

/// What a change adds to the figures, if it is of a kind that does.
fn counted_of(change: &Change) -> Option<(Environment, Vec<CountedEvent>)> {
    match change {
        Change::Lead { environment, old, new, .. } => Some((*environment, kpi::count_lead_change(old.as_deref(), new))),
        Change::Message { environment, old, new } => {
            Some((*environment, kpi::count_message_change(old.as_deref(), new)))
        }
        Change::Dispute { .. }
        | Change::EvidenceRemoved { .. }
        | Change::PhotoRemoved { .. }
        | Change::SequenceStarted { .. }
        | Change::Subscription { .. } => None,
    }
}

impl Dispatch {
    /// Counts all of it, those of one business together. Names the first record of a business that failed: what of it
    /// was counted already meets its marks when it comes again.
    pub(crate) async fn count(&self, counts: Counts) -> Result<(), (usize, DispatchError)> {
        let counted: Vec<_> = futures_util::stream::iter(counts.0)
            .map(|((environment, business), noted)| async move {
                let first = noted.iter().map(|(record, _)| *record).min().unwrap_or_default();
                let counted: Vec<_> = noted.into_iter().map(|(_, counted)| counted).collect();
                self.count_of(environment, business, &counted)
                    .await
                    .map_err(|error| (first, DispatchError::from(error)))
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        let failed = counted.into_iter().filter_map(Result::err).min_by_key(|(record, _)| *record);
        failed.map_or(Ok(()), Err)
    }

    async fn count_of(
        &self,
        environment: Environment,
        business: BusinessId,
        counted: &[CountedEvent],
    ) -> Result<(), StoreError> {
        let Self(dependencies, businesses) = self;
        let now = dependencies.clock.now();
        // Where there is no such business any more its figures are in UTC.
        let of = businesses.first(environment.tenant, now, |known| known.id == business).await?;
        let zone = of.map(|business| business.time_zone).unwrap_or_default();
        // What happened before a world was emptied is not to show in it.
        let purged_at =
            if environment.mode == Mode::Test { dependencies.store.purged_at(environment).await? } else { None };
        let counted: Vec<_> =
            counted.iter().filter(|one| purged_at.is_none_or(|at| one.at.seconds() >= at)).cloned().collect();
        dependencies.store.count_kpi_events(environment, business, &zone, &counted, now).await
    }
}
