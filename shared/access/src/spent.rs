//! Keys that are known to be spent: a storm of refused calls costs one write per process and window.

use domain::accounts::rate_limit::Quota;
use domain::{Scopes, Timestamp};
use std::collections::HashMap;
use std::sync::Mutex;

/// Spent keys that are remembered at once; beyond that the database is asked again.
const MOST: usize = 10_000;

/// What is remembered of a spent key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    pub(crate) quota: Quota,
    pub(crate) scopes: Scopes,
}

/// Spent keys by the hash of the key, each until the minute ends in which it was refused.
#[derive(Debug, Default)]
pub(crate) struct SpentKeys(Mutex<HashMap<String, Spent>>);

impl SpentKeys {
    pub(crate) fn remember(&self, hash: &str, spent: Spent, now: Timestamp) {
        let mut keys = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if keys.len() >= MOST {
            keys.retain(|_, spent| spent.quota.minute >= now.minute());
        }
        if keys.len() < MOST {
            keys.insert(hash.to_owned(), spent);
        }
    }

    pub(crate) fn find(&self, hash: &str, now: Timestamp) -> Option<Spent> {
        let mut keys = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let spent = keys.get(hash).copied()?;
        if now.minute() <= spent.quota.minute {
            return Some(spent);
        }
        keys.remove(hash);
        None
    }
}
