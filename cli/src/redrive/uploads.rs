//! Events of uploaded files that `uploaded` could not process, and that Lambda sent to the queue of failed uploads.

use super::dead_letters::{message_count, queue_url};
use super::queue_error::QueueError;
use super::queue_walk::QueueWalk;
use super::report::SourceReport;
use super::source::Source;
use super::{Extent, InvokeError, Mode, progress};
use crate::aws::LambdaClient;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::Message;
use domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Name of the function that processes uploaded files.
pub(crate) const FUNCTION: &str = "uploaded";

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
            report.would_redrive_up_to(extent.limit);
            return Ok(());
        }
        let mut walk = QueueWalk::new(self.sqs, url);
        let result = self.redrive_all(&mut walk, extent, report).await;
        walk.end().await;
        result
    }

    async fn redrive_all(
        &self,
        walk: &mut QueueWalk<'_>,
        extent: Extent,
        report: &mut SourceReport,
    ) -> Result<(), UploadsError> {
        loop {
            let messages = walk.next(extent.limit - walk.seen()).await?;
            if messages.is_empty() {
                break;
            }
            report.found = report.found.max(walk.seen());
            for message in messages {
                self.redrive_message(walk, &message, report).await?;
            }
            progress(&*report);
        }
        // The first count was approximate.
        if walk.is_complete() {
            report.found = walk.seen();
        }
        Ok(())
    }

    async fn redrive_message(
        &self,
        walk: &mut QueueWalk<'_>,
        message: &Message,
        report: &mut SourceReport,
    ) -> Result<(), UploadsError> {
        let id = message.message_id.as_deref().unwrap_or_default();
        let event: Option<FailedEvent> = serde_json::from_str(message.body.as_deref().unwrap_or_default()).ok();
        let since = event.as_ref().and_then(|event| Timestamp::parse(&event.timestamp).ok());
        report.see(since);
        let Some(event) = event else {
            report.fail("not a failed event of Lambda", id, since);
            walk.keep(message);
            return Ok(());
        };
        match self.invoke(&event.request_payload).await {
            Ok(()) => {
                walk.delete(message).await?;
                report.redriven += 1;
                Ok(())
            }
            Err(InvokeError::Failed(reason)) => {
                report.fail(&reason, id, since);
                walk.keep(message);
                Ok(())
            }
            Err(InvokeError::Unavailable(reason)) => {
                walk.keep(message);
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
