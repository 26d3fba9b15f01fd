//! The functions that put items back: those of a deployment, or handlers in this process.

use aws_lambda_events::event::streams::DynamoDbEventResponse;
use clap::ValueEnum;
use futures_util::future::BoxFuture;
use runtime::stream::StreamEvent;

/// A consumer of the table's stream.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumer {
    /// Deliveries and follow-up
    Dispatch,
    /// KPIs, audit entries and clean-up of files
    Bookkeeping,
}

impl Consumer {
    /// Every consumer.
    pub(crate) const ALL: [Self; 2] = [Self::Dispatch, Self::Bookkeeping];

    /// Returns the name of the consumer's function.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Bookkeeping => "bookkeeping",
        }
    }
}

/// A function was not invoked, or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function failed with this event; it may process others.
    #[error("{0}")]
    Failed(String),
    /// The function cannot be invoked at all.
    #[error("{0}")]
    Unavailable(String),
}

/// The consumers of the stream, ready to be invoked.
pub trait StreamFunctions: Sync {
    /// Passes a batch of records to a consumer.
    fn invoke(
        &self,
        consumer: Consumer,
        event: StreamEvent,
    ) -> BoxFuture<'_, Result<DynamoDbEventResponse, InvokeError>>;
}

/// The result of a batch of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BatchResult {
    /// Every record was processed or parked.
    Settled,
    /// All records before this one were processed or parked; this one was not.
    Stopped(String),
}

/// Passes a batch of records to a consumer.
pub(crate) async fn invoke(
    functions: &dyn StreamFunctions,
    consumer: Consumer,
    event: StreamEvent,
) -> Result<BatchResult, InvokeError> {
    let response = functions.invoke(consumer, event).await?;
    let stopped = response.batch_item_failures.into_iter().next();
    // Without a number, the whole batch has failed.
    Ok(stopped
        .map_or(BatchResult::Settled, |failure| BatchResult::Stopped(failure.item_identifier.unwrap_or_default())))
}

/// Returns the reason of a record that the function neither processed nor parked.
pub(crate) fn unsettled(consumer: Consumer) -> String {
    format!("not processed for a reason that may pass; the log of {} names it", consumer.name())
}
