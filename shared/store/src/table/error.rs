//! The error of reading and writing the tables.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Names a request that the SDK could not build; DynamoDB has no code for it.
const UNBUILDABLE_REQUEST: &str = "a request that could not be built";

/// A request to the tables that failed. None of these is caused by the caller's input.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table was throttled, timed out or could not be reached, after all retries that fit into a request's time.
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
    /// An item changed between its read and its write in every attempt.
    #[error("the item changed in every attempt")]
    Contended,
    /// The table rejected the request as invalid, or holds an item that this version cannot read.
    #[error("the table cannot be used: {0}")]
    Internal(String),
}

impl StoreError {
    /// Returns the error of an item that this version cannot read. `what` names the kind of item; what the item holds
    /// must not be in the text, because it is logged.
    pub(crate) fn unreadable(what: &str) -> Self {
        Self::Internal(format!("an item cannot be read: {what}"))
    }

    /// Returns whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contended)
    }
}

impl<E> From<SdkError<E>> for StoreError
where
    E: ProvideErrorMetadata,
{
    fn from(error: SdkError<E>) -> Self {
        // Only the code: messages of the service may quote what an item holds.
        let code = match &error {
            SdkError::ServiceError(service) => service.err().code().unwrap_or("an unnamed error").to_owned(),
            SdkError::TimeoutError(_) => "a timeout".to_owned(),
            SdkError::DispatchFailure(_) => "no connection".to_owned(),
            SdkError::ResponseError(_) => "an unreadable response".to_owned(),
            _ => UNBUILDABLE_REQUEST.to_owned(),
        };
        match code.as_str() {
            "ValidationException" | "ResourceNotFoundException" | "AccessDeniedException" | UNBUILDABLE_REQUEST => {
                Self::Internal(code)
            }
            "TransactionConflictException" => Self::Contended,
            _ => Self::Unavailable(code),
        }
    }
}
