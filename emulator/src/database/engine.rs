//! The embedded database: executes operations, and commits them in groups.
//!
//! **Group commit.** A commit is the most expensive part of a small write: the pages that it changed are written and,
//! with `--data`, synced to disk. So operations that arrived together are executed in one SQLite transaction, and pages
//! that several of them change are written once. No response is sent before the group is committed, so each caller sees
//! what it would see with a transaction of its own: its operation took effect durably, or not at all. Operations are
//! executed in the order of their arrival, each sees the effects of those before it, and their conditions are evaluated
//! then.
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

use super::request::{Request, Response};
use super::transaction_tokens::TransactionTokens;
use dynoxide::DynoxideError;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::actions::{
    batch_get_item, create_table, delete_item, get_item, put_item, query, scan, transact_write_items, update_item,
};
use dynoxide::storage::Storage;
use futures_util::FutureExt;
use rusqlite::params;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
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
        Ok(Self { storage, tokens: TransactionTokens::new(Instant::now()) })
    }

    /// Executes requests in order. A request whose execution panics has no response.
    pub(super) fn execute(&mut self, requests: &[Request]) -> Vec<Option<Response>> {
        // Reads alone have nothing to commit. Tables are created in a transaction of their own.
        let as_group = requests.len() > 1
            && requests.iter().any(Request::is_write)
            && requests.iter().all(|request| request.operation != "CreateTable");
        if as_group && let Ok(responses) = self.execute_group(requests) {
            return responses;
        }
        requests.iter().map(|request| self.execute_alone(request)).collect()
    }

    /// Deletes the records of `table`'s stream up to the sequence number `through`.
    pub(super) fn trim_stream(&self, table: &str, through: i64) -> rusqlite::Result<()> {
        let mut statement = self.storage.conn().prepare_cached(
            "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2",
        )?;
        statement.execute(params![table, through])?;
        Ok(())
    }

    /// Executes all requests in one transaction, or none of them.
    fn execute_group(&mut self, requests: &[Request]) -> Result<Vec<Option<Response>>, RolledBack> {
        if let Err(error) = self.storage.begin_transaction() {
            // Another process holds the file's lock. This waited for it once; it must not wait again for each request.
            return Ok(requests.iter().map(|_| Some((error.status_code(), error.to_json()))).collect());
        }
        let mut new_tokens = Vec::new();
        self.storage.set_joins_transaction(true);
        let executed = requests.iter().map(|request| self.execute_in_group(request, &mut new_tokens)).collect();
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

    /// Executes one request of a group. If it failed after a write, undoes that, or gives up the group.
    fn execute_in_group(
        &mut self,
        request: &Request,
        new_tokens: &mut Vec<String>,
    ) -> Result<Option<Response>, RolledBack> {
        let has_savepoint = request.operation == "TransactWriteItems";
        if has_savepoint {
            self.execute_statement("SAVEPOINT operation")?;
        }
        let changes_before = self.storage.conn().total_changes();
        let response = self.execute_request(request, new_tokens);
        let failed = response.as_ref().is_none_or(|(status, _)| *status != 200);
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

    /// Executes one request in a transaction of its own.
    fn execute_alone(&mut self, request: &Request) -> Option<Response> {
        let response = self.execute_request(request, &mut Vec::new());
        if !self.storage.conn().is_autocommit() {
            // The operation panicked, or its rollback failed. The next one must not join its transaction.
            let _ = self.storage.rollback();
        }
        response
    }

    /// Executes one request in the current transaction, if there is one. Returns `None` if it panics.
    fn execute_request(&mut self, request: &Request, new_tokens: &mut Vec<String>) -> Option<Response> {
        let execute = AssertUnwindSafe(|| match self.dispatch(request, new_tokens) {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        });
        std::panic::catch_unwind(execute).ok()
    }

    /// Executes one of the operations that the crate `store` uses.
    fn dispatch(&mut self, request: &Request, new_tokens: &mut Vec<String>) -> Result<String, DynoxideError> {
        let (storage, body) = (&self.storage, request.body());
        match request.operation.as_str() {
            "GetItem" => to_json(&ready(get_item::execute(storage, parse(body)?))?),
            "PutItem" => to_json(&ready(put_item::execute(storage, parse(body)?))?),
            "UpdateItem" => to_json(&ready(update_item::execute(storage, parse(body)?))?),
            "DeleteItem" => to_json(&ready(delete_item::execute(storage, parse(body)?))?),
            "Query" => to_json(&ready(query::execute(storage, parse(body)?))?),
            "Scan" => to_json(&ready(scan::execute(storage, parse(body)?))?),
            "BatchGetItem" => to_json(&ready(batch_get_item::execute(storage, parse(body)?))?),
            "TransactWriteItems" => self.transact_write_items(parse(body)?, new_tokens),
            "CreateTable" => to_json(&ready(create_table::execute(storage, parse(body)?))?),
            other => Err(DynoxideError::InternalServerError(format!("the operation {other} is not supported"))),
        }
    }

    /// Executes a transaction, unless its token shows that it was committed and is sent again because the response was
    /// lost.
    fn transact_write_items(
        &mut self,
        mut request: TransactWriteItemsRequest,
        new_tokens: &mut Vec<String>,
    ) -> Result<String, DynoxideError> {
        let token = request.client_request_token.take();
        if token.as_ref().is_some_and(|token| self.tokens.contains(token)) {
            return Ok("{}".to_owned());
        }
        let response = to_json(&ready(transact_write_items::execute(&self.storage, request))?)?;
        if let Some(token) = token {
            self.tokens.insert(token.clone(), Instant::now());
            new_tokens.push(token);
        }
        Ok(response)
    }
}

/// Returns the result of an operation. With the native storage, none of the library's futures ever waits.
fn ready<T>(operation: impl Future<Output = Result<T, DynoxideError>>) -> Result<T, DynoxideError> {
    let not_ready = || DynoxideError::InternalServerError("an operation of the database waits".to_owned());
    operation.now_or_never().unwrap_or_else(|| Err(not_ready()))
}

fn parse<T: DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn to_json<T: Serialize>(response: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

#[cfg(test)]
mod tests;
