//! The table's stream: reads what the embedded database noted, hands it to dispatch, and trims what was handled.
//!
//! The database never trims its notes and, at every write, looks for the last of them; without an index it would
//! look through all, and a house that lives long, or falls behind for a moment, would slow down. What is still there
//! after a kill was not handled and is read again.

use crate::database::Database;
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::future::Future;
use std::path::Path;
use std::time::Duration;

/// Records handed over at once, as `template.yaml` has it.
const BATCH: usize = 100;

/// What partition keys begin with whose changes concern others, as `template.yaml` has it.
const CHANGED: [&str; 3] = ["L#", "W#", "DI#"];

/// What partition keys begin with whose removal leaves something to be done, as `template.yaml` has it.
const REMOVED: [&str; 2] = ["EV#", "L#"];

/// Records that are looked at for a batch at most.
const LOOK_AHEAD: i64 = 1_000;

/// Handled records that are trimmed at once, which holds up others for a moment; when nothing happens, fewer.
const TRIM_AT: usize = 500;

/// How long to wait for a word of something written before looking anyway.
const IDLE: Duration = Duration::from_millis(500);

/// How long to wait before a batch that failed is handed over again.
const AGAIN: Duration = Duration::from_millis(200);

/// Whether a write may be one that the reader looks for: a key in its request begins like it.
pub(crate) fn may_concern(request: &str) -> bool {
    CHANGED.iter().chain(&REMOVED).any(|kind| request.match_indices(kind).any(|(at, _)| request[..at].ends_with('"')))
}

/// The reader's own connection to the database's file.
pub struct StreamReader {
    connection: Connection,
    database: Database,
    table: String,
    /// The place of the last record that was handled since the start.
    handled: i64,
    /// Records that were handled and are still there.
    untrimmed: usize,
}

/// A record and its place in the stream.
struct Noted {
    place: i64,
    keys: String,
    new: Option<String>,
    old: Option<String>,
}

impl StreamReader {
    /// Opens the stream of `table` in the database's file.
    pub fn open(file: &Path, table: &str, database: Database) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.execute_batch(
            "CREATE INDEX IF NOT EXISTS stream_records_in_order \
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
        )?;
        Ok(Self { connection, database, table: table.to_owned(), handled: 0, untrimmed: 0 })
    }

    /// Whether the keys of a record may be ones that the reader looks for, in SQL.
    fn concerns() -> String {
        let tests = CHANGED.iter().chain(&REMOVED).map(|kind| format!("instr(keys_json, '\"{kind}') > 0"));
        tests.collect::<Vec<_>>().join(" OR ")
    }

    /// What comes next: at most a batch of records that concern somebody, with all that lies between them.
    fn next(&mut self) -> rusqlite::Result<Vec<Noted>> {
        // Most records concern nobody: their images are not even read. What only looks like a key is sorted out later.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT CAST(sequence_number AS INTEGER), keys_json, iif(concerns, new_image, NULL), \
             iif(concerns, old_image, NULL), concerns FROM (SELECT *, {} AS concerns FROM _stream_records \
             WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2 \
             ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3)",
            Self::concerns()
        ))?;
        let mut rows = statement.query(params![self.table, self.handled, LOOK_AHEAD])?;
        let mut noted = Vec::new();
        let mut concerning = 0;
        while let Some(row) = rows.next()? {
            noted.push(Noted { place: row.get(0)?, keys: row.get(1)?, new: row.get(2)?, old: row.get(3)? });
            concerning += usize::from(row.get::<_, bool>(4)?);
            if concerning == BATCH {
                break;
            }
        }
        Ok(noted)
    }

    /// Has removed what was handled.
    fn trim(&mut self) {
        self.database.trim(&self.table, self.handled);
        self.untrimmed = 0;
    }
}

/// Removes a table's records up to a place. Done by the database's own connection: another would have to find a moment
/// in which nothing is written.
pub(crate) fn trim(connection: &Connection, table: &str, handled: i64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2",
    )?;
    statement.execute(params![table, handled])?;
    Ok(())
}

/// What came of looking for something new.
enum Step {
    /// Nothing has been noted.
    Nothing,
    /// A batch was handled.
    Handled,
    /// A batch was handled in part; the rest is handed over again.
    Failed,
}

