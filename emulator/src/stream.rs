//! DynamoDB Streams in this process: reads the records that the embedded database writes, and hands them to handlers.
//!
//! Each consumer has a reader, and none waits for another. Records are read in order, filtered as `template.yaml`
//! filters them for the consumer, and handed over in batches, by Lambda's rules: the response names the record from
//! which the batch is handed over again, and a failure is retried for ever. So a record may be handled more than once
//! but is never skipped. What every reader has handled is trimmed (deleted) some time later; what has not been trimmed
//! when the process ends is read again at the next start.
//!
//! The database itself never deletes stream records, and looks for the last one at every write. Without the trimming,
//! and without the index that [`StreamReader::open`] creates, each write would scan all records, and a server would
//! become slower the longer it runs.

use crate::database::{Database, DatabaseError};
use crate::stream_filter::{ChangeKind, StreamFilter};
use crate::stream_positions::StreamPositions;
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use runtime::stream::{StreamEvent, StreamRecord};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Maximum number of records that are read for a batch, matching or not.
const MAX_RECORDS_READ: usize = 1_000;

/// Time without a write after which the stream is read anyway, and trimmed below the threshold.
const IDLE_TIMEOUT: Duration = Duration::from_millis(500);

/// Delay before a batch that failed is handed over again.
const RETRY_DELAY: Duration = Duration::from_millis(200);

/// Time to wait for a lock on the database's file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// The event source mapping of one consumer: the records and batches in which it reads the stream.
#[derive(Clone, Copy, Debug)]
pub struct StreamSettings {
    /// The records that the consumer receives.
    pub filter: StreamFilter,
    /// Maximum number of matching records in a batch.
    pub max_batch_size: usize,
    /// Time for which records are collected for a batch.
    pub batching_window: Duration,
}

/// A reader of one table's stream for one consumer, with a connection of its own to the database's file.
pub struct StreamReader {
    connection: Connection,
    written: watch::Receiver<()>,
    table: String,
    settings: StreamSettings,
    /// The positions of all readers of the stream, and the place of this one among them.
    positions: Arc<StreamPositions>,
    number: usize,
    /// Sequence number of the last handled record.
    position: i64,
}

/// A stream record as the database stores it. The images are JSON, and are read for records that may match only.
struct DatabaseRecord {
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
    Handled {
        /// True if the batch had as many records as it may have: more are probably waiting.
        is_full: bool,
    },
    /// A record failed. The next batch begins with it.
    Failed,
}

