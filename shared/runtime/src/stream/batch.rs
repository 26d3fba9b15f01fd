//! Handling one batch: parsing, processing, parking, and the response that tells the stream where to begin again.

use crate::stream::StreamConsumer;
use crate::stream::error::{FailedRecord, RecordError};
use crate::stream::parking::{Parking, RecordToPark};
use crate::stream::record::{StreamEvent, StreamRecord, sequence_number, text_at};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use store::{Change, change_from_images};

/// Something that belongs to the record with the index `record` of a batch.
#[derive(Clone, Debug)]
pub struct WithRecord<T> {
    /// Index of the record in its batch.
    pub record: usize,
    /// The value.
    pub value: T,
}

/// Handles a batch for `consumer`. The response names the earliest record that the stream is to hand over again, with
/// all that follow; none if every record was processed or parked.
pub async fn handle_stream_batch<C: StreamConsumer>(
    consumer: &C,
    parking: &Parking,
    event: StreamEvent,
    request_id: &str,
) -> DynamoDbEventResponse {
    let (changes, mut failed) = read_changes(&event.records);
    failed.extend(process(consumer, &changes).await);
    let retried = settle::<C>(parking, &event.records, failed, request_id).await;
    let mut response = DynamoDbEventResponse::default();
    if let Some(record) = retried {
        let mut failure = DynamoDbBatchItemFailure::default();
        // Without a number, Lambda takes the whole batch as failed and hands over all of it again.
        failure.item_identifier = Some(event.records[record].sequence_number());
        response.batch_item_failures.push(failure);
    }
    response
}

/// Parses the records. Those of no interest, such as most deletions, are left out.
fn read_changes(records: &[StreamRecord]) -> (Vec<WithRecord<Change>>, Vec<FailedRecord>) {
    let mut changes = Vec::new();
    let mut failed = Vec::new();
    for (record, content) in records.iter().enumerate() {
        match read_change(content) {
            Ok(change) => changes.extend(change.map(|value| WithRecord { record, value })),
            Err(error) => failed.push(FailedRecord { record, error }),
        }
    }
    (changes, failed)
}

fn read_change(record: &StreamRecord) -> Result<Option<Change>, RecordError> {
    let record = record.parse()?;
    Ok(change_from_images(record.change.old_image, record.change.new_image)?)
}

/// Processes all changes together, or one by one if that panics.
async fn process<C: StreamConsumer>(consumer: &C, changes: &[WithRecord<Change>]) -> Vec<FailedRecord> {
    if changes.is_empty() {
        return Vec::new();
    }
    // Unwind safe: a consumer keeps nothing of a batch that its effects do not tell again.
    if let Ok(failed) = AssertUnwindSafe(consumer.process(changes)).catch_unwind().await {
        return failed;
    }
    let mut failed = Vec::new();
    for change in changes {
        let single = std::slice::from_ref(change);
        match AssertUnwindSafe(consumer.process(single)).catch_unwind().await {
            Ok(more) => failed.extend(more),
            Err(_) => failed.push(FailedRecord::new(change.record, RecordError::Panicked)),
        }
    }
    failed
}

/// Parks the records that failed permanently, and returns the earliest of all others that failed.
async fn settle<C: StreamConsumer>(
    parking: &Parking,
    records: &[StreamRecord],
    mut failed: Vec<FailedRecord>,
    request_id: &str,
) -> Option<usize> {
    // Of the errors of one record, one that is not permanent comes first: the record is then retried.
    failed.sort_by_key(|failed| (failed.record, failed.error.is_permanent()));
    failed.dedup_by_key(|failed| failed.record);
    for FailedRecord { record, error } in failed {
        let Some(content) = records[record].value() else {
            tracing::error!(%error, "record not parked, because it cannot be read at all");
            return Some(record);
        };
        let (event_id, sequence_number) = (text_at(&content, &["eventID"]), sequence_number(&content));
        if !error.is_permanent() {
            tracing::error!(%error, event_id, sequence_number, "record not processed; the stream hands it over again");
            return Some(record);
        }
        let to_park = RecordToPark {
            consumer: C::NAME,
            reason: error.to_string(),
            event_id: &event_id,
            sequence_number: &sequence_number,
            request_id,
            record: &content,
        };
        if let Err(failure) = parking.park(&to_park).await {
            tracing::error!(%error, %failure, event_id, sequence_number, "record could not be parked");
            return Some(record);
        }
        tracing::error!(%error, event_id, sequence_number, "record parked");
    }
    None
}

#[cfg(test)]
mod tests;
