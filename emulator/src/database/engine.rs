//! The embedded database on its thread: executes operations, and commits them in groups.
//!
//! **Group commit.** A commit is the most expensive part of a small write: the pages that it changed are written and,
//! with `--data`, synced to disk. So operations that arrived together are executed in one SQLite transaction, and pages
//! that several of them change are written once. No response is sent before the group is committed, so each caller sees
//! what it would see with a transaction of its own: its operation took effect durably, or not at all. Operations are
//! executed in the order of their arrival, each sees the effects of those before it, and their conditions are evaluated
//! then.
//!
//! **How it is done.** The storage library begins and commits a transaction for each operation that needs one. While a
//! group is open, an SQLite authorizer makes the library's own BEGIN, COMMIT and ROLLBACK statements do nothing, so all
//! operations join the group's transaction.
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
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::params;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Number of prepared statements to keep: more than all tables and indexes need.
const STATEMENT_CACHE_SIZE: usize = 256;

/// The database, and the tokens of its recent transactions.
pub(super) struct Engine {
    storage: Storage,
    tokens: TransactionTokens,
    /// True while a group is open, and the storage's own BEGIN, COMMIT and ROLLBACK do nothing.
    in_group: Arc<AtomicBool>,
}

/// The group was rolled back: none of its operations took effect.
struct RolledBack;

impl Engine {
    /// Opens the database in `file`, creating it if necessary.
    pub(super) fn open(file: &Path) -> Result<Self, DynoxideError> {
        let storage = Storage::new(&file.to_string_lossy())?;
        storage.conn().set_prepared_statement_cache_capacity(STATEMENT_CACHE_SIZE);
        // Savepoints keep their undo information in memory instead of a temporary file.
        storage.conn().pragma_update(None, "temp_store", "MEMORY")?;
        let in_group = Arc::new(AtomicBool::new(false));
        let ignore = Arc::clone(&in_group);
        storage.conn().authorizer(Some(move |context: AuthContext<'_>| match context.action {
            AuthAction::Transaction { .. } if ignore.load(Ordering::Relaxed) => Authorization::Ignore,
            _ => Authorization::Allow,
        }));
        Ok(Self { storage, tokens: TransactionTokens::new(Instant::now()), in_group })
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
        self.in_group.store(true, Ordering::Relaxed);
        let executed = requests.iter().map(|request| self.execute_in_group(request, &mut new_tokens)).collect();
        self.in_group.store(false, Ordering::Relaxed);
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
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn request(operation: &str, fields: &Value) -> Request {
        Request { operation: operation.to_owned(), body: fields.to_string().into() }
    }

    fn put(name: &str) -> Request {
        let item = json!({ "pk": { "S": name }, "n": { "N": "0" } });
        let condition = "attribute_not_exists(pk)";
        request("PutItem", &json!({ "TableName": "things", "Item": item, "ConditionExpression": condition }))
    }

    fn update(name: &str) -> Value {
        let (key, values) = (json!({ "pk": { "S": name } }), json!({ ":one": { "N": "1" } }));
        let add = "SET n = n + :one";
        json!({ "TableName": "things", "Key": key, "UpdateExpression": add, "ExpressionAttributeValues": values })
    }

    fn transaction(token: &str, names: &[&str]) -> Request {
        let items: Vec<_> = names.iter().map(|name| json!({ "Update": update(name) })).collect();
        request("TransactWriteItems", &json!({ "TransactItems": items, "ClientRequestToken": token }))
    }

    struct TestEngine {
        engine: Engine,
        folder: tempfile::TempDir,
    }

    impl TestEngine {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut engine = Engine::open(&folder.path().join("file.db")).unwrap();
            let table = json!({
                "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            });
            assert_eq!(statuses(&engine.execute(&[request("CreateTable", &table)])), [200]);
            Self { engine, folder }
        }

        fn execute(&mut self, requests: &[Request]) -> Vec<u16> {
            statuses(&self.engine.execute(requests))
        }

        /// Returns the counter `n` of an item, if the item exists.
        fn counter(&mut self, name: &str) -> Option<String> {
            let get = request("GetItem", &json!({ "TableName": "things", "Key": { "pk": { "S": name } } }));
            let (_, response) = self.engine.execute(&[get]).remove(0).unwrap();
            let response: Value = serde_json::from_str(&response).unwrap();
            response["Item"]["n"]["N"].as_str().map(str::to_owned)
        }
    }

