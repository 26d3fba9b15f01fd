//! Errors of handlers. The HTTP adapter gives them the body of the called contract.

use auth::AuthError;
use axum::response::{IntoResponse, Response};
use contract::ErrorKind;
use domain::FieldErrors;
use http::{HeaderName, HeaderValue, StatusCode};
use std::time::Duration;
use store::{CommitError, MAX_ITEM_KILOBYTES, StoreError};

/// An error response, in no contract's format yet.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The kind of error, which decides status and code.
    pub kind: ErrorKind,
    /// Time after which the call may be retried, if that is known.
    pub retry_after: Option<Duration>,
}

impl ApiError {
    /// Returns an error after which the call may be retried once `wait` has passed.
    pub fn retry_after(kind: ErrorKind, wait: Duration) -> Self {
        Self { kind, retry_after: Some(wait) }
    }

    /// Logs an internal error and returns it; `cause` is logged and not shown to the caller.
    pub fn internal(cause: &str) -> Self {
        tracing::error!(cause, "internal error");
        ErrorKind::Internal.into()
    }
}

impl From<ErrorKind> for ApiError {
    fn from(kind: ErrorKind) -> Self {
        Self { kind, retry_after: None }
    }
}

impl From<FieldErrors> for ApiError {
    fn from(field_errors: FieldErrors) -> Self {
        ErrorKind::from(field_errors).into()
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::InvalidKey => ErrorKind::Unauthorized.into(),
            AuthError::MissingScope { scope, .. } => ErrorKind::MissingScope(scope).into(),
            AuthError::RateLimited { limit, window, retry_after, .. } => {
                Self::retry_after(ErrorKind::RateLimited { max: limit, window }, retry_after)
            }
            AuthError::ClockAhead(_) => Self::retry_after(ErrorKind::Unavailable, Duration::from_mins(1)),
            AuthError::Inconsistent(cause) => Self::internal(cause),
            AuthError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Contended => {
                tracing::warn!(%error, "the table is unavailable");
                Self::retry_after(ErrorKind::Unavailable, Duration::from_secs(1))
            }
            StoreError::TooLarge(what) => {
                let max = MAX_ITEM_KILOBYTES;
                ErrorKind::field("body", format!("is too large: {what} may take at most {max} KB in storage")).into()
            }
            StoreError::Rejected(_) | StoreError::Unreadable(_) | StoreError::Internal(_) => {
                Self::internal(&error.to_string())
            }
        }
    }
}

impl From<CommitError> for ApiError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => error.into(),
            // The caller of commit handles the conditions that may fail; another one means that the item kept changing.
            CommitError::ConditionFailed { .. } | CommitError::IdempotencyConflict => StoreError::Contended.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(HeaderName::from_static("www-authenticate"), HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self.kind);
        response
    }
}
