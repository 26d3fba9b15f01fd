//! The embedded database itself, on the thread that owns it.
//!
//! What waits together is carried out together: one of `SQLite`'s transactions for many operations, so that a page that
//! several of them change is written, and with `--data` synced, once. Nobody is answered before it is committed.

use super::tokens::Tokens;
use super::{Answered, Request};
use crate::stream;
use dynoxide::DynoxideError;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::actions::{
    batch_get_item, create_table, delete_item, get_item, put_item, query, scan, transact_write_items, update_item,
};
use dynoxide::storage::Storage;
use futures_util::FutureExt;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Statements that are not read again each time: those of all tables and indexes.
const STATEMENTS: usize = 256;

/// The database, its connection and what it remembers.
pub(super) struct Engine {
    storage: Storage,
    tokens: Tokens,
    /// While it is set, the storage's own BEGIN, COMMIT and ROLLBACK do nothing: a transaction around them is open.
    grouped: Arc<AtomicBool>,
}

/// A group that was not carried out; nothing of it took effect.
struct Undone;

impl Engine {
    /// Opens or makes the database in `file`.
    pub(super) fn open(file: &Path) -> Result<Self, DynoxideError> {
        let storage = Storage::new(&file.to_string_lossy())?;
        storage.conn().set_prepared_statement_cache_capacity(STATEMENTS);
        // What may have to be undone of a group is remembered in memory, not in a file.
        storage.conn().pragma_update(None, "temp_store", "MEMORY")?;
        let grouped = Arc::new(AtomicBool::new(false));
        let within = Arc::clone(&grouped);
        storage.conn().authorizer(Some(move |asked: AuthContext<'_>| match asked.action {
            AuthAction::Transaction { .. } if within.load(Ordering::Relaxed) => Authorization::Ignore,
            _ => Authorization::Allow,
        }));
        Ok(Self { storage, tokens: Tokens::new(Instant::now()), grouped })
    }

    /// Carries out what was asked, in its order. An operation that panics is one without an answer.
    pub(super) fn answer(&mut self, asked: &[Request]) -> Vec<Option<Answered>> {
        // What only reads has nothing to share, and tables are made on their own.
        let together = asked.len() > 1
            && asked.iter().any(Request::writes)
            && asked.iter().all(|request| request.operation != "CreateTable");
        if together && let Ok(answered) = self.group(asked) {
            return answered;
        }
        asked.iter().map(|request| self.run_alone(request)).collect()
    }

    /// Removes what the stream's reader has handled.
    pub(super) fn trim(&self, table: &str, handled: i64) -> rusqlite::Result<()> {
        stream::trim(self.storage.conn(), table, handled)
    }

    /// Carries out everything in one transaction, or nothing.
    fn group(&mut self, asked: &[Request]) -> Result<Vec<Option<Answered>>, Undone> {
        if let Err(error) = self.storage.begin_transaction() {
            // Somebody else holds the file: that was waited for once, and not again for each.
            return Ok(asked.iter().map(|_| Some((error.status_code(), error.to_json()))).collect());
        }
        let mut tokens = Vec::new();
        self.grouped.store(true, Ordering::Relaxed);
        let carried_out = asked.iter().map(|request| self.run_in_group(request, &mut tokens)).collect();
        self.grouped.store(false, Ordering::Relaxed);
        let committed = Result::and_then(carried_out, |answers| {
            self.storage.commit().map_err(|_| Undone)?;
            Ok(answers)
        });
        if committed.is_err() {
            // Where SQLite ended the transaction by itself there is nothing left to roll back.
            let _ = self.storage.rollback();
            self.tokens.forget(&tokens);
        }
        committed
    }

    /// Carries out one operation of a group. A transaction that failed is undone by itself; where anything else failed
    /// half-way the group is, and each is then carried out by itself.
    fn run_in_group(&mut self, request: &Request, tokens: &mut Vec<String>) -> Result<Option<Answered>, Undone> {
        let several = request.operation == "TransactWriteItems";
        if several {
            self.execute("SAVEPOINT operation")?;
        }
        let changes = self.storage.conn().total_changes();
        let answered = self.run(request, tokens);
        let failed = answered.as_ref().is_none_or(|(status, _)| *status != 200);
        let half_done = failed && self.storage.conn().total_changes() != changes;
        if several && half_done {
            self.execute("ROLLBACK TO operation")?;
        }
        if several {
            self.execute("RELEASE operation")?;
        }
        // On some failures SQLite ends the transaction by itself.
        let ended = self.storage.conn().is_autocommit();
        if ended || (half_done && !several) { Err(Undone) } else { Ok(answered) }
    }

    fn execute(&self, statement: &str) -> Result<(), Undone> {
        let mut statement = self.storage.conn().prepare_cached(statement).map_err(|_| Undone)?;
        statement.execute([]).map_err(|_| Undone)?;
        Ok(())
    }

    /// Carries out one operation by itself.
    fn run_alone(&mut self, request: &Request) -> Option<Answered> {
        let answered = self.run(request, &mut Vec::new());
        if !self.storage.conn().is_autocommit() {
            // It panicked half-way, or could not be undone at once: the next is not to find itself within it.
            let _ = self.storage.rollback();
        }
        answered
    }

    fn run(&mut self, request: &Request, tokens: &mut Vec<String>) -> Option<Answered> {
        let run = AssertUnwindSafe(|| match self.dispatch(request, tokens) {
            Ok(answer) => (200, answer),
            Err(error) => (error.status_code(), error.to_json()),
        });
        std::panic::catch_unwind(run).ok()
    }

    /// The operations that the store uses.
    fn dispatch(&mut self, request: &Request, tokens: &mut Vec<String>) -> Result<String, DynoxideError> {
        let (storage, body) = (&self.storage, request.body());
        match request.operation.as_str() {
            "GetItem" => write(&now(get_item::execute(storage, read(body)?))?),
            "PutItem" => write(&now(put_item::execute(storage, read(body)?))?),
            "UpdateItem" => write(&now(update_item::execute(storage, read(body)?))?),
            "DeleteItem" => write(&now(delete_item::execute(storage, read(body)?))?),
            "Query" => write(&now(query::execute(storage, read(body)?))?),
            "Scan" => write(&now(scan::execute(storage, read(body)?))?),
            "BatchGetItem" => write(&now(batch_get_item::execute(storage, read(body)?))?),
            "TransactWriteItems" => self.transact(read(body)?, tokens),
            "CreateTable" => write(&now(create_table::execute(storage, read(body)?))?),
            other => Err(DynoxideError::InternalServerError(format!("{other} is not served"))),
        }
    }

    /// Carries out a transaction, unless it is one that took effect and is sent again because its answer was lost.
    fn transact(
        &mut self,
        mut request: TransactWriteItemsRequest,
        tokens: &mut Vec<String>,
    ) -> Result<String, DynoxideError> {
        let token = request.client_request_token.take();
        if token.as_ref().is_some_and(|token| self.tokens.knows(token)) {
            return Ok("{}".to_owned());
        }
        let answer = write(&now(transact_write_items::execute(&self.storage, request))?)?;
        if let Some(token) = token {
            self.tokens.note(token.clone(), Instant::now());
            tokens.push(token);
        }
        Ok(answer)
    }
}