impl StreamReader {
    /// Delivers records to `handler` until the task is aborted.
    pub async fn run<F>(mut self, handler: impl Fn(Event) -> F)
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        let written = self.database.written();
        loop {
            let (reader, step) = self.step(&handler).await;
            self = reader;
            match step {
                Step::Handled => {}
                Step::Failed => tokio::time::sleep(AGAIN).await,
                Step::Nothing => {
                    if tokio::time::timeout(IDLE, written.notified()).await.is_err() && self.untrimmed > 0 {
                        self.trim();
                    }
                }
            }
        }
    }

    /// Delivers the records that were written before this start; what fails is left to [`run`](Self::run).
    pub async fn catch_up<F>(mut self, handler: impl Fn(Event) -> F) -> Self
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        loop {
            let (reader, step) = self.step(&handler).await;
            self = reader;
            if !matches!(step, Step::Handled) {
                return self;
            }
        }
    }

    /// Delivers the next batch and trims what was handled of it.
    async fn step<F>(self, handler: &impl Fn(Event) -> F) -> (Self, Step)
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        let (mut stream, noted) = off_thread(self, Self::next).await;
        let noted = noted.unwrap_or_else(|error| {
            tracing::error!(%error, "the stream cannot be read");
            Vec::new()
        });
        let Some(last) = noted.last().map(|noted| noted.place) else { return (stream, Step::Nothing) };
        let failed = hand_over(handler, &noted).await;
        stream.handled = failed.map_or(last, |failed| failed - 1);
        stream.untrimmed += noted.len();
        if stream.untrimmed >= TRIM_AT {
            stream.trim();
        }
        (stream, if failed.is_some() { Step::Failed } else { Step::Handled })
    }
}

/// Hands records to the handler, those that pass the filter of `template.yaml`. Answers with the place of the first
/// that failed.
async fn hand_over<F>(handler: &impl Fn(Event) -> F, noted: &[Noted]) -> Option<i64>
where
    F: Future<Output = DynamoDbEventResponse>,
{
    let records: Vec<_> = noted.iter().filter_map(record).collect();
    if records.is_empty() {
        return None;
    }
    let mut batch = Event::default();
    batch.records = records;
    let response = handler(batch).await;
    let failures = response.batch_item_failures.iter();
    failures.filter_map(|failure| failure.item_identifier.as_deref()?.parse().ok()).min()
}

fn record(noted: &Noted) -> Option<EventRecord> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    let keys = parse(&noted.keys)?;
    let pk = keys["pk"]["S"].as_str()?;
    let wanted = if noted.new.is_none() { &REMOVED[..] } else { &CHANGED[..] };
    // Of what lies in a lead's partition only the lead itself may leave something behind, its photo.
    let hung_on_lead = noted.new.is_none() && pk.starts_with("L#") && keys["sk"]["S"] != "L";
    if hung_on_lead || !wanted.iter().any(|kind| pk.starts_with(kind)) {
        return None;
    }
    let image = |image: &Option<String>| image.as_deref().and_then(parse).unwrap_or_else(|| json!({}));
    let record = json!({
        "awsRegion": "local",
        "eventID": noted.place.to_string(),
        "eventName": if noted.old.is_none() { "INSERT" } else if noted.new.is_none() { "REMOVE" } else { "MODIFY" },
        "dynamodb": {
            "ApproximateCreationDateTime": 0,
            "Keys": keys,
            "NewImage": image(&noted.new),
            "OldImage": image(&noted.old),
            "SequenceNumber": noted.place.to_string(),
            "SizeBytes": 0,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    });
    match serde_json::from_value(record) {
        Ok(record) => Some(record),
        Err(error) => {
            tracing::error!(%error, "a stream record cannot be read");
            None
        }
    }
}

/// Runs `work` where waiting for the file holds up nobody.
async fn off_thread<T: Send + 'static>(
    stream: StreamReader,
    work: impl FnOnce(&mut StreamReader) -> T + Send + 'static,
) -> (StreamReader, T) {
    let mut stream = stream;
    let done = tokio::task::spawn_blocking(move || {
        let result = work(&mut stream);
        (stream, result)
    });
    match done.await {
        Ok(done) => done,
        // The house is going down, or the work panicked: nothing more can be read.
        Err(_) => std::future::pending().await,
    }
}
