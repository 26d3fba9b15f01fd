//! A cache of tenants' businesses within one process: they change rarely, and every lead needs them.
//!
//! This is the only cache of stored data in the crate. (The copy of a business with each key is no cache: it changes with
//! the business, see [`super::key_business`].) API keys are never cached: a revoked key must stop working
//! immediately.

use crate::table::Store;
use crate::table::error::StoreError;
use domain::{Business, TenantId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Maximum age of an entry: a changed time zone or name takes effect everywhere after this time.
const MAX_AGE: Duration = Duration::from_secs(5);

/// Maximum number of tenants in the cache, some hundred kilobytes. Beyond it the cache is emptied: entries live for
/// seconds, so that evicting them one by one would gain nothing.
const MAX_TENANTS: usize = 1_000;

/// Businesses, and when they were read.
type CacheEntry = (Timestamp, Arc<Vec<Business>>);

/// Tenants' businesses, at most five seconds old. Clones share one cache.
#[derive(Clone, Debug)]
pub struct BusinessCache {
    store: Store,
    entries: Arc<Mutex<HashMap<TenantId, CacheEntry>>>,
}

impl BusinessCache {
    /// Returns an empty cache that reads from `store`.
    pub fn new(store: Store) -> Self {
        Self { store, entries: Arc::default() }
    }

    /// Returns all businesses of a tenant, the oldest first.
    pub async fn all(&self, tenant: TenantId, now: Timestamp) -> Result<Arc<Vec<Business>>, StoreError> {
        match self.cached(tenant, now) {
            Some(businesses) => Ok(businesses),
            None => self.read(tenant, now).await,
        }
    }

    /// Returns the first business for which `matches` returns `true`. If the cache has none, the businesses are read
    /// again, so that one which was added a moment ago is found.
    pub async fn first(
        &self,
        tenant: TenantId,
        now: Timestamp,
        matches: impl Fn(&Business) -> bool,
    ) -> Result<Option<Business>, StoreError> {
        let find = |all: &[Business]| all.iter().find(|business| matches(business)).cloned();
        if let Some(business) = self.cached(tenant, now).and_then(|businesses| find(&businesses)) {
            return Ok(Some(business));
        }
        Ok(find(&self.read(tenant, now).await?))
    }

    fn cached(&self, tenant: TenantId, now: Timestamp) -> Option<Arc<Vec<Business>>> {
        let entries = self.entries();
        let (read_at, businesses) = entries.get(&tenant)?;
        // An entry from the future was read before the clock was set back.
        (now < read_at.after(MAX_AGE) && now >= *read_at).then(|| Arc::clone(businesses))
    }

    async fn read(&self, tenant: TenantId, now: Timestamp) -> Result<Arc<Vec<Business>>, StoreError> {
        let businesses = Arc::new(self.store.businesses(tenant).await?);
        let mut entries = self.entries();
        if entries.len() >= MAX_TENANTS {
            entries.clear();
        }
        entries.insert(tenant, (now, Arc::clone(&businesses)));
        Ok(businesses)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<TenantId, CacheEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
