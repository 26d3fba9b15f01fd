//! Batches of the stream that Lambda stored because they could not be processed for 23 hours.

use super::functions::{BatchResult, invoke, unsettled};
use super::report::SourceReport;
use super::source::Source;
use super::{Consumer, Extent, InvokeError, Mode, StreamRedrive, progress};
use crate::CommandError;
use blob::ParkedName;
use domain::Timestamp;
use runtime::stream::StreamEvent;
use serde::Deserialize;
use serde_json::Value;

/// Number of batches after which progress is shown.
const PROGRESS_INTERVAL: usize = 10;

/// A stored batch: the invocation record that Lambda writes to the destination of failed batches.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredBatch {
    request_context: RequestContext,
    timestamp: String,
    /// The function's event, as text; as an object in other services' records.
    payload: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    function_arn: String,
    #[serde(default)]
    condition: String,
}

impl StoredBatch {
    /// Returns the event; `None` if it is not one of a stream.
    fn event(&self) -> Option<StreamEvent> {
        match &self.payload {
            Value::String(json) => serde_json::from_str(json).ok(),
            payload => StreamEvent::deserialize(payload).ok(),
        }
    }

    /// Returns the consumer of the stack whose function this is.
    fn consumer(&self, stack: &str) -> Option<Consumer> {
        // arn:aws:lambda:<region>:<account>:function:<name>[:<version>]
        let name = self.request_context.function_arn.split(':').nth(6)?;
        let function = name.strip_prefix(stack)?.strip_prefix('-')?;
        Consumer::ALL.into_iter().find(|consumer| consumer.name() == function)
    }
}

/// Redrives the batches of these consumers of a stack.
pub(crate) async fn redrive(
    place: StreamRedrive<'_>,
    stack: &str,
    consumers: &[Consumer],
    extent: Extent,
) -> Result<Vec<SourceReport>, CommandError> {
    let names = place.records.list_undispatched().await?;
    let report = |consumer: &Consumer| (*consumer, SourceReport::new(Source::Undispatched.name(), consumer.name(), 0));
    let mut reports: Vec<_> = consumers.iter().map(report).collect();
    for (number, name) in names.iter().enumerate() {
        let Some(json) = place.records.read(name).await? else { continue };
        let batch: Option<StoredBatch> = serde_json::from_slice(&json).ok();
        let Some((batch, consumer)) = batch.and_then(|batch| batch.consumer(stack).map(|consumer| (batch, consumer)))
        else {
            // Whose it is cannot be told, so it counts for the first consumer that is asked for.
            let (_, report) = &mut reports[0];
            report.found += 1;
            report.fail("not a batch of a function of this stack", name.as_str(), None);
            continue;
        };
        let Some((_, report)) = reports.iter_mut().find(|(of, _)| *of == consumer) else { continue };
        redrive_batch(place, consumer, name, &batch, extent, report).await?;
        if extent.mode == Mode::Redrive && (number + 1) % PROGRESS_INTERVAL == 0 {
            progress(&*report);
        }
        if report.is_stopped() {
            break;
        }
    }
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

async fn redrive_batch(
    place: StreamRedrive<'_>,
    consumer: Consumer,
    name: &ParkedName,
    batch: &StoredBatch,
    extent: Extent,
    report: &mut SourceReport,
) -> Result<(), CommandError> {
    let since = Timestamp::parse(&batch.timestamp).ok();
    report.found += 1;
    report.see(since);
    if report.found > extent.limit {
        return Ok(());
    }
    if extent.mode == Mode::DryRun {
        report.would_redrive(&batch.request_context.condition, name.as_str(), since);
        return Ok(());
    }
    let Some(event) = batch.event() else {
        report.fail("the batch has no records", name.as_str(), since);
        return Ok(());
    };
    match invoke(place.functions, consumer, event).await {
        Ok(BatchResult::Settled) => {
            place.records.delete(name).await?;
            report.redriven += 1;
        }
        Ok(BatchResult::Stopped(_)) => report.fail(&unsettled(consumer), name.as_str(), since),
        Err(InvokeError::Failed(reason)) => report.fail(&reason, name.as_str(), since),
        Err(InvokeError::Unavailable(reason)) => report.stop(reason),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
