//! Errors of queues.

use aws_sdk_sqs::error::ProvideErrorMetadata;

/// An error of SQS, or of how the queues are set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueueError {
    /// SQS rejected a call or did not respond.
    #[error("{operation}: {error}")]
    Sqs { operation: &'static str, error: String },
    /// The queue has no dead-letter queue.
    #[error("the queue {0} has no dead-letter queue")]
    NoDeadLetters(String),
    /// The task ended with an error.
    #[error("the task to move the messages ended as {0}")]
    TaskFailed(String),
    /// The task takes long.
    #[error("SQS is still moving messages; aws sqs list-message-move-tasks shows when it has ended")]
    StillMoving,
}

/// Returns the error of a call.
pub(crate) fn failed<E: ProvideErrorMetadata>(operation: &'static str) -> impl FnOnce(E) -> QueueError {
    move |error| {
        let code = error.code().unwrap_or("no response");
        let text = error.message().map(|message| format!("{code}: {message}"));
        QueueError::Sqs { operation, error: text.unwrap_or_else(|| code.to_owned()) }
    }
}
