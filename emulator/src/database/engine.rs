//! The embedded database: executes operations, and commits them in groups.
//!
//! **Group commit.** A commit is the most expensive part of a small write: the pages that it changed are written and,
//! with `--data`, synced to disk. So operations that arrived together are executed in one SQLite transaction, and pages
//! that several of them change are written once. No response is sent before the group is committed, so each caller sees
//! what it would see with a transaction of its own: its operation took effect, or not at all. Operations are
//! executed in the order of their arrival, each sees the effects of those before it, and their conditions are evaluated
//! then.
//!
//! **Deferred syncs.** A group without a write that must be synced is committed without: the next one that has one syncs
//! the log as a whole. SQLite's log keeps the order, so what a failure of the machine leaves is a state that the database
//! had.
//!
//! **How it is done.** The storage library begins and commits a transaction for each operation that needs one. While a
//! group is open, it is told to join the group's transaction instead.
//!
//! **When an operation fails.** Most failures, such as an unmet condition, change nothing, and the group continues. A
//! `TransactWriteItems` may fail after its first writes and relies on its ROLLBACK, which does nothing now. It gets a
//! savepoint, and that is rolled back instead. Any other operation that fails after a write, or a failure on which
//! SQLite itself ends the transaction, rolls back the whole group, and each operation is then executed by itself. So is
//! every operation of a group that cannot be committed.
//!
//! **Tokens.** A group that is rolled back also removes the `ClientRequestToken`s that it added, or the repetition
//! would take its transactions for done.

use super::Durability;
use super::attribute_values::Item;
use super::operation::{Operation, Output, Response, key_of};
use super::transaction_tokens::TransactionTokens;
use crate::stream_filter;
use dynoxide::DynoxideError;
use dynoxide::actions::transact_write_items::{TransactWriteItemsRequest, TransactWriteItemsResponse};
use dynoxide::storage::Storage;
use rusqlite::params;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Instant;

/// Memory for pages of the database, in the unit of SQLite's `cache_size`: negative, in KiB. Keys are random, so writes
/// touch pages all over the indexes, and with SQLite's default of 2 MB most of them are read again for each write.
const PAGE_CACHE_SIZE: i64 = -32 * 1_024;

/// Number of pages in the write-ahead log after which they are copied into the database. Some pages, such as the ends of
/// the stream and the roots of indexes, change with every write: the longer the log, the fewer times they are copied.
/// This many take 16 MB, and fit in one segment of the log's index.
const CHECKPOINT_INTERVAL: i64 = 4_000;

/// The database, and the tokens of its recent transactions.
pub(super) struct Engine {
    storage: Storage,
    tokens: TransactionTokens,
    /// Durability of commits, as SQLite is set at the moment.
    durability: Durability,
}

/// The group was rolled back: none of its operations took effect.
struct RolledBack;

impl Engine {
    /// Opens the database in `file`, creating it if necessary.
    pub(super) fn open(file: &Path) -> Result<Self, DynoxideError> {
        let storage = Storage::new(&file.to_string_lossy())?;
        // Savepoints keep their undo information in memory instead of a temporary file.
        storage.conn().pragma_update(None, "temp_store", "MEMORY")?;
        storage.conn().pragma_update(None, "cache_size", PAGE_CACHE_SIZE)?;
        storage.conn().pragma_update(None, "wal_autocheckpoint", CHECKPOINT_INTERVAL)?;
        storage.set_stream_filter(is_streamed);
        let mut engine =
            Self { storage, tokens: TransactionTokens::new(Instant::now()), durability: Durability::Deferred };
        engine.set_durability(Durability::Synced)?;
        Ok(engine)
    }

    /// Executes operations in order. An operation whose execution panics has no response.
    pub(super) fn execute(&mut self, operations: Vec<Operation>, durability: Durability) -> Vec<Option<Response>> {
        if operations.iter().any(|operation| !operation.is_read())
            && let Err(error) = self.set_durability(durability)
        {
            return operations
                .iter()
                .map(|_| Some(Err(DynoxideError::InternalServerError(error.to_string()))))
                .collect();
        }
        // Reads alone have nothing to commit. Tables are created in a transaction of their own.
        let as_group = operations.len() > 1 && operations.iter().any(Operation::is_write);
        let copies = if as_group { operations.iter().map(Operation::copy).collect() } else { None };
        if let Some(copies) = copies
            && let Ok(responses) = self.execute_group(copies)
        {
            return responses;
        }
        operations.into_iter().map(|operation| self.execute_alone(operation)).collect()
    }

    /// Returns the durability of the last commit.
    #[cfg(test)]
    pub(super) fn durability(&self) -> Durability {
        self.durability
    }

    /// Sets the durability of the commits that follow. Must not be called within a transaction.
    fn set_durability(&mut self, durability: Durability) -> rusqlite::Result<()> {
        if durability != self.durability {
            let level = match durability {
                Durability::Synced => "FULL",
                Durability::Deferred => "NORMAL",
            };
            self.storage.conn().pragma_update(None, "synchronous", level)?;
            self.durability = durability;
        }
        Ok(())
    }

