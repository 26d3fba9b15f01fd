//! DynamoDB Streams in this process: reads the records that the embedded database writes, and hands them to a handler.
//!
//! Records are read in order, filtered as `template.yaml` filters them, and handed over in batches. A batch that fails
//! is handed over again from its first failed record, so a record may be handled more than once but is never skipped.
//! A handled record is trimmed (deleted) some time later; what has not been trimmed when the process ends is read again
//! at the next start.
//!
//! The database itself never deletes stream records, and looks for the last one at every write. Without the trimming,
//! and without the index that [`StreamReader::open`] creates, each write would scan all records, and a server would
//! become slower the longer it runs.

use crate::database::{Database, DatabaseError};
use crate::stream_filter::{self, ChangeKind};
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::future::Future;
use std::path::Path;
use std::time::Duration;

/// Maximum number of matching records in a batch, as `template.yaml` has it.
const MAX_BATCH_SIZE: usize = 100;

/// Maximum number of records that are read for a batch, matching or not.
const MAX_RECORDS_READ: i64 = 1_000;

/// Number of handled records that are trimmed together. Trimming holds up other operations for a moment, and is cheaper
/// per record the more there are.
const TRIM_THRESHOLD: usize = 500;

/// Time without a write after which the stream is read anyway, and trimmed below the threshold.
const IDLE_TIMEOUT: Duration = Duration::from_millis(500);

/// Delay before a batch that failed is handed over again.
const RETRY_DELAY: Duration = Duration::from_millis(200);

/// Time to wait for a lock on the database's file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// A reader of one table's stream, with a connection of its own to the database's file.
pub struct StreamReader {
    connection: Connection,
    database: Database,
    table: String,
    /// Sequence number of the last handled record.
    position: i64,
    /// Number of records that have been handled and not trimmed.
    untrimmed: usize,
}

/// A stream record as the database stores it. The images are JSON, and are read for records that may match only.
struct StreamRecord {
    sequence_number: i64,
    keys: String,
    new_image: Option<String>,
    old_image: Option<String>,
}

/// Result of reading and handling one batch.
enum BatchOutcome {
    /// There were no records.
    Empty,
    /// Every record was handled.
    Handled,
    /// A record failed. The next batch begins with it.
    Failed,
}

