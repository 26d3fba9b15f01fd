//! What a batch of changes adds to the figures of each business.

use crate::{AT_ONCE, Dispatch, Failed};
use domain::business::TimeZone;
use domain::kpi::{self, Counted};
use domain::{BusinessId, Mode, TenantId, Timestamp, World};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Change, Store, StoreError};

/// How long a process may go on with what it knows of a tenant's time zones, which seldom change.
const FRESH: Duration = Duration::from_secs(10);

/// Tenants whose time zones are remembered at once.
const MOST: usize = 1_000;

/// The time zones of a tenant's businesses.
type Zones = Arc<HashMap<BusinessId, TimeZone>>;

/// What a process knows of businesses' time zones, and since when.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownZones(Arc<Mutex<HashMap<TenantId, (Timestamp, Zones)>>>);

impl KnownZones {
    /// The time zone of a business; one that was added a moment ago is found too, and one that there is not is in UTC.
    async fn of(
        &self,
        store: &Store,
        (tenant, business): (TenantId, BusinessId),
        now: Timestamp,
    ) -> Result<TimeZone, StoreError> {
        let known = self.find(tenant, now).filter(|known| known.contains_key(&business));
        let zones = match known {
            Some(known) => known,
            None => self.read(store, tenant, now).await?,
        };
        Ok(zones.get(&business).cloned().unwrap_or_default())
    }

    async fn read(&self, store: &Store, tenant: TenantId, now: Timestamp) -> Result<Zones, StoreError> {
        let businesses = store.businesses(tenant).await?;
        let zones = Zones::new(businesses.into_iter().map(|business| (business.id, business.time_zone)).collect());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(tenant, (now, Arc::clone(&zones)));
        Ok(zones)
    }

    fn find(&self, tenant: TenantId, now: Timestamp) -> Option<Zones> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, zones) = known.get(&tenant)?;
        (now < read_at.after(FRESH) && now >= *read_at).then(|| Arc::clone(zones))
    }
}

/// What is to be counted of a batch: by world and business, with the number of the record that says so.
#[derive(Debug, Default)]
pub(crate) struct Counts(HashMap<(World, BusinessId), Vec<(usize, Counted)>>);

impl Counts {
    /// Notes what `change` adds, which the record of this number tells of.
    pub(crate) fn note(&mut self, record: usize, change: &Change) {
        let Some((world, counted)) = counted_of(change) else { return };
        for one in counted {
            self.0.entry((world, one.business)).or_default().push((record, one));
        }
    }
}

/// What a change adds to the figures, if it is of a kind that does.
fn counted_of(change: &Change) -> Option<(World, Vec<Counted>)> {
    match change {
        Change::Lead { world, old, new, .. } => Some((*world, kpi::counted_of_lead_change(old.as_deref(), new))),
        Change::Message { world, old, new } => Some((*world, kpi::counted_of_message_change(old.as_deref(), new))),
        Change::Dispute { .. }
        | Change::EvidenceGone { .. }
        | Change::PhotoGone { .. }
        | Change::SequenceStarted { .. }
        | Change::Subscription { .. } => None,
    }
}

impl Dispatch {
    /// Counts all of it, those of one business together. Names the first record of a business that failed: what of it
    /// was counted already meets its marks when it comes again.
    pub(crate) async fn count(&self, counts: Counts) -> Result<(), (usize, Failed)> {
        let counted: Vec<_> = futures_util::stream::iter(counts.0)
            .map(|((world, business), noted)| async move {
                let first = noted.iter().map(|(record, _)| *record).min().unwrap_or_default();
                let counted: Vec<_> = noted.into_iter().map(|(_, counted)| counted).collect();
                self.count_of(world, business, &counted).await.map_err(|error| (first, Failed::from(error)))
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let failed = counted.into_iter().filter_map(Result::err).min_by_key(|(record, _)| *record);
        failed.map_or(Ok(()), Err)
    }

    async fn count_of(&self, world: World, business: BusinessId, counted: &[Counted]) -> Result<(), StoreError> {
        let Self(parts, known) = self;
        let now = parts.clock.now();
        let zone = known.of(&parts.store, (world.tenant, business), now).await?;
        // What happened before a world was emptied is not to show in it.
        let emptied_at = if world.mode == Mode::Test { parts.store.emptied_at(world).await? } else { None };
        let counted: Vec<_> =
            counted.iter().filter(|one| emptied_at.is_none_or(|at| one.at.seconds() >= at)).cloned().collect();
        parts.store.count(world, business, &zone, &counted, now).await
    }
}