/// What an operation comes to. Those of the native storage never wait.
fn now<T>(operation: impl Future<Output = Result<T, DynoxideError>>) -> Result<T, DynoxideError> {
    let waits = || DynoxideError::InternalServerError("an operation waits".to_owned());
    operation.now_or_never().unwrap_or_else(|| Err(waits()))
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write<T: Serialize>(answer: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
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
        let (key, by) = (json!({ "pk": { "S": name } }), json!({ ":one": { "N": "1" } }));
        let add = "SET n = n + :one";
        json!({ "TableName": "things", "Key": key, "UpdateExpression": add, "ExpressionAttributeValues": by })
    }

    fn transaction(token: &str, names: &[&str]) -> Request {
        let items: Vec<_> = names.iter().map(|name| json!({ "Update": update(name) })).collect();
        request("TransactWriteItems", &json!({ "TransactItems": items, "ClientRequestToken": token }))
    }

    struct Opened {
        engine: Engine,
        folder: tempfile::TempDir,
    }

    impl Opened {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut engine = Engine::open(&folder.path().join("file.db")).unwrap();
            let table = json!({
                "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            });
            assert_eq!(statuses(&engine.answer(&[request("CreateTable", &table)])), [200]);
            Self { engine, folder }
        }

        fn answer(&mut self, asked: &[Request]) -> Vec<u16> {
            statuses(&self.engine.answer(asked))
        }

        /// The figure that an item has, if there is one.
        fn figure(&mut self, name: &str) -> Option<String> {
            let get = request("GetItem", &json!({ "TableName": "things", "Key": { "pk": { "S": name } } }));
            let (_, answer) = self.engine.answer(&[get]).remove(0).unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            answer["Item"]["n"]["N"].as_str().map(str::to_owned)
        }
    }

    fn statuses(answers: &[Option<Answered>]) -> Vec<u16> {
        answers.iter().map(|answer| answer.as_ref().unwrap().0).collect()
    }

    #[test]
    fn each_of_a_group_is_answered_as_if_it_came_alone() {
        let mut house = Opened::new();
        let update = request("UpdateItem", &update("a"));
        assert_eq!(house.answer(&[put("a"), put("b"), put("a"), update]), [200, 200, 400, 200]);
        assert_eq!((house.figure("a"), house.figure("b")), (Some("1".to_owned()), Some("0".to_owned())));
        assert!(house.engine.storage.conn().is_autocommit());
    }

    #[test]
    fn what_fails_half_way_leaves_nothing_and_takes_nothing_with_it() {
        let mut house = Opened::new();
        assert_eq!(house.answer(&[put("a")]), [200]);
        // The second item has no figure to add to.
        let fails = transaction("once", &["a", "missing"]);
        assert_eq!(house.answer(&[put("b"), fails, put("c")]), [200, 400, 200]);
        assert_eq!(house.figure("a"), Some("0".to_owned()));
        assert_eq!(house.figure("missing"), None);
        assert_eq!((house.figure("b"), house.figure("c")), (Some("0".to_owned()), Some("0".to_owned())));
    }

    #[test]
    fn a_group_that_cannot_begin_is_refused() {
        let mut house = Opened::new();
        house.engine.storage.conn().busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = rusqlite::Connection::open(house.folder.path().join("file.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_eq!(house.answer(&[put("a"), put("b")]), [500, 500]);
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(house.answer(&[put("a"), put("b")]), [200, 200]);
    }

    #[test]
    fn what_was_left_open_is_undone_before_the_next() {
        let mut house = Opened::new();
        house.engine.storage.conn().execute_batch("BEGIN").unwrap();
        assert_eq!(house.answer(&[put("a")]), [500]);
        assert_eq!(house.answer(&[put("a")]), [200]);
    }

    #[test]
    fn a_token_counts_once_within_a_group_and_after_it() {
        let mut house = Opened::new();
        assert_eq!(house.answer(&[put("a"), transaction("t", &["a"]), transaction("t", &["a"])]), [200; 3]);
        assert_eq!(house.answer(&[transaction("t", &["a"])]), [200]);
        assert_eq!(house.figure("a"), Some("1".to_owned()));
    }

    #[test]
    fn a_group_that_cannot_be_committed_is_carried_out_one_by_one() {
        let mut house = Opened::new();
        assert_eq!(house.answer(&[put("a")]), [200]);
        let mut commits = 0;
        let refuse_first = move || {
            commits += 1;
            commits == 1
        };
        house.engine.storage.conn().commit_hook(Some(refuse_first));
        assert_eq!(house.answer(&[put("b"), transaction("t", &["a"]), put("a")]), [200, 200, 400]);
        assert_eq!((house.figure("a"), house.figure("b")), (Some("1".to_owned()), Some("0".to_owned())));
    }

    #[test]
    fn a_single_write_that_fails_half_way_leaves_nothing_and_takes_nothing_with_it() {
        let mut house = Opened::new();
        let full = "CREATE TEMP TRIGGER full AFTER INSERT ON things WHEN NEW.pk LIKE '%full%' \
            BEGIN SELECT RAISE(FAIL, 'no space'); END";
        house.engine.storage.conn().execute_batch(full).unwrap();
        assert_eq!(house.answer(&[put("a"), put("full"), put("b")]), [200, 500, 200]);
        assert_eq!(house.figure("full"), None);
        assert_eq!((house.figure("a"), house.figure("b")), (Some("0".to_owned()), Some("0".to_owned())));
    }
}
