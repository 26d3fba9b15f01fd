use super::*;
use rusqlite::hooks::{AuthContext, Authorization};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

fn request(operation: &str, fields: &Value) -> Operation {
    Operation::parse(operation, &fields.to_string()).expect("a valid request")
}

fn put(name: &str) -> Operation {
    let item = json!({ "pk": { "S": name }, "n": { "N": "0" } });
    let condition = "attribute_not_exists(pk)";
    request("PutItem", &json!({ "TableName": "things", "Item": item, "ConditionExpression": condition }))
}

fn update(name: &str) -> Value {
    let (key, values) = (json!({ "pk": { "S": name } }), json!({ ":one": { "N": "1" } }));
    let add = "SET n = n + :one";
    json!({ "TableName": "things", "Key": key, "UpdateExpression": add, "ExpressionAttributeValues": values })
}

fn transaction(token: &str, names: &[&str]) -> Operation {
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
        assert_eq!(statuses(&engine.execute(vec![request("CreateTable", &table)], Durability::Synced)), [200]);
        Self { engine, folder }
    }

    fn execute(&mut self, operations: Vec<Operation>) -> Vec<u16> {
        statuses(&self.engine.execute(operations, Durability::Synced))
    }

    /// Executes one operation, which succeeds, and returns its response.
    fn response(&mut self, operation: Operation) -> Value {
        let response = self.engine.execute(vec![operation], Durability::Synced).remove(0).unwrap().unwrap();
        serde_json::from_str(&response.to_json().unwrap()).unwrap()
    }

    /// Returns the counter `n` of an item, if the item exists.
    fn counter(&mut self, name: &str) -> Option<String> {
        let get = request("GetItem", &json!({ "TableName": "things", "Key": { "pk": { "S": name } } }));
        self.response(get)["Item"]["n"]["N"].as_str().map(str::to_owned)
    }
}

impl TestEngine {
    /// Returns the text of the only item in a group of the index `group`, if there is one.
    fn text_in_group(&mut self, group: &str) -> Option<String> {
        let query = request(
            "Query",
            &json!({
                "TableName": "indexed", "IndexName": "group", "KeyConditionExpression": "#group = :group",
                "ExpressionAttributeNames": { "#group": "group" },
                "ExpressionAttributeValues": { ":group": { "S": group } },
            }),
        );
        let response = self.response(query);
        assert!(response["Count"].as_u64().unwrap() <= 1, "{response}");
        response["Items"][0]["text"]["S"].as_str().map(str::to_owned)
    }
}

fn statuses(responses: &[Option<Response>]) -> Vec<u16> {
    let status = |response: &Response| response.as_ref().map_or_else(DynoxideError::status_code, |_| 200);
    responses.iter().map(|response| status(response.as_ref().unwrap())).collect()
}

/// Earlier versions can corrupt memory (CVE-2025-6965): see `patches/libsqlite3-sys`.
#[test]
fn sqlite_is_3_50_2_or_later() {
    assert!(rusqlite::version_number() >= 3_050_002, "{}", rusqlite::version());
}

/// `.cargo/config.toml` has the flags.
#[test]
fn sqlite_syncs_without_times_of_change() {
    assert!(option_env!("LIBSQLITE3_FLAGS").is_some_and(|flags| flags.contains("HAVE_FDATASYNC")));
}

#[test]
fn sql_of_operations_is_parsed_once() {
    let mut database = TestEngine::new();
    let operations = |name: &str| {
        let key = json!({ "pk": { "S": name } });
        let query = json!({
            "TableName": "things", "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": name } },
        });
        [
            put(name),
            transaction(name, &[name]),
            request("Query", &query),
            request("DeleteItem", &json!({ "TableName": "things", "Key": key })),
        ]
    };
    let parsed = Arc::new(Mutex::new(Vec::new()));
    let recorder = Arc::clone(&parsed);
    // SQLite asks for authorization whenever it parses a statement.
    database.engine.storage.conn().authorizer(Some(move |context: AuthContext<'_>| {
        recorder.lock().unwrap().push(format!("{:?}", context.action));
        Authorization::Allow
    }));
    for (name, is_first) in [("a", true), ("b", false)] {
        parsed.lock().unwrap().clear();
        assert_eq!(database.execute(operations(name).into()), [200; 4]);
        for operation in operations(name) {
            assert_eq!(database.execute(vec![operation]), [200]);
        }
        let parsed = parsed.lock().unwrap();
        assert_eq!(!parsed.is_empty(), is_first, "{parsed:?}");
    }
}

