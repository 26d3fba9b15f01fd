//! The limit on optimistic concurrency: read, decide, write under a condition, and start again where the item changed
//! in between.

use crate::table::error::StoreError;

/// Default number of attempts of an operation whose item may change between its read and its write.
///
/// Each conflict means that another request has just succeeded. Five in a row take a burst of concurrent changes to
/// one item; the request then gets 503, which the caller may retry.
pub const MAX_CONFLICT_ATTEMPTS: u32 = 5;

/// Number of attempts of an operation on a lead's follow-up sequence, which changes more often than other items: each
/// step is claimed and settled by the sender, and replies and stops come in between.
pub const MAX_SEQUENCE_CONFLICT_ATTEMPTS: u32 = 10;

/// Counts the attempts of a read-decide-write loop.
///
/// Every such loop in the workspace has this form; each attempt reads again what its write depends on:
///
/// ```
/// # async fn change() -> Result<bool, store::StoreError> { Ok(true) }
/// # async fn change_item() -> Result<(), store::StoreError> {
/// let mut retries = store::ConflictRetries::default();
/// loop {
///     // Read the item, decide, and write it under the version that was read.
///     if change().await? {
///         return Ok(());
///     }
///     retries.next_attempt()?;
/// }
/// # }
/// ```
///
/// There is no pause between attempts: a conflict means that the other request has finished. Transactions that meet
/// each other are retried with a back-off inside [`Store::commit`](crate::Store::commit). (This is a counter and not a
/// function that takes an asynchronous closure, because such a function's future is not `Send` where the closure
/// borrows.)
#[derive(Debug)]
pub struct ConflictRetries {
    attempts_left: u32,
}

impl ConflictRetries {
    /// Allows `max_attempts` attempts, the first included.
    pub fn new(max_attempts: u32) -> Self {
        Self { attempts_left: max_attempts.saturating_sub(1) }
    }

    /// Counts an attempt that ended in a conflict, and allows the next one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Contended`] when no attempt is left.
    pub fn next_attempt(&mut self) -> Result<(), StoreError> {
        self.attempts_left = self.attempts_left.checked_sub(1).ok_or(StoreError::Contended)?;
        Ok(())
    }
}

impl Default for ConflictRetries {
    /// Allows [`MAX_CONFLICT_ATTEMPTS`].
    fn default() -> Self {
        Self::new(MAX_CONFLICT_ATTEMPTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_conflict_is_an_error() {
        let mut retries = ConflictRetries::new(3);
        assert!(retries.next_attempt().is_ok());
        assert!(retries.next_attempt().is_ok());
        assert!(matches!(retries.next_attempt(), Err(StoreError::Contended)));
    }
}
