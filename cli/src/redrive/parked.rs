//! Parked records of the stream: passing them to their consumer again.
//!
//! A record that the function parks once more is stored under the same name. So the object is read again after the
//! function has succeeded: if it is what was read before, the record was processed, and the object is deleted; if not,
//! it stays, with its new reason.

use super::functions::{BatchResult, invoke, unsettled};
use super::report::SourceReport;
use super::source::Source;
use super::{Consumer, Extent, InvokeError, Mode, StreamRedrive, progress};
use crate::CommandError;
use blob::{BlobError, ParkedName};
use bytes::Bytes;
use domain::Timestamp;
use futures_util::{StreamExt, stream};
use runtime::stream::ParkedRecord;
use serde_json::Value;
use std::collections::VecDeque;

/// Maximum number of records in one invocation, as in a batch of the stream.
const MAX_RECORDS: usize = 100;

/// Maximum size of the records in one invocation, in bytes of JSON. Lambda accepts 6 MB.
const MAX_PAYLOAD_BYTES: usize = 4 * 1024 * 1024;

/// Maximum number of concurrent calls of the storage.
const STORAGE_CONCURRENCY: usize = 16;

/// A parked record that is to be passed to its consumer.
struct Loaded {
    name: ParkedName,
    /// The object as it was read.
    stored: Bytes,
    parked: ParkedRecord,
    record: Value,
}

/// The state of a parked record when it is read.
enum Found {
    Ready(Box<Loaded>),
    /// The lead was erased, and nothing follows from the record without its data: no file is to be deleted.
    Erased(ParkedName, Timestamp),
    /// It is gone: another command has put it back.
    Gone,
    Unreadable(ParkedName, String, Option<Timestamp>),
}

/// Redrives the parked records of a consumer.
pub(crate) async fn redrive(
    place: StreamRedrive<'_>,
    consumer: Consumer,
    extent: Extent,
) -> Result<SourceReport, CommandError> {
    let names = place.records.list(consumer.name()).await?;
    let mut redrive =
        Redrive { place, consumer, report: SourceReport::new(Source::Parked.name(), consumer.name(), names.len()) };
    let selected = &names[..extent.limit.min(names.len())];
    for names in selected.chunks(MAX_RECORDS) {
        if let Err(error) = redrive.handle(names, extent.mode).await {
            redrive.report.stop(error);
            break;
        }
        if extent.mode == Mode::Redrive {
            progress(&redrive.report);
        }
    }
    Ok(redrive.report)
}

/// Reason to leave all other records.
#[derive(Debug, thiserror::Error)]
enum StopError {
    #[error(transparent)]
    Storage(#[from] BlobError),
    #[error("{0}")]
    Function(String),
}

struct Redrive<'a> {
    place: StreamRedrive<'a>,
    consumer: Consumer,
    report: SourceReport,
}