#[test]
fn values_of_every_type_are_stored() {
    let mut database = TestEngine::new();
    let item = json!({
        "pk": { "S": "a" }, "number": { "N": "-1.5" }, "bytes": { "B": "AAEC" }, "yes": { "BOOL": true },
        "null": { "NULL": true }, "texts": { "SS": ["a", "b"] }, "numbers": { "NS": ["1", "2"] },
        "list": { "L": [{ "S": "\u{e9} \"" }, { "L": [] }, { "M": {} }] },
        "map": { "M": { "S": { "M": { "L": { "L": [{ "N": "1" }] } } } } },
    });
    assert_eq!(database.execute(vec![request("PutItem", &json!({ "TableName": "things", "Item": item }))]), [200]);
    let get = request("GetItem", &json!({ "TableName": "things", "Key": { "pk": { "S": "a" } } }));
    assert_eq!(database.response(get), json!({ "Item": item }));
}

#[test]
fn an_index_holds_the_item_as_it_is() {
    let mut database = TestEngine::new();
    let table = json!({
        "TableName": "indexed", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "group", "AttributeType": "S" },
        ],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "GlobalSecondaryIndexes": [{
            "IndexName": "group", "KeySchema": [{ "AttributeName": "group", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        }],
    });
    assert_eq!(database.execute(vec![request("CreateTable", &table)]), [200]);
    let put = |group: Option<&str>, text: &str| {
        let mut item = json!({ "pk": { "S": "a" }, "text": { "S": text } });
        if let Some(group) = group {
            item["group"] = json!({ "S": group });
        }
        request("PutItem", &json!({ "TableName": "indexed", "Item": item }))
    };
    let delete = request("DeleteItem", &json!({ "TableName": "indexed", "Key": { "pk": { "S": "a" } } }));
    for (write, one, two) in [
        (put(None, "not indexed"), None, None),
        (put(Some("one"), "added"), Some("added"), None),
        (put(Some("one"), "changed"), Some("changed"), None),
        (put(Some("two"), "moved"), None, Some("moved")),
        (put(None, "removed"), None, None),
        (put(Some("one"), "added again"), Some("added again"), None),
        (delete, None, None),
        (put(None, "created"), None, None),
    ] {
        assert_eq!(database.execute(vec![write]), [200]);
        assert_eq!(
            [database.text_in_group("one"), database.text_in_group("two")],
            [one, two].map(|t| t.map(str::to_owned))
        );
    }
}

#[test]
fn malformed_values_are_rejected() {
    let mut database = TestEngine::new();
    for value in [
        json!({}),
        json!("text"),
        json!({ "S": 1 }),
        json!({ "N": "one" }),
        json!({ "B": "?" }),
        json!({ "NULL": false }),
        json!({ "L": {} }),
        json!({ "M": [] }),
        json!({ "M": { "a": { "N": "1" } }, "S": "text" }),
        json!({ "L": [{ "N": "one" }] }),
        json!({ "X": "text" }),
    ] {
        let item = json!({ "TableName": "things", "Item": { "pk": { "S": "a" }, "value": value } });
        let status = match Operation::parse("PutItem", &item.to_string()) {
            Ok(operation) => database.execute(vec![operation]),
            Err(error) => vec![error.status_code()],
        };
        assert_eq!(status, [400], "{value}");
    }
}

