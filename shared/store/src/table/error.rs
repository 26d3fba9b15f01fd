//! The error of reading and writing the tables.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Names a request that the SDK could not build; DynamoDB has no code for it.
const UNBUILDABLE_REQUEST: &str = "a request that could not be built";

/// Maximum size of one item, set by DynamoDB.
pub const MAX_ITEM_KILOBYTES: usize = 400;

/// A request to the tables that failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The table was throttled, timed out or could not be reached, after all retries that fit into a request's time.
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
    /// An item changed between its read and its write in every attempt.
    #[error("the item changed in every attempt")]
    Contended,
    /// An item would be larger than [`MAX_ITEM_KILOBYTES`], or all items of a transaction than 4 MB together: the
    /// caller's input is too large. Holds what is too large.
    #[error("too large to store: {0}")]
    TooLarge(&'static str),
    /// The request is invalid: the table rejected it, with DynamoDB's code, or it could not be built.
    #[error("the request to the table is invalid: {0}")]
    Rejected(String),
    /// The table holds an item that this version cannot read, with the kind of item.
    #[error("an item cannot be read: {0}")]
    Unreadable(String),
    /// The deployment is faulty (a table or a permission is missing), or the process is.
    #[error("the table cannot be used: {0}")]
    Internal(String),
}

impl StoreError {
    /// Returns the error of an item that this version cannot read. `what` names the kind of item; what the item holds
    /// must not be in the text, because it is logged.
    pub(crate) fn unreadable(what: &str) -> Self {
        Self::Unreadable(what.to_owned())
    }

    /// Returns whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contended)
    }

    /// Returns whether the same request fails however often this version repeats it. What only a faulty deployment
    /// rejects is neither transient nor permanent: it succeeds once the deployment is repaired.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::Rejected(_) | Self::Unreadable(_))
    }
}

/// Returns whether this message of a validation error is about the size of an item or a transaction. DynamoDB has no
/// code for it.
pub(crate) fn is_about_size(message: &str) -> bool {
    ["Item size has exceeded", "Item size to update has exceeded", "Collection size of items exceeded", "4MB limit"]
        .iter()
        .any(|text| message.contains(text))
}

impl<E> From<SdkError<E>> for StoreError
where
    E: ProvideErrorMetadata,
{
    fn from(error: SdkError<E>) -> Self {
        // Only the code: messages of the service may quote what an item holds.
        let (code, message) = match &error {
            SdkError::ServiceError(service) => {
                (service.err().code().unwrap_or("an unnamed error").to_owned(), service.err().message())
            }
            SdkError::TimeoutError(_) => ("a timeout".to_owned(), None),
            SdkError::DispatchFailure(_) => ("no connection".to_owned(), None),
            SdkError::ResponseError(_) => ("an unreadable response".to_owned(), None),
            _ => (UNBUILDABLE_REQUEST.to_owned(), None),
        };
        match code.as_str() {
            "ValidationException" if message.is_some_and(is_about_size) => Self::TooLarge("the item"),
            "ValidationException" | "ItemCollectionSizeLimitExceededException" | UNBUILDABLE_REQUEST => {
                Self::Rejected(code)
            }
            "ResourceNotFoundException" | "AccessDeniedException" => Self::Internal(code),
            "TransactionConflictException" => Self::Contended,
            _ => Self::Unavailable(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::put_item::PutItemError;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    fn error(code: &str, message: &str) -> StoreError {
        let metadata = ErrorMetadata::builder().code(code).message(message).build();
        let status = StatusCode::try_from(400).expect("a status");
        SdkError::service_error(PutItemError::generic(metadata), HttpResponse::new(status, SdkBody::empty())).into()
    }

    #[test]
    fn only_faults_of_the_request_are_permanent() {
        let cases = [
            ("ValidationException", "One or more parameter values were invalid", [false, true]),
            ("ValidationException", "Item size has exceeded the maximum allowed size", [false, true]),
            ("ThrottlingException", "slow down", [true, false]),
            ("InternalServerError", "", [true, false]),
            ("TransactionConflictException", "", [true, false]),
            // Repaired by deploying, so the stream keeps the change until then.
            ("AccessDeniedException", "", [false, false]),
            ("ResourceNotFoundException", "", [false, false]),
        ];
        for (code, message, expected) in cases {
            let error = error(code, message);
            assert_eq!([error.is_transient(), error.is_permanent()], expected, "{code} {message}");
            assert!(message.is_empty() || !error.to_string().contains(message), "messages may quote an item");
        }
        assert!(StoreError::unreadable("a lead").is_permanent());
    }

    #[test]
    fn an_item_that_is_too_large_is_told_apart() {
        let too_large = error("ValidationException", "Item size to update has exceeded the maximum allowed size");
        assert!(matches!(too_large, StoreError::TooLarge(_)));
    }
}
