//! Tokens of the transactions that took effect of late, so that none does twice.

use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How long a transaction's token is known at least. The SDK, which makes up the tokens, tries for six seconds.
const KNOWN: Duration = Duration::from_mins(1);

/// The tokens, at constant cost.
///
/// The database would keep them itself, ten minutes each, and look through all of them at every transaction: after
/// some thousands of leads that takes longer than all else. It is never shown one.
#[derive(Debug)]
pub(super) struct Tokens {
    recent: HashSet<String>,
    former: HashSet<String>,
    since: Instant,
}

impl Tokens {
    pub(super) fn new(now: Instant) -> Self {
        Self { recent: HashSet::new(), former: HashSet::new(), since: now }
    }

    pub(super) fn knows(&self, token: &str) -> bool {
        self.recent.contains(token) || self.former.contains(token)
    }

    /// Notes a token at `now`, and forgets those that have been known for long enough.
    pub(super) fn note(&mut self, token: String, now: Instant) {
        if now.duration_since(self.since) >= KNOWN {
            self.former = std::mem::take(&mut self.recent);
            self.since = now;
        }
        self.recent.insert(token);
    }

    /// Forgets tokens of transactions that were undone.
    pub(super) fn forget(&mut self, tokens: &[String]) {
        for token in tokens {
            self.recent.remove(token);
            self.former.remove(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_for_a_minute_and_not_for_ever() {
        let start = Instant::now();
        let mut tokens = Tokens::new(start);
        tokens.note("first".to_owned(), start);
        tokens.note("second".to_owned(), start + KNOWN);
        assert!(tokens.knows("first") && tokens.knows("second") && !tokens.knows("third"));
        tokens.note("third".to_owned(), start + KNOWN * 2 + Duration::from_secs(1));
        assert!(!tokens.knows("first") && tokens.knows("second") && tokens.knows("third"));
    }
}
