//! Events of uploaded files that `uploaded` could not process, and that Lambda sent to the queue of failed uploads.

use super::dead_letters::{QueueError, failed, message_count, queue_url};
use super::report::SourceReport;
use super::source::Source;
use super::{Extent, InvokeError, Mode, progress};
use crate::aws::LambdaClient;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::Message;
use domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Name of the function that processes uploaded files.
pub(crate) const FUNCTION: &str = "uploaded";

/// Time for which a received message is hidden from others, in seconds: longer than the invocations of ten messages.
const VISIBILITY_TIMEOUT: i32 = 900;

/// Maximum number of messages of one call, set by SQS.
const MAX_MESSAGES: i32 = 10;

/// Number of empty responses in a row after which the queue counts as empty: SQS asks only some of its servers at a time.
const MAX_EMPTY_RESPONSES: u32 = 3;

/// A message that Lambda sends to the destination of failed events.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailedEvent {
    request_payload: Value,
    #[serde(default)]
    timestamp: String,
}

/// The clients with which failed uploads are redriven, and their function.
pub(crate) struct Uploads<'a> {
    pub(crate) sqs: &'a Client,
    pub(crate) lambda: &'a LambdaClient,
    /// Name of the stack's function.
    pub(crate) function: &'a str,
}

impl Uploads<'_> {
    /// Redrives the events in the function's queue of failed events.
    pub(crate) async fn redrive(&self, extent: Extent) -> SourceReport {
        let mut report = SourceReport::new(Source::Uploads.name(), FUNCTION, 0);
        if let Err(error) = self.redrive_queue(extent, &mut report).await {
            report.stop(error);
        }
        report
    }

    async fn redrive_queue(&self, extent: Extent, report: &mut SourceReport) -> Result<(), UploadsError> {
        let arn = self.lambda.failure_destination(self.function).await;
        let arn = arn.map_err(|error| UploadsError::Unavailable(error.to_string()))?;
        let url = queue_url(self.sqs, &arn.ok_or(UploadsError::NoDestination)?).await?;
        report.found = message_count(self.sqs, &url).await?;
        if extent.mode == Mode::DryRun {
            report.would_redrive_all();
            return Ok(());
        }
        let mut failed_again = Vec::new();
        let result = self.receive_all(&url, extent, report, &mut failed_again).await;
        for receipt in failed_again {
            // Otherwise it shows again when its time is up.
            let change = self.sqs.change_message_visibility().queue_url(&url).receipt_handle(receipt);
            let _ = change.visibility_timeout(0).send().await;
        }
        result
    }

    async fn receive_all(
        &self,
        url: &str,
        extent: Extent,
        report: &mut SourceReport,
        failed_again: &mut Vec<String>,
    ) -> Result<(), UploadsError> {
        let (mut seen, mut empty_responses) = (BTreeSet::new(), 0);
        while empty_responses < MAX_EMPTY_RESPONSES {
            let left = i32::try_from(extent.limit - seen.len()).unwrap_or(i32::MAX);
            if left == 0 {
                break;
            }
            let receive = self.sqs.receive_message().queue_url(url).max_number_of_messages(left.min(MAX_MESSAGES));
            let received = receive.visibility_timeout(VISIBILITY_TIMEOUT).send().await;
            let messages = received.map_err(failed("ReceiveMessage"))?.messages.unwrap_or_default();
            empty_responses = if messages.is_empty() { empty_responses + 1 } else { 0 };
            for message in messages {
                if !seen.insert(message.message_id.clone().unwrap_or_default()) {
                    // Delivered twice.
                    continue;
                }
                report.found = report.found.max(seen.len());
                self.redrive_message(url, message, report, failed_again).await?;
            }
            if empty_responses == 0 {
                progress(&*report);
            }
        }
        // The first count was approximate.
        if empty_responses > 0 {
            report.found = seen.len();
        }
        Ok(())
    }

    async fn redrive_message(
        &self,
        url: &str,
        message: Message,
        report: &mut SourceReport,
        failed_again: &mut Vec<String>,
    ) -> Result<(), UploadsError> {
        let receipt = message.receipt_handle.unwrap_or_default();
        let id = message.message_id.unwrap_or_default();
        let event: Option<FailedEvent> = serde_json::from_str(message.body.as_deref().unwrap_or_default()).ok();
        let since = event.as_ref().and_then(|event| Timestamp::parse(&event.timestamp).ok());
        report.see(since);
        let Some(event) = event else {
            report.fail("not a failed event of Lambda", &id, since);
            failed_again.push(receipt);
            return Ok(());
        };
        match self.invoke(&event.request_payload).await {
            Ok(()) => {
                let delete = self.sqs.delete_message().queue_url(url).receipt_handle(receipt);
                delete.send().await.map_err(failed("DeleteMessage"))?;
                report.redriven += 1;
                Ok(())
            }
            Err(InvokeError::Failed(reason)) => {
                report.fail(&reason, &id, since);
                failed_again.push(receipt);
                Ok(())
            }
            Err(InvokeError::Unavailable(reason)) => {
                failed_again.push(receipt);
                Err(UploadsError::Unavailable(reason))
            }
        }
    }

    async fn invoke(&self, event: &Value) -> Result<(), InvokeError> {
        self.lambda.invoke(self.function, event.to_string().as_bytes()).await.map(drop).map_err(InvokeError::from)
    }
}

/// Reason to leave the queue.
#[derive(Debug, thiserror::Error)]
enum UploadsError {
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("{0}")]
    Unavailable(String),
    #[error("the function has no destination of failed events")]
    NoDestination,
}