    fn statuses(responses: &[Option<Response>]) -> Vec<u16> {
        responses.iter().map(|response| response.as_ref().unwrap().0).collect()
    }

    /// Earlier versions can corrupt memory (CVE-2025-6965): see `patches/libsqlite3-sys`.
    #[test]
    fn sqlite_is_3_50_2_or_later() {
        assert!(rusqlite::version_number() >= 3_050_002, "{}", rusqlite::version());
    }

    #[test]
    fn grouped_operations_respond_as_if_alone() {
        let mut database = TestEngine::new();
        let update = request("UpdateItem", &update("a"));
        assert_eq!(database.execute(&[put("a"), put("b"), put("a"), update]), [200, 200, 400, 200]);
        assert_eq!((database.counter("a"), database.counter("b")), (Some("1".to_owned()), Some("0".to_owned())));
        assert!(database.engine.storage.conn().is_autocommit());
    }

    #[test]
    fn a_failed_transaction_leaves_its_group_intact() {
        let mut database = TestEngine::new();
        assert_eq!(database.execute(&[put("a")]), [200]);
        // The second item does not exist, so its update fails.
        let fails = transaction("token", &["a", "missing"]);
        assert_eq!(database.execute(&[put("b"), fails, put("c")]), [200, 400, 200]);
        assert_eq!(database.counter("a"), Some("0".to_owned()));
        assert_eq!(database.counter("missing"), None);
        assert_eq!((database.counter("b"), database.counter("c")), (Some("0".to_owned()), Some("0".to_owned())));
    }

    #[test]
    fn a_group_fails_while_the_file_is_locked() {
        let mut database = TestEngine::new();
        database.engine.storage.conn().busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = rusqlite::Connection::open(database.folder.path().join("file.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_eq!(database.execute(&[put("a"), put("b")]), [500, 500]);
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(database.execute(&[put("a"), put("b")]), [200, 200]);
    }

    #[test]
    fn an_open_transaction_is_rolled_back() {
        let mut database = TestEngine::new();
        database.engine.storage.conn().execute_batch("BEGIN").unwrap();
        assert_eq!(database.execute(&[put("a")]), [500]);
        assert_eq!(database.execute(&[put("a")]), [200]);
    }

    #[test]
    fn a_repeated_token_has_no_second_effect() {
        let mut database = TestEngine::new();
        assert_eq!(database.execute(&[put("a"), transaction("t", &["a"]), transaction("t", &["a"])]), [200; 3]);
        assert_eq!(database.execute(&[transaction("t", &["a"])]), [200]);
        assert_eq!(database.counter("a"), Some("1".to_owned()));
    }

    #[test]
    fn a_failed_commit_retries_each_operation_alone() {
        let mut database = TestEngine::new();
        assert_eq!(database.execute(&[put("a")]), [200]);
        let mut commits = 0;
        let fail_first = move || {
            commits += 1;
            commits == 1
        };
        database.engine.storage.conn().commit_hook(Some(fail_first));
        assert_eq!(database.execute(&[put("b"), transaction("t", &["a"]), put("a")]), [200, 200, 400]);
        assert_eq!((database.counter("a"), database.counter("b")), (Some("1".to_owned()), Some("0".to_owned())));
    }

    #[test]
    fn a_partly_failed_write_retries_the_group_alone() {
        let mut database = TestEngine::new();
        let full = "CREATE TEMP TRIGGER full AFTER INSERT ON things WHEN NEW.pk LIKE '%full%' \
            BEGIN SELECT RAISE(FAIL, 'no space'); END";
        database.engine.storage.conn().execute_batch(full).unwrap();
        assert_eq!(database.execute(&[put("a"), put("full"), put("b")]), [200, 500, 200]);
        assert_eq!(database.counter("full"), None);
        assert_eq!((database.counter("a"), database.counter("b")), (Some("0".to_owned()), Some("0".to_owned())));
    }
}