impl StreamReader {
    /// Opens the stream of `table` in `file`, the file that `database` was opened with.
    pub fn open(file: &Path, table: &str, database: Database) -> Result<Self, DatabaseError> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(LOCK_TIMEOUT)?;
        connection.execute_batch(
            "CREATE INDEX IF NOT EXISTS stream_records_in_order \
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
        )?;
        Ok(Self { connection, database, table: table.to_owned(), position: 0, untrimmed: 0 })
    }

    /// Hands records to `handler` until the task is aborted.
    pub async fn run<F>(mut self, handler: impl Fn(Event) -> F)
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        let written = self.database.stream_written();
        loop {
            let (reader, outcome) = self.handle_batch(&handler).await;
            self = reader;
            match outcome {
                BatchOutcome::Handled => {}
                BatchOutcome::Failed => tokio::time::sleep(RETRY_DELAY).await,
                BatchOutcome::Empty => {
                    if tokio::time::timeout(IDLE_TIMEOUT, written.notified()).await.is_err() && self.untrimmed > 0 {
                        self.trim();
                    }
                }
            }
        }
    }

    /// Hands the records of the last process to `handler`. Returns when there are none left, or at the first batch that
    /// fails, which [`run`](Self::run) repeats.
    pub async fn catch_up<F>(mut self, handler: impl Fn(Event) -> F) -> Self
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        loop {
            let (reader, outcome) = self.handle_batch(&handler).await;
            self = reader;
            if !matches!(outcome, BatchOutcome::Handled) {
                return self;
            }
        }
    }

    /// Reads the next batch, hands it to `handler`, and advances behind what was handled.
    async fn handle_batch<F>(self, handler: &impl Fn(Event) -> F) -> (Self, BatchOutcome)
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        let (mut reader, records) = self.read_on_blocking_thread().await;
        let records = records.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read the stream");
            Vec::new()
        });
        let Some(last) = records.last().map(|record| record.sequence_number) else {
            return (reader, BatchOutcome::Empty);
        };
        let first_failed = invoke(handler, &records).await;
        reader.position = first_failed.map_or(last, |failed| failed - 1);
        reader.untrimmed += records.len();
        if reader.untrimmed >= TRIM_THRESHOLD {
            reader.trim();
        }
        (reader, if first_failed.is_some() { BatchOutcome::Failed } else { BatchOutcome::Handled })
    }

    /// Runs [`read_batch`](Self::read_batch) on a thread where waiting for the file's lock delays nothing else.
    async fn read_on_blocking_thread(mut self) -> (Self, rusqlite::Result<Vec<StreamRecord>>) {
        let read = tokio::task::spawn_blocking(move || {
            let records = self.read_batch();
            (self, records)
        });
        match read.await {
            Ok(read) => read,
            // The runtime shuts down, or the read panicked: the reader is lost, and nothing more can be read.
            Err(_) => std::future::pending().await,
        }
    }

    /// Reads the records behind the position: up to a batch of those that may match, and the others between them.
    fn read_batch(&mut self) -> rusqlite::Result<Vec<StreamRecord>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT CAST(sequence_number AS INTEGER), keys_json, iif(may_match, new_image, NULL), \
             iif(may_match, old_image, NULL), may_match FROM (SELECT *, {} AS may_match FROM _stream_records \
             WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2 \
             ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3)",
            stream_filter::may_match_sql()
        ))?;
        let mut rows = statement.query(params![self.table, self.position, MAX_RECORDS_READ])?;
        let mut records = Vec::new();
        let mut matching = 0;
        while let Some(row) = rows.next()? {
            records.push(StreamRecord {
                sequence_number: row.get(0)?,
                keys: row.get(1)?,
                new_image: row.get(2)?,
                old_image: row.get(3)?,
            });
            matching += usize::from(row.get::<_, bool>(4)?);
            if matching == MAX_BATCH_SIZE {
                break;
            }
        }
        Ok(records)
    }

    /// Deletes the handled records, by the database's own connection. This one would have to wait for a moment without
    /// a write.
    fn trim(&mut self) {
        self.database.trim_stream(&self.table, self.position);
        self.untrimmed = 0;
    }
}

/// Hands the records that match to `handler`. Returns the sequence number of the first that failed.
async fn invoke<F>(handler: &impl Fn(Event) -> F, records: &[StreamRecord]) -> Option<i64>
where
    F: Future<Output = DynamoDbEventResponse>,
{
    let matching: Vec<_> = records.iter().filter_map(to_event_record).collect();
    if matching.is_empty() {
        return None;
    }
    let mut batch = Event::default();
    batch.records = matching;
    let response = handler(batch).await;
    let failures = response.batch_item_failures.iter();
    failures.filter_map(|failure| failure.item_identifier.as_deref()?.parse().ok()).min()
}

/// Returns a record in the form of Lambda's event, or `None` if the filter does not match it.
fn to_event_record(record: &StreamRecord) -> Option<EventRecord> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    let keys = parse(&record.keys)?;
    let kind = if record.new_image.is_none() { ChangeKind::Removed } else { ChangeKind::Changed };
    if !stream_filter::matches(&keys, kind) {
        return None;
    }
    let event_name = match (&record.old_image, &record.new_image) {
        (None, _) => "INSERT",
        (Some(_), None) => "REMOVE",
        (Some(_), Some(_)) => "MODIFY",
    };
    let image = |image: &Option<String>| image.as_deref().and_then(parse).unwrap_or_else(|| json!({}));
    let event_record = json!({
        "awsRegion": "local",
        "eventID": record.sequence_number.to_string(),
        "eventName": event_name,
        "dynamodb": {
            "ApproximateCreationDateTime": 0,
            "Keys": keys,
            "NewImage": image(&record.new_image),
            "OldImage": image(&record.old_image),
            "SequenceNumber": record.sequence_number.to_string(),
            "SizeBytes": 0,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    });
    match serde_json::from_value(event_record) {
        Ok(record) => Some(record),
        Err(error) => {
            tracing::error!(%error, "cannot parse a stream record");
            None
        }
    }
}
