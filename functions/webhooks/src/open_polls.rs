//! Requests that wait for events: one for each key.
//!
//! A newer request of the same key ends the wait of the older one, which answers at once. A client whose connection broke
//! is so not shut out until its lost request has ended, and no key holds more than one waiting request.

use domain::KeyId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The waiting requests of a process.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenPolls {
    /// Number of the newest request of each key.
    newest: Arc<Mutex<HashMap<KeyId, u64>>>,
}

impl OpenPolls {
    /// Begins a request of a key, which ends the wait of the one before.
    pub(crate) fn begin(&self, key: KeyId) -> OpenPoll {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let number = newest.get(&key).map_or(0, |number| number + 1);
        newest.insert(key, number);
        OpenPoll { polls: self.clone(), key, number }
    }
}

/// A request that may wait. Dropped when it ends.
#[derive(Debug)]
pub(crate) struct OpenPoll {
    polls: OpenPolls,
    key: KeyId,
    number: u64,
}

impl OpenPoll {
    /// Returns whether no newer request of the key has begun.
    pub(crate) fn is_latest(&self) -> bool {
        let newest = self.polls.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.get(&self.key) == Some(&self.number)
    }
}

impl Drop for OpenPoll {
    fn drop(&mut self) {
        let mut newest = self.polls.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.get(&self.key) == Some(&self.number) {
            newest.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_request_ends_the_wait_of_the_older() {
        let polls = OpenPolls::default();
        let (key, other) = (KeyId::derived(&[b"a"]), KeyId::derived(&[b"b"]));
        let first = polls.begin(key);
        let others = polls.begin(other);
        assert!(first.is_latest());
        let second = polls.begin(key);
        assert!(!first.is_latest() && second.is_latest() && others.is_latest());
        drop(first);
        assert!(second.is_latest());
        drop((second, others));
        assert!(polls.newest.lock().expect("no panic").is_empty());
    }
}
