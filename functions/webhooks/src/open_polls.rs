//! Requests that wait for events: one for each key.
//!
//! A newer request of the same key ends the wait of the older one, which answers at once. A client whose connection broke
//! is so not shut out until its lost request has ended, and no key holds more than one waiting request.

use domain::KeyId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The waiting requests of a process.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenPolls(Arc<Mutex<Polls>>);

#[derive(Debug, Default)]
struct Polls {
    /// Number of requests that have begun. A number is never given twice: a request that has ended may be older than one
    /// that still waits.
    begun: u64,
    /// Number of the newest request of each key, as long as it is open.
    newest: HashMap<KeyId, u64>,
}

impl OpenPolls {
    /// Begins a request of a key, which ends the wait of the one before.
    pub(crate) fn begin(&self, key: KeyId) -> OpenPoll {
        let mut polls = self.polls();
        polls.begun += 1;
        let number = polls.begun;
        polls.newest.insert(key, number);
        OpenPoll { polls: self.clone(), key, number }
    }

    fn polls(&self) -> MutexGuard<'_, Polls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.polls.polls().newest.get(&self.key) == Some(&self.number)
    }
}

impl Drop for OpenPoll {
    fn drop(&mut self) {
        let mut polls = self.polls.polls();
        if polls.newest.get(&self.key) == Some(&self.number) {
            polls.newest.remove(&self.key);
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
        assert!(polls.polls().newest.is_empty());
    }

    #[test]
    fn a_request_that_was_left_open_does_not_become_the_newest_again() {
        let polls = OpenPolls::default();
        let key = KeyId::derived(&[b"a"]);
        let left_open = polls.begin(key);
        drop(polls.begin(key));
        let newest = polls.begin(key);
        assert!(!left_open.is_latest());
        drop(left_open);
        assert!(newest.is_latest());
    }
}
