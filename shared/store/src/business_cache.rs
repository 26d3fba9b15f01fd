//! What a process knows of tenants' businesses: they seldom change, and every lead needs them.

use crate::Store;
use crate::error::StoreError;
use domain::{Business, TenantId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a process may go on with what it knows of a tenant's businesses.
const FRESH: Duration = Duration::from_secs(5);

/// Tenants whose businesses are remembered at once.
const MOST: usize = 1_000;

/// Businesses, and when they were read.
type ReadAt = (Timestamp, Arc<Vec<Business>>);

/// Tenants' businesses, some seconds old at most. Cheap to clone; clones know the same.
#[derive(Clone, Debug)]
pub struct BusinessCache {
    store: Store,
    known: Arc<Mutex<HashMap<TenantId, ReadAt>>>,
}

impl BusinessCache {
    /// Knows nothing yet; reads from `store`.
    pub fn new(store: Store) -> Self {
        Self { store, known: Arc::default() }
    }

    /// Every business of the tenant, the first one first.
    pub async fn all(&self, tenant: TenantId, now: Timestamp) -> Result<Arc<Vec<Business>>, StoreError> {
        match self.remembered(tenant, now) {
            Some(known) => Ok(known),
            None => self.read(tenant, now).await,
        }
    }

    /// The first business that is `wanted`; one that was added a moment ago is found too.
    pub async fn first(
        &self,
        tenant: TenantId,
        now: Timestamp,
        wanted: impl Fn(&Business) -> bool,
    ) -> Result<Option<Business>, StoreError> {
        let find = |all: &[Business]| all.iter().find(|business| wanted(business)).cloned();
        if let Some(business) = self.remembered(tenant, now).and_then(|known| find(&known)) {
            return Ok(Some(business));
        }
        Ok(find(&self.read(tenant, now).await?))
    }

    fn remembered(&self, tenant: TenantId, now: Timestamp) -> Option<Arc<Vec<Business>>> {
        let known = self.known();
        let (read_at, businesses) = known.get(&tenant)?;
        (now < read_at.after(FRESH) && now >= *read_at).then(|| Arc::clone(businesses))
    }

    async fn read(&self, tenant: TenantId, now: Timestamp) -> Result<Arc<Vec<Business>>, StoreError> {
        let businesses = Arc::new(self.store.businesses(tenant).await?);
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(tenant, (now, Arc::clone(&businesses)));
        Ok(businesses)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<TenantId, ReadAt>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
