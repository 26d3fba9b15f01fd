//! `ClientRequestToken`s of recent transactions, which make a repeated `TransactWriteItems` idempotent.

use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Minimum time a token is remembered. The SDK generates the tokens and retries for six seconds.
const TOKEN_LIFETIME: Duration = Duration::from_mins(1);

/// The tokens of transactions that were committed, in two generations.
///
/// Every operation takes constant time: new tokens enter the current generation, and when that is older than the
/// lifetime it replaces the previous one. The embedded database has tokens of its own, but keeps each for ten minutes
/// and scans all of them at every transaction, which after some thousand leads takes longer than all else. So it is
/// never given a token.
#[derive(Debug)]
pub(super) struct TransactionTokens {
    current: HashSet<String>,
    previous: HashSet<String>,
    current_since: Instant,
}

impl TransactionTokens {
    pub(super) fn new(now: Instant) -> Self {
        Self { current: HashSet::new(), previous: HashSet::new(), current_since: now }
    }

    pub(super) fn contains(&self, token: &str) -> bool {
        self.current.contains(token) || self.previous.contains(token)
    }

    /// Adds the token of a transaction committed at `now`, and drops tokens that have expired.
    pub(super) fn insert(&mut self, token: String, now: Instant) {
        if now.duration_since(self.current_since) >= TOKEN_LIFETIME {
            self.previous = std::mem::take(&mut self.current);
            self.current_since = now;
        }
        self.current.insert(token);
    }

    /// Removes the tokens of transactions that were rolled back.
    pub(super) fn remove(&mut self, tokens: &[String]) {
        for token in tokens {
            self.current.remove(token);
            self.previous.remove(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_expire_after_their_lifetime() {
        let start = Instant::now();
        let mut tokens = TransactionTokens::new(start);
        tokens.insert("first".to_owned(), start);
        tokens.insert("second".to_owned(), start + TOKEN_LIFETIME);
        assert!(tokens.contains("first") && tokens.contains("second") && !tokens.contains("third"));
        tokens.insert("third".to_owned(), start + TOKEN_LIFETIME * 2 + Duration::from_secs(1));
        assert!(!tokens.contains("first") && tokens.contains("second") && tokens.contains("third"));
    }
}
