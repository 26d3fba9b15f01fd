//! Keys known to be over their rate limit, so that a client that keeps calling costs one write per process and minute
//! instead of one per call.

use domain::accounts::rate_limit::Quota;
use domain::{Scopes, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Maximum number of keys that are remembered, a few megabytes. Calls of further keys reach the table.
const MAX_KEYS: usize = 10_000;

/// A key over its limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LimitedKey {
    /// The counts at which the call was rejected.
    pub(crate) quota: Quota,
    /// The key's scopes: a call without the required scope is 403, not 429.
    pub(crate) scopes: Scopes,
}

/// Keys over their limit by the SHA-256 of the key, each until the end of the minute in which a call was rejected.
///
/// Only the negative result is cached. A valid key is looked up at every call, so that a revoked one stops working
/// immediately; a revoked key that is over its limit may still get 429 until the minute ends.
#[derive(Debug, Default)]
pub(crate) struct RateLimitCache(Mutex<HashMap<String, LimitedKey>>);

impl RateLimitCache {
    pub(crate) fn insert(&self, hash: &str, key: LimitedKey, now: Timestamp) {
        let mut keys = self.lock();
        if keys.len() >= MAX_KEYS {
            keys.retain(|_, key| key.quota.minute >= now.minute());
        }
        if keys.len() < MAX_KEYS {
            keys.insert(hash.to_owned(), key);
        }
    }

    pub(crate) fn get(&self, hash: &str, now: Timestamp) -> Option<LimitedKey> {
        let mut keys = self.lock();
        let key = keys.get(hash).copied()?;
        if now.minute() <= key.quota.minute {
            return Some(key);
        }
        keys.remove(hash);
        None
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, LimitedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
