//! A server on the recorded data, and the recorded responses.

use crate::harness::{Caller, Receiver, database_client, options, run_concurrently, text};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Clock, Timestamp};
use emulator::Database;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// Placeholder in recorded responses for links to files.
pub(super) const LINK: &str = "<link>";

/// The tables of the local server.
pub(super) const TABLE: &str = "leadhouse";
pub(super) const ACCESS_TABLE: &str = "leadhouse-access";

/// Intended differences from the recorded responses: the field, the value recorded, the value now.
const INTENDED_DIFFERENCES: [(&str, &str, &str); 2] = [
    ("type", "HOUSE", "SYSTEM"),
    // A batch is built again for each entry that was not stored, so its errors have today's texts.
    ("message", "Some of what was sent cannot be accepted.", "The request parameters are invalid"),
];

/// Returns a recorded body with the intended differences applied.
pub(super) fn with_intended_differences(recorded: &str) -> String {
    INTENDED_DIFFERENCES.iter().fold(recorded.to_owned(), |text, (field, then, now)| {
        text.replace(&format!("\"{field}\":\"{then}\""), &format!("\"{field}\":\"{now}\""))
    })
}

pub(super) fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/stored_data");
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

pub(super) fn list(name: &str) -> Vec<Value> {
    fixture(name).as_array().unwrap().clone()
}

/// A clock that shows the same time until it is advanced. Retention, retries, overlaps and limits of the fixture end at fixed
/// times: with the clock at the time of the recording they are in effect whenever the test runs.
pub(super) struct FrozenClock(AtomicI64);

impl FrozenClock {
    pub(super) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A server on the fixture's data.
pub(super) struct Restored {
    pub(super) server: LocalServer,
    pub(super) clock: Arc<FrozenClock>,
    pub(super) secrets: Value,
    _folder: TempDir,
}

impl Restored {
    pub(super) async fn new() -> Self {
        Self::at(1.0).await
    }

    /// Returns a server whose scheduled waits pass `speedup` times faster.
    pub(super) async fn at(speedup: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        restore(folder.path()).await;
        let secrets = fixture("secrets.json");
        let clock = Arc::new(FrozenClock(AtomicI64::new(secrets["recordedAt"].as_i64().unwrap())));
        let data = Some(folder.path().to_owned());
        let server =
            LocalServer::start(ServerOptions { data, speedup, clock: Arc::clone(&clock) as _, ..options() }).await;
        Self { server: server.unwrap(), clock, secrets, _folder: folder }
    }

    pub(super) fn base_url(&self) -> &str {
        &self.server.credentials.base_url
    }

    /// Returns the caller with the recorded key of this name.
    pub(super) fn caller(&self, key: &str) -> Caller {
        Caller::new(self.base_url(), text(&self.secrets["keys"], key))
    }

    /// Returns the id that was recorded under this name.
    pub(super) fn named(&self, name: &str) -> &str {
        text(&self.secrets["named"], name)
    }

    /// Returns the subscription that was recorded under this name: its id, key, contract and signing secret.
    pub(super) fn subscription(&self, name: &str) -> &Value {
        &self.secrets["secrets"][name]
    }

    /// Points a subscription at a receiver; returns the caller that may change it, and its path.
    pub(super) async fn receive(&self, name: &str, receiver: &Receiver) -> (Caller, String) {
        let recorded = self.subscription(name);
        let caller = self.caller(text(recorded, "key"));
        let path = format!("/v2/webhooks/{}", text(recorded, "id"));
        caller.patch(&path, json!({ "url": receiver.url, "status": "ENABLED" })).await.expect(200);
        (caller, path)
    }

    /// Replaces values that differ at each reading by placeholders: links to files, and when a key was last used if
    /// that was after the recording. Leaves out the texts of a score's reasons, which are for people and may change.
    pub(super) fn as_recorded(&self, mut body: Value) -> Value {
        let links = format!("{}/files/", self.base_url());
        let recorded_at = Timestamp::from_millis(self.secrets["recordedAt"].as_i64().unwrap());
        let minute = Timestamp::from_millis(recorded_at.minute() * 60_000).to_string();
        visit(&mut body, &|name, value| {
            if name == "reasons" {
                value.as_array_mut().unwrap().iter_mut().for_each(|reason| reason["text"] = Value::Null);
            }
            let Value::String(text) = value else { return };
            if text.starts_with(&links) {
                LINK.clone_into(text);
            }
            if name == "lastUsedAt" && *text >= minute {
                "since the recording".clone_into(text);
            }
            if let Some((_, _, now)) =
                INTENDED_DIFFERENCES.iter().find(|(field, then, _)| (name, &**text) == (*field, *then))
            {
                (*now).clone_into(text);
            }
        });
        body
    }
}

/// Calls `change` with every field within `value`.
fn visit(value: &mut Value, change: &impl Fn(&str, &mut Value)) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                change(name, field);
                visit(field, change);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, change)),
        _ => {}
    }
}

/// Puts the fixture into a folder of data: every item as it was stored, the files and the master keys.
async fn restore(folder: &Path) {
    std::fs::write(folder.join("master.json"), fixture("master.json").to_string()).unwrap();
    for file in list("files.json") {
        let path = folder.join("files").join(text(&file, "path"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, STANDARD.decode(text(&file, "base64")).unwrap()).unwrap();
    }
    let file = folder.join("leadhouse.db");
    let database = Database::open(&file, None, None).unwrap();
    database.store(TABLE, ACCESS_TABLE).create_tables().await.unwrap();
    let client = database_client(&database);
    let tables = fixture("items.json");
    let all =
        [TABLE, ACCESS_TABLE].map(|table| tables[table].as_array().unwrap().iter().map(move |item| (table, item)));
    let puts = all.into_iter().flatten().map(|(table, item)| {
        let item = item.as_object().unwrap().iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
        client.put_item().table_name(table).set_item(Some(item)).send()
    });
    for put in run_concurrently(puts).await {
        put.unwrap();
    }
    // The stream is empty, as after a clean stop: the items were dispatched when they were first stored.
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute("DELETE FROM _stream_records", []).unwrap();
}

/// Reads an attribute in DynamoDB's JSON, such as `{"S": "text"}`.
fn attribute(json: &Value) -> AttributeValue {
    let (name, value) = json.as_object().unwrap().iter().next().unwrap();
    let text = || value.as_str().unwrap().to_owned();
    let list = || value.as_array().unwrap().iter();
    match name.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "B" => AttributeValue::B(Blob::new(STANDARD.decode(text()).unwrap())),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "NULL" => AttributeValue::Null(true),
        "SS" => AttributeValue::Ss(list().map(|text| text.as_str().unwrap().to_owned()).collect()),
        "L" => AttributeValue::L(list().map(attribute).collect()),
        "M" => AttributeValue::M(
            value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), attribute(value))).collect(),
        ),
        other => panic!("no type {other}"),
    }
}
