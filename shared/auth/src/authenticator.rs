//! Authenticates, authorizes and counts each call: once, before its handler runs.

use crate::api_key::ApiKey;
use crate::rate_limit_cache::{LimitedKey, RateLimitCache};
use domain::accounts::rate_limit::{Quota, WindowLength};
use domain::{Clock, Scope, Timestamp};
use http::HeaderMap;
use std::sync::Arc;
use std::time::Duration;
use store::{AuthenticatedKey, CountCallError, Store, StoreError};

/// An authenticated and authorized call, already counted against the key's limits.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The key that was sent.
    pub key: AuthenticatedKey,
    /// The public beginning of the key, as the audit log shows it.
    pub key_prefix: String,
    /// The SHA-256 of the key in hexadecimal, under which the access table stores it.
    pub key_hash: String,
    /// The key's limits and counts after this call.
    pub quota: Quota,
}

/// The reason why a call is rejected before its handler runs. None of these counts against a limit.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The call carries no key, a malformed one, or one that is unknown, revoked or expired.
    #[error("no valid API key")]
    InvalidKey,
    /// The key lacks the scope that the handler requires.
    #[error("the API key lacks the scope {}", scope.name())]
    MissingScope {
        /// The scope that is required.
        scope: Scope,
        /// The key's limits and counts.
        quota: Quota,
    },
    /// The key has reached the limit of the minute or of the day.
    #[error("the API key has reached its limit of {limit} requests per {}", window.name())]
    RateLimited {
        /// Number of calls that the window allows.
        limit: u64,
        /// The window.
        window: WindowLength,
        /// Time until the window ends.
        retry_after: Duration,
        /// The key's limits and counts.
        quota: Quota,
    },
    /// The window that is stored for the key starts in the future: the clock of this process or of another is wrong.
    #[error("the rate limit window of the API key starts {0} minutes after this process's clock")]
    ClockAhead(i64),
    /// The table's response contradicts the request.
    #[error("{0}")]
    Inconsistent(&'static str),
    /// The table could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthError {
    /// Returns the limits and counts of the key, if the key is valid.
    pub fn quota(&self) -> Option<Quota> {
        match self {
            Self::MissingScope { quota, .. } | Self::RateLimited { quota, .. } => Some(*quota),
            Self::InvalidKey | Self::ClockAhead(_) | Self::Inconsistent(_) | Self::Store(_) => None,
        }
    }

    fn rate_limited(key: LimitedKey, scopes: &[Scope], now: Timestamp) -> Self {
        let quota = key.quota;
        if let Some(scope) = scopes.iter().copied().find(|scope| !key.scopes.contains(*scope)) {
            return Self::MissingScope { scope, quota };
        }
        let minute = quota.minute_window().filter(|window| window.remaining == 0);
        let day = quota.day_window().filter(|window| window.remaining == 0);
        // If both are used up, the call has to wait for the end of the day.
        let (exceeded, window) = match (minute, day) {
            (_, Some(day)) => (day, WindowLength::Day),
            (Some(minute), None) => (minute, WindowLength::Minute),
            (None, None) => return Self::Inconsistent("a call was rate limited with calls left in both windows"),
        };
        Self::RateLimited { limit: exceeded.limit, window, retry_after: exceeded.resets_at.since(now), quota }
    }
}

/// Authenticates and counts calls. Cheap to clone; clones share what they know of keys over their limit.
#[derive(Clone)]
pub struct Authenticator {
    store: Store,
    clock: Arc<dyn Clock>,
    limited_keys: Arc<RateLimitCache>,
}

impl Authenticator {
    /// Returns an authenticator for the keys in `store`.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, limited_keys: Arc::default() }
    }

    /// Authenticates the call with these headers, requires all of `scopes` of its key, and counts the call.
    ///
    /// One conditional write does all three, so that a limit is exact under any concurrency and a revoked key stops
    /// working immediately. A malformed key is rejected by its checksum, and a key that is known to be over its limit
    /// by [`RateLimitCache`], without reaching the table.
    pub async fn authenticate(&self, headers: &HeaderMap, scopes: &[Scope]) -> Result<Authenticated, AuthError> {
        let now = self.clock.now();
        let key = bearer_token(headers).and_then(ApiKey::parse).ok_or(AuthError::InvalidKey)?;
        let hash = key.hash();
        if let Some(limited) = self.limited_keys.get(&hash, now) {
            return Err(AuthError::rate_limited(limited, scopes, now));
        }
        match self.store.authenticate(&hash, scopes.iter().copied(), now).await {
            Ok(admission) => Ok(Authenticated {
                key: admission.key,
                key_prefix: key.prefix().to_owned(),
                key_hash: hash,
                quota: admission.quota,
            }),
            Err(CountCallError::UnknownKey) => Err(AuthError::InvalidKey),
            Err(CountCallError::MissingScope { scope, quota }) => Err(AuthError::MissingScope { scope, quota }),
            Err(CountCallError::RateLimited { quota, scopes: of_key }) => {
                let limited = LimitedKey { quota, scopes: of_key };
                self.limited_keys.insert(&hash, limited, now);
                Err(AuthError::rate_limited(limited, scopes, now))
            }
            Err(CountCallError::ClockAhead(minutes)) => {
                tracing::error!(minutes, "the rate limit window of a key lies ahead of this clock");
                Err(AuthError::ClockAhead(minutes))
            }
            Err(CountCallError::Store(error)) => Err(error.into()),
        }
    }
}

/// Returns the public beginning of the key in these headers, if there is a well-formed one.
pub fn key_prefix(headers: &HeaderMap) -> Option<String> {
    bearer_token(headers).and_then(ApiKey::parse).map(|key| key.prefix().to_owned())
}

/// Returns the token of `Authorization: Bearer <token>`, the scheme in any case (RFC 9110, section 11.1). More than one
/// header is as good as none.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(http::header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