impl StreamReader {
    /// Opens the stream of `table` in `file`, the file that `database` was opened with, for all of its consumers: what
    /// was trimmed, a reader that is opened later would miss.
    pub fn open<const N: usize>(
        file: &Path,
        table: &str,
        database: &Database,
        consumers: [StreamSettings; N],
    ) -> Result<[Self; N], DatabaseError> {
        let positions = Arc::new(StreamPositions::new(database.clone(), table, N));
        let mut readers = Vec::with_capacity(N);
        for (number, settings) in consumers.into_iter().enumerate() {
            let connection = Connection::open(file)?;
            connection.busy_timeout(LOCK_TIMEOUT)?;
            // Otherwise the statement would be parsed again for each read, because its limit is bound anew.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            connection.execute_batch(
                "CREATE INDEX IF NOT EXISTS stream_records_in_order \
                 ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
            )?;
            readers.push(Self {
                connection,
                written: database.stream_written(),
                table: table.to_owned(),
                settings,
                positions: Arc::clone(&positions),
                number,
                position: 0,
            });
        }
        // One reader for each consumer.
        Ok(readers.try_into().unwrap_or_else(|_| unreachable!()))
    }

    /// Hands records to `handler` until the task is aborted.
    pub async fn run<F>(mut self, handler: impl Fn(StreamEvent) -> F)
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        loop {
            // What is written from now on is noticed, also while the batch is handled.
            self.written.mark_unchanged();
            match self.handle_batch(&handler).await {
                BatchOutcome::Handled { is_full: true } => continue,
                BatchOutcome::Failed => {
                    tokio::time::sleep(RETRY_DELAY).await;
                    continue;
                }
                // There was no more when the batch was read. Whatever was written since is a change.
                BatchOutcome::Empty | BatchOutcome::Handled { is_full: false } => {}
            }
            match tokio::time::timeout(IDLE_TIMEOUT, self.written.changed()).await {
                // A sleep of no time would last until the timer's next millisecond.
                Ok(_) if self.settings.batching_window.is_zero() => {}
                Ok(_) => tokio::time::sleep(self.settings.batching_window).await,
                Err(_) => self.positions.trim_all(),
            }
        }
    }

    /// Hands the records of the last process to `handler`. Returns when there are none left, or at the first batch that
    /// fails, which [`run`](Self::run) repeats.
    pub async fn catch_up<F>(mut self, handler: impl Fn(StreamEvent) -> F) -> Self
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        loop {
            if !matches!(self.handle_batch(&handler).await, BatchOutcome::Handled { .. }) {
                return self;
            }
        }
    }

    /// Reads the next batch, hands it to `handler`, and advances behind what was handled.
    async fn handle_batch<F>(&mut self, handler: &impl Fn(StreamEvent) -> F) -> BatchOutcome
    where
        F: Future<Output = DynamoDbEventResponse>,
    {
        // On the task's own thread: for the usual batch of few records the read takes some microseconds, and no writer
        // holds it up. To hand it to another thread would take longer.
        let records = self.read_batch().unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read the stream");
            Vec::new()
        });
        let Some(last) = records.last().map(|record| record.sequence_number) else { return BatchOutcome::Empty };
        let matching: Vec<_> =
            records.iter().filter_map(|record| to_event_record(record, self.settings.filter)).collect();
        let is_full = matching.len() == self.settings.max_batch_size || records.len() == MAX_RECORDS_READ;
        let first_failed = invoke(handler, matching, self.position + 1).await;
        self.position = first_failed.map_or(last, |failed| failed - 1);
        let handled = records.iter().filter(|record| record.sequence_number <= self.position).count();
        self.positions.advance(self.number, self.position, handled);
        if first_failed.is_some() { BatchOutcome::Failed } else { BatchOutcome::Handled { is_full } }
    }

    /// Reads the records behind the position: up to a batch of those that may match, and the others between them.
    fn read_batch(&mut self) -> rusqlite::Result<Vec<DatabaseRecord>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT CAST(sequence_number AS INTEGER), keys_json, iif(may_match, new_image, NULL), \
             iif(may_match, old_image, NULL), may_match FROM (SELECT *, {} AS may_match FROM _stream_records \
             WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2 \
             ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3)",
            self.settings.filter.may_match_sql()
        ))?;
        let mut rows =
            statement.query(params![self.table, self.position, i64::try_from(MAX_RECORDS_READ).unwrap_or(i64::MAX)])?;
        let mut records = Vec::new();
        let mut matching = 0;
        while let Some(row) = rows.next()? {
            records.push(DatabaseRecord {
                sequence_number: row.get(0)?,
                keys: row.get(1)?,
                new_image: row.get(2)?,
                old_image: row.get(3)?,
            });
            matching += usize::from(row.get::<_, bool>(4)?);
            if matching == self.settings.max_batch_size {
                break;
            }
        }
        Ok(records)
    }
}

/// Hands the records that match to `handler`. Returns the sequence number of the first that failed, which is
/// `batch_start` if the response names none that is known: then the whole batch has failed.
async fn invoke<F>(handler: &impl Fn(StreamEvent) -> F, records: Vec<StreamRecord>, batch_start: i64) -> Option<i64>
where
    F: Future<Output = DynamoDbEventResponse>,
{
    if records.is_empty() {
        return None;
    }
    let response = handler(StreamEvent { records }).await;
    let failures = response.batch_item_failures.iter();
    let number = |identifier: Option<&str>| identifier.and_then(|text| text.parse().ok()).unwrap_or(batch_start);
    failures.map(|failure| number(failure.item_identifier.as_deref())).min()
}

/// Returns a record in the form of Lambda's event, or `None` if the filter does not match it.
fn to_event_record(record: &DatabaseRecord, filter: StreamFilter) -> Option<StreamRecord> {
    let DatabaseRecord { sequence_number, keys, new_image, old_image } = record;
    let kind = if new_image.is_none() { ChangeKind::Removed } else { ChangeKind::Changed };
    // Only a damaged file has a record that is no JSON. It can be neither processed nor parked.
    let damaged = || tracing::error!(sequence_number, "a stream record cannot be read, and is skipped");
    let keys_value = serde_json::from_str(keys).inspect_err(|_| damaged()).ok()?;
    if !filter.matches(&keys_value, kind) {
        return None;
    }
    let event_name = match (old_image, new_image) {
        (None, _) => "INSERT",
        (Some(_), None) => "REMOVE",
        (Some(_), Some(_)) => "MODIFY",
    };
    let [new_image, old_image] = [new_image, old_image].map(|image| image.as_deref().unwrap_or("{}"));
    let record = StreamRecord::from_json(format!(
        r#"{{"awsRegion":"local","eventID":"{sequence_number}","eventName":"{event_name}","dynamodb":{{"ApproximateCreationDateTime":0,"Keys":{keys},"NewImage":{new_image},"OldImage":{old_image},"SequenceNumber":"{sequence_number}","SizeBytes":0,"StreamViewType":"NEW_AND_OLD_IMAGES"}}}}"#
    ));
    if record.is_none() {
        damaged();
    }
    record
}
