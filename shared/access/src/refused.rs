//! A refusal on its way out: shaped into the called contract's envelope where the answer leaves the house.

use axum::response::{IntoResponse, Response};
use contract::Refusal;
use domain::Faults;
use http::{HeaderName, HeaderValue, StatusCode};
use std::time::Duration;
use store::{CommitError, StoreError};

/// A refusal with the headers that belong to it.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// When to try again, where that is known.
    pub retry_after: Option<Duration>,
}

impl Refused {
    /// A refusal that will be lifted after `wait`.
    pub fn retry_after(refusal: Refusal, wait: Duration) -> Self {
        Self { refusal, retry_after: Some(wait) }
    }

    /// Something broke that the caller has no part in; `what` goes to the log and nowhere else.
    pub fn internal(what: &str) -> Self {
        tracing::error!(what, "internal error");
        Refusal::Internal.into()
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, retry_after: None }
    }
}

impl From<Faults> for Refused {
    fn from(faults: Faults) -> Self {
        Refusal::from(faults).into()
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        if error.is_passing() {
            tracing::warn!(%error, "the table is out of reach");
            Self::retry_after(Refusal::Unavailable, Duration::from_secs(1))
        } else {
            Self::internal(&error.to_string())
        }
    }
}

impl From<CommitError> for Refused {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => error.into(),
            // Whoever commits looks at the conditions that can fail; any other means that the item kept changing.
            CommitError::Condition { .. } | CommitError::Raced => StoreError::Contended.into(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
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
        response.extensions_mut().insert(self.refusal);
        response
    }
}