#[test]
fn grouped_operations_respond_as_if_alone() {
    let mut database = TestEngine::new();
    let update = request("UpdateItem", &update("a"));
    assert_eq!(database.execute(vec![put("a"), put("b"), put("a"), update]), [200, 200, 400, 200]);
    assert_eq!((database.counter("a"), database.counter("b")), (Some("1".to_owned()), Some("0".to_owned())));
    assert!(database.engine.storage.conn().is_autocommit());
}

#[test]
fn a_failed_transaction_leaves_its_group_intact() {
    let mut database = TestEngine::new();
    assert_eq!(database.execute(vec![put("a")]), [200]);
    // The second item does not exist, so its update fails.
    let fails = transaction("token", &["a", "missing"]);
    assert_eq!(database.execute(vec![put("b"), fails, put("c")]), [200, 400, 200]);
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
    assert_eq!(database.execute(vec![put("a"), put("b")]), [500, 500]);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(database.execute(vec![put("a"), put("b")]), [200, 200]);
}

#[test]
fn an_open_transaction_is_rolled_back() {
    let mut database = TestEngine::new();
    database.engine.storage.conn().execute_batch("BEGIN").unwrap();
    assert_eq!(database.execute(vec![put("a")]), [500]);
    assert_eq!(database.execute(vec![put("a")]), [200]);
}

#[test]
fn a_repeated_token_has_no_second_effect() {
    let mut database = TestEngine::new();
    assert_eq!(database.execute(vec![put("a"), transaction("t", &["a"]), transaction("t", &["a"])]), [200; 3]);
    assert_eq!(database.execute(vec![transaction("t", &["a"])]), [200]);
    assert_eq!(database.counter("a"), Some("1".to_owned()));
}

#[test]
fn a_failed_commit_retries_each_operation_alone() {
    let mut database = TestEngine::new();
    assert_eq!(database.execute(vec![put("a")]), [200]);
    let mut commits = 0;
    let fail_first = move || {
        commits += 1;
        commits == 1
    };
    database.engine.storage.conn().commit_hook(Some(fail_first));
    assert_eq!(database.execute(vec![put("b"), transaction("t", &["a"]), put("a")]), [200, 200, 400]);
    assert_eq!((database.counter("a"), database.counter("b")), (Some("1".to_owned()), Some("0".to_owned())));
}

#[test]
fn a_partly_failed_write_retries_the_group_alone() {
    let mut database = TestEngine::new();
    let full = "CREATE TEMP TRIGGER full AFTER INSERT ON things WHEN NEW.pk LIKE '%full%' \
        BEGIN SELECT RAISE(FAIL, 'no space'); END";
    database.engine.storage.conn().execute_batch(full).unwrap();
    assert_eq!(database.execute(vec![put("a"), put("full"), put("b")]), [200, 500, 200]);
    assert_eq!(database.counter("full"), None);
    assert_eq!((database.counter("a"), database.counter("b")), (Some("0".to_owned()), Some("0".to_owned())));
}

#[test]
fn commits_are_synced_where_a_write_asks_for_it() {
    let mut database = TestEngine::new();
    let synchronous = |database: &TestEngine| -> i64 {
        database.engine.storage.conn().query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap()
    };
    let (normal, full) = (1, 2);
    assert_eq!(synchronous(&database), full);
    for (durability, expected) in
        [(Durability::Deferred, normal), (Durability::Synced, full), (Durability::Deferred, normal)]
    {
        assert_eq!(statuses(&database.engine.execute(vec![put(&format!("{durability:?}"))], durability)).len(), 1);
        assert_eq!(synchronous(&database), expected, "{durability:?}");
    }
    let get = request("GetItem", &json!({ "TableName": "things", "Key": { "pk": { "S": "a" } } }));
    assert_eq!(statuses(&database.engine.execute(vec![get], Durability::Synced)), [200]);
    assert_eq!(synchronous(&database), normal, "a read needs no sync");
    database.engine.trim_stream("things", 0).unwrap();
    assert_eq!(synchronous(&database), normal);
}