    /// Deletes the records of `table`'s stream up to the sequence number `through`.
    pub(super) fn trim_stream(&mut self, table: &str, through: i64) -> rusqlite::Result<()> {
        self.set_durability(Durability::Deferred)?;
        let mut statement = self.storage.conn().prepare_cached(
            "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2",
        )?;
        statement.execute(params![table, through])?;
        Ok(())
    }

    /// Executes all operations in one transaction, or none of them.
    fn execute_group(&mut self, operations: Vec<Operation>) -> Result<Vec<Option<Response>>, RolledBack> {
        if let Err(error) = self.storage.begin_transaction() {
            // Another process holds the file's lock. This waited for it once; it must not wait again for each operation.
            let failed = || DynoxideError::InternalServerError(error.to_string());
            return Ok(operations.iter().map(|_| Some(Err(failed()))).collect());
        }
        let mut new_tokens = Vec::new();
        self.storage.set_joins_transaction(true);
        let executed =
            operations.into_iter().map(|operation| self.execute_in_group(operation, &mut new_tokens)).collect();
        self.storage.set_joins_transaction(false);
        let committed = Result::and_then(executed, |responses| {
            self.storage.commit().map_err(|_| RolledBack)?;
            Ok(responses)
        });
        if committed.is_err() {
            // Fails if SQLite has ended the transaction by itself, which comes to the same.
            let _ = self.storage.rollback();
            self.tokens.remove(&new_tokens);
        }
        committed
    }

    /// Executes one operation of a group. If it failed after a write, undoes that, or gives up the group.
    fn execute_in_group(
        &mut self,
        operation: Operation,
        new_tokens: &mut Vec<String>,
    ) -> Result<Option<Response>, RolledBack> {
        let has_savepoint = matches!(operation, Operation::TransactWriteItems(_));
        if has_savepoint {
            self.execute_statement("SAVEPOINT operation")?;
        }
        let changes_before = self.storage.conn().total_changes();
        let response = self.execute_operation(operation, new_tokens);
        let failed = response.as_ref().is_none_or(Result::is_err);
        let failed_after_write = failed && self.storage.conn().total_changes() != changes_before;
        if has_savepoint && failed_after_write {
            self.execute_statement("ROLLBACK TO operation")?;
        }
        if has_savepoint {
            self.execute_statement("RELEASE operation")?;
        }
        // On some failures, such as a full disk, SQLite ends the transaction by itself.
        let transaction_ended = self.storage.conn().is_autocommit();
        if transaction_ended || (failed_after_write && !has_savepoint) { Err(RolledBack) } else { Ok(response) }
    }

    fn execute_statement(&self, statement: &str) -> Result<(), RolledBack> {
        let mut statement = self.storage.conn().prepare_cached(statement).map_err(|_| RolledBack)?;
        statement.execute([]).map_err(|_| RolledBack)?;
        Ok(())
    }

    /// Executes one operation in a transaction of its own.
    fn execute_alone(&mut self, operation: Operation) -> Option<Response> {
        let response = self.execute_operation(operation, &mut Vec::new());
        if !self.storage.conn().is_autocommit() {
            // The operation panicked, or its rollback failed. The next one must not join its transaction.
            let _ = self.storage.rollback();
        }
        response
    }

    /// Executes one operation in the current transaction, if there is one. Returns `None` if it panics.
    fn execute_operation(&mut self, operation: Operation, new_tokens: &mut Vec<String>) -> Option<Response> {
        let execute = AssertUnwindSafe(|| match operation {
            Operation::TransactWriteItems(request) => self.transact_write_items(request, new_tokens),
            other => other.execute(&self.storage),
        });
        std::panic::catch_unwind(execute).ok()
    }

    /// Executes a transaction, unless its token shows that it was committed and is sent again because the response was
    /// lost.
    fn transact_write_items(
        &mut self,
        mut request: TransactWriteItemsRequest,
        new_tokens: &mut Vec<String>,
    ) -> Response {
        let token = request.client_request_token.take();
        if token.as_ref().is_some_and(|token| self.tokens.contains(token)) {
            return Ok(Output::TransactWriteItems(TransactWriteItemsResponse::default()));
        }
        let output = Operation::TransactWriteItems(request).execute(&self.storage)?;
        if let Some(token) = token {
            self.tokens.insert(token.clone(), Instant::now());
            new_tokens.push(token);
        }
        Ok(output)
    }
}

/// Returns whether a consumer of the stream may use the records of an item, by its key. No others are written: most
/// writes are of child records and deliveries, and a record has the whole item before and after the write.
pub(super) fn is_streamed(item: &Item) -> bool {
    let (partition_key, sort_key) = key_of(item);
    stream_filter::may_match(partition_key, sort_key)
}

#[cfg(test)]
mod tests;
