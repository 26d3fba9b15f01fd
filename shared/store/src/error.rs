//! What can go wrong between the house and its tables.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A table that did not do what was asked. None of it is the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out or out of reach, after the retries that fit a request's time.
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
    /// The same item kept changing under this request's hands.
    #[error("the item kept changing")]
    Contended,
    /// The table refused the request itself, or holds what this version cannot read.
    #[error("the table cannot be used: {0}")]
    Internal(String),
}

impl StoreError {
    /// An item that this version cannot read. Says which attribute, never what it holds.
    pub(crate) fn unreadable(what: &str) -> Self {
        Self::Internal(format!("an item cannot be read: {what}"))
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contended)
    }
}

impl<E> From<SdkError<E>> for StoreError
where
    E: ProvideErrorMetadata,
{
    fn from(error: SdkError<E>) -> Self {
        // The code and nothing else: messages of the service may quote what an item holds.
        let code = match &error {
            SdkError::ServiceError(service) => service.err().code().unwrap_or("an unnamed error").to_owned(),
            SdkError::TimeoutError(_) => "a timeout".to_owned(),
            SdkError::DispatchFailure(_) => "no connection".to_owned(),
            SdkError::ResponseError(_) => "an unreadable answer".to_owned(),
            _ => "a request that could not be built".to_owned(),
        };
        match code.as_str() {
            "ValidationException"
            | "ResourceNotFoundException"
            | "AccessDeniedException"
            | "a request that could not be built" => Self::Internal(code),
            "TransactionConflictException" => Self::Contended,
            _ => Self::Unavailable(code),
        }
    }
}
