//! A deployed stack: its functions by name, and its bucket and queues by the functions' environment variables.

use super::dead_letters::{self, WorkQueue};
use super::functions::{Consumer, InvokeError, StreamFunctions};
use super::report::SourceReport;
use super::uploads::{self, Uploads};
use super::{Extent, StreamRedrive, parked, undispatched};
use crate::CommandError;
use crate::aws::{AwsAccount, LambdaClient, LambdaError};
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use blob::ParkedRecords;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use runtime::stream::StreamEvent;
use store::Store;

/// A deployed stack.
pub(crate) struct Stack {
    name: String,
    lambda: LambdaClient,
    sqs: aws_sdk_sqs::Client,
    store: Store,
    records: ParkedRecords,
    queues: Vec<WorkQueue>,
}

impl Stack {
    /// Finds a stack by its function `dispatch`, whose environment variables name everything else.
    pub(crate) async fn find(account: &AwsAccount, name: &str) -> Result<Self, CommandError> {
        let lambda = account.lambda()?;
        let function = format!("{name}-{}", Consumer::Dispatch.name());
        let variables = lambda.environment_variables(&function).await?;
        let variable = |variable: &'static str| {
            let value = variables[variable].as_str().map(str::to_owned);
            value.ok_or_else(|| CommandError::MissingVariable { function: function.clone(), variable })
        };
        let bucket = account.bucket(variable("LEADHOUSE_PARKING_BUCKET")?).await?;
        let mut queues = vec![
            WorkQueue { function: "deliver", url: variable("LEADHOUSE_QUEUE_URL")? },
            WorkQueue { function: "follow_up", url: variable("LEADHOUSE_FOLLOW_UP_QUEUE_URL")? },
        ];
        // Only the functions behind it know the queue of slow endpoints. Stacks of earlier releases have neither.
        let slow = lambda.environment_variables(&format!("{name}-deliver")).await?;
        let slow = slow["LEADHOUSE_SLOW_QUEUE_URL"].as_str().map(str::to_owned);
        queues.extend(slow.map(|url| WorkQueue { function: "deliver_slow", url }));
        queues.extend(variable("LEADHOUSE_PACKAGE_QUEUE_URL").ok().map(|url| WorkQueue { function: "package", url }));
        Ok(Self {
            name: name.to_owned(),
            sqs: account.sqs(),
            store: account.store(&variable("LEADHOUSE_TABLE")?, &variable("LEADHOUSE_ACCESS_TABLE")?),
            records: ParkedRecords::in_bucket(&bucket)?,
            queues,
            lambda,
        })
    }

    fn stream_redrive(&self) -> StreamRedrive<'_> {
        StreamRedrive { records: &self.records, store: &self.store, functions: self }
    }

    pub(crate) async fn redrive_parked(
        &self,
        consumers: &[Consumer],
        extent: Extent,
    ) -> Result<Vec<SourceReport>, CommandError> {
        let mut reports = Vec::new();
        for consumer in consumers {
            reports.push(parked::redrive(self.stream_redrive(), *consumer, extent).await?);
        }
        Ok(reports)
    }

    pub(crate) async fn redrive_undispatched(
        &self,
        consumers: &[Consumer],
        extent: Extent,
    ) -> Result<Vec<SourceReport>, CommandError> {
        undispatched::redrive(self.stream_redrive(), &self.name, consumers, extent).await
    }

    pub(crate) async fn redrive_dead_letters(&self, extent: Extent) -> Vec<SourceReport> {
        let mut reports = Vec::new();
        for queue in &self.queues {
            reports.push(dead_letters::redrive(&self.sqs, queue, extent).await);
        }
        reports
    }

    pub(crate) async fn redrive_uploads(&self, extent: Extent) -> SourceReport {
        let function = format!("{}-{}", self.name, uploads::FUNCTION);
        Uploads { sqs: &self.sqs, lambda: &self.lambda, function: &function }.redrive(extent).await
    }
}

impl StreamFunctions for Stack {
    fn invoke(
        &self,
        consumer: Consumer,
        event: StreamEvent,
    ) -> BoxFuture<'_, Result<DynamoDbEventResponse, InvokeError>> {
        async move {
            let unreadable = |error: serde_json::Error| InvokeError::Failed(error.to_string());
            let payload = serde_json::to_vec(&event).map_err(unreadable)?;
            let response = self.lambda.invoke(&format!("{}-{}", self.name, consumer.name()), &payload).await?;
            serde_json::from_value(response).map_err(unreadable)
        }
        .boxed()
    }
}

impl From<LambdaError> for InvokeError {
    fn from(error: LambdaError) -> Self {
        let text = error.to_string();
        match error {
            // It may be this event that takes so long.
            LambdaError::FunctionFailed(_) | LambdaError::TimedOut => Self::Failed(text),
            // The event is too large.
            LambdaError::Rejected { error, .. } if error.starts_with("413") => Self::Failed(text),
            LambdaError::HttpClient
            | LambdaError::NoCredentials
            | LambdaError::NoResponse(_)
            | LambdaError::Rejected { .. } => Self::Unavailable(text),
        }
    }
}

#[cfg(test)]
mod tests;