impl Redrive<'_> {
    async fn handle(&mut self, names: &[ParkedName], mode: Mode) -> Result<(), StopError> {
        let found: Vec<_> = stream::iter(names.iter().cloned())
            .map(|name| read(self.place, name))
            .buffered(STORAGE_CONCURRENCY)
            .collect()
            .await;
        let mut ready = Vec::new();
        for found in found {
            match found? {
                Found::Ready(loaded) => {
                    self.report.see(Some(loaded.parked.parked_at));
                    ready.push(*loaded);
                }
                Found::Erased(name, at) => {
                    self.report.see(Some(at));
                    if mode == Mode::Redrive {
                        self.place.records.delete(&name).await?;
                    }
                    self.report.erased += 1;
                }
                Found::Gone => self.report.found -= 1,
                Found::Unreadable(name, reason, at) => {
                    self.report.see(at);
                    self.report.fail(&reason, name.as_str(), at);
                }
            }
        }
        if mode == Mode::DryRun {
            for Loaded { name, parked, .. } in &ready {
                self.report.would_redrive(&parked.reason, name.as_str(), Some(parked.parked_at));
            }
            return Ok(());
        }
        self.pass(ready).await
    }

    /// Passes records to the function, in batches. A batch that the function fails with is bisected; after a record that
    /// it could not settle, it continues with the next one.
    async fn pass(&mut self, records: Vec<Loaded>) -> Result<(), StopError> {
        let mut batches: VecDeque<_> = batches(records).into();
        while let Some(mut batch) = batches.pop_front() {
            let records = batch.iter().map(|one| one.record.clone()).collect();
            match invoke(self.place.functions, self.consumer, records).await {
                Ok(BatchResult::Settled) => self.settle(batch).await?,
                Ok(BatchResult::Stopped(number)) => {
                    let stopped = batch.iter().position(|one| sequence_number(&one.record) == number);
                    let mut rest = batch.split_off(stopped.unwrap_or_default());
                    self.settle(batch).await?;
                    let behind = rest.split_off(1.min(rest.len()));
                    for one in &rest {
                        self.fail(one, &unsettled(self.consumer));
                    }
                    if !behind.is_empty() {
                        batches.push_front(behind);
                    }
                }
                Err(InvokeError::Failed(reason)) if batch.len() == 1 => {
                    for one in &batch {
                        self.fail(one, &reason);
                    }
                }
                Err(InvokeError::Failed(_)) => {
                    let second = batch.split_off(batch.len() / 2);
                    batches.push_front(second);
                    batches.push_front(batch);
                }
                Err(InvokeError::Unavailable(reason)) => return Err(StopError::Function(reason)),
            }
        }
        Ok(())
    }

    fn fail(&mut self, record: &Loaded, reason: &str) {
        self.report.fail(reason, record.name.as_str(), Some(record.parked.parked_at));
    }

    /// Deletes the records that were processed, and counts those that were parked again.
    async fn settle(&mut self, records: Vec<Loaded>) -> Result<(), BlobError> {
        let storage = self.place.records;
        let again: Vec<_> = stream::iter(records)
            .map(|one| async move {
                let now = storage.read(&one.name).await?;
                let parked_again = now.filter(|now| *now != one.stored);
                if parked_again.is_none() {
                    storage.delete(&one.name).await?;
                }
                Ok::<_, BlobError>((one, parked_again))
            })
            .buffered(STORAGE_CONCURRENCY)
            .collect()
            .await;
        for settled in again {
            let (one, parked_again) = settled?;
            match parked_again.map(|json| ParkedRecord::parse(&json)) {
                None => self.report.redriven += 1,
                Some(Ok(parked)) => self.fail(&one, &parked.reason),
                Some(Err(_)) => self.fail(&one, UNREADABLE),
            }
        }
        Ok(())
    }
}

/// Reason of an object that is no parked record, at least not of this release.
const UNREADABLE: &str = "not a parked record of this release";

async fn read(place: StreamRedrive<'_>, name: ParkedName) -> Result<Found, BlobError> {
    let Some(stored) = place.records.read(&name).await? else { return Ok(Found::Gone) };
    let Ok(parked) = ParkedRecord::parse(&stored) else {
        return Ok(Found::Unreadable(name, UNREADABLE.to_owned(), None));
    };
    Ok(match parked.record(place.store).await {
        Ok(Some(record)) => Found::Ready(Box::new(Loaded { name, stored, parked, record })),
        Ok(None) => Found::Erased(name, parked.parked_at),
        Err(error) => Found::Unreadable(name, error.to_string(), Some(parked.parked_at)),
    })
}

/// Returns the records in batches that fit into one invocation, in their order.
fn batches(records: Vec<Loaded>) -> Vec<Vec<Loaded>> {
    let mut batches: Vec<Vec<Loaded>> = Vec::new();
    let mut size = 0;
    for record in records {
        // The record in JSON is shorter than the parked one, which has it in base64.
        let bytes = record.stored.len();
        if let Some(batch) = batches.last_mut().filter(|_| size + bytes <= MAX_PAYLOAD_BYTES) {
            batch.push(record);
        } else {
            size = 0;
            batches.push(vec![record]);
        }
        size += bytes;
    }
    batches
}

fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
