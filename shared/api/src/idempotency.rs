//! Idempotency keys (draft-ietf-httpapi-idempotency-key-header): the same request again gets the first response, byte
//! for byte, and has no second effect.
//!
//! The record of a response is written in one transaction with the effect of the request. There is no lock that could
//! be left behind: of requests that race under one key, one transaction is committed, and the others find its record.

use crate::api_error::ApiError;
use crate::api_response::ApiResponse;
use crate::caller::Identity;
use crate::request_body::JsonBody;
use crate::state::ApiState;
use axum::extract::{FromRef, FromRequestParts};
use contract::{ErrorKind, native};
use http::request::Parts;
use http::{HeaderValue, Method};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use store::{
    CommitError, Condition, ConflictRetries, IdempotencyKey, IdempotencyLookup, IdempotencyRecord, Protection,
    StoreError, StoredResponse, Write,
};

/// The two headers that carry an idempotency key; a request sends either.
const HEADERS: [&str; 2] = ["idempotency-key", "x-idempotency-key"];

/// Maximum number of characters of an idempotency key, as documented.
const MAX_KEY_LENGTH: usize = 255;

/// The idempotency headers of a request with what else identifies it. They are parsed by the handler, after the
/// fields of the body: that is the documented order of checks.
#[derive(Clone)]
pub struct Idempotency {
    state: ApiState,
    method: Method,
    path: String,
    headers: Vec<(&'static str, HeaderValue)>,
}

impl<T> FromRequestParts<T> for Idempotency
where
    T: Send + Sync,
    ApiState: FromRef<T>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, Infallible> {
        let sent = |name: &'static str| parts.headers.get_all(name).iter().map(move |value| (name, value.clone()));
        Ok(Self {
            state: ApiState::from_ref(state),
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            headers: HEADERS.into_iter().flat_map(sent).collect(),
        })
    }
}

impl Idempotency {
    /// Runs `effect`, unless the request was made before under its idempotency key: then returns the first response.
    ///
    /// `effect` commits its writes with [`IdempotentCall::commit`], which keeps the response.
    pub async fn run(
        &self,
        caller: &Identity,
        body: &JsonBody,
        effect: impl AsyncFnOnce(IdempotentCall) -> Result<ApiResponse, ApiError>,
    ) -> Result<ApiResponse, ApiError> {
        self.run_or_replay_with(caller, body, async |first| Ok(first), effect).await
    }

    /// Runs `effect` as [`Idempotency::run`] does. If the request was made before, returns what `replay` makes of the
    /// first response: for responses that must be renewed or withheld.
    pub async fn run_or_replay_with(
        &self,
        caller: &Identity,
        body: &JsonBody,
        replay: impl AsyncFnOnce(ApiResponse) -> Result<ApiResponse, ApiError>,
        effect: impl AsyncFnOnce(IdempotentCall) -> Result<ApiResponse, ApiError>,
    ) -> Result<ApiResponse, ApiError> {
        let call = self.call(caller, body)?;
        match call.first_response().await? {
            Some(first) => replay(first).await,
            None => effect(call).await,
        }
    }

    /// Returns the request under its idempotency key, for a handler that looks for the first response and reads what
    /// the request is about at the same time.
    pub fn call(&self, caller: &Identity, body: &JsonBody) -> Result<IdempotentCall, ApiError> {
        let key = self.key()?;
        let key = key.map(|key| IdempotencyKey { id: self.id_of(key, caller), body: body.fingerprint() });
        Ok(IdempotentCall { state: self.state.clone(), caller: caller.clone(), key })
    }

    /// Returns the idempotency key, if one was sent. It may be sent in both headers, if they agree.
    fn key(&self) -> Result<Option<&str>, ApiError> {
        let mut found: Option<&str> = None;
        for (name, value) in &self.headers {
            let text = value.to_str().map_err(|_| ErrorKind::field(*name, "must be visible ASCII characters"))?;
            let key = unquoted(text.trim());
            if key.is_empty() || key.chars().count() > MAX_KEY_LENGTH {
                return Err(ErrorKind::field(*name, format!("must have 1 to {MAX_KEY_LENGTH} characters")).into());
            }
            if found.is_some_and(|other| other != key) {
                let reason = "differs from another idempotency key of the request: send one key, in either header";
                return Err(ErrorKind::field(*name, reason).into());
            }
            found = Some(key);
        }
        Ok(found)
    }

    /// Returns the SHA-256 of everything that an idempotency key is scoped to, and the key itself.
    fn id_of(&self, key: &str, caller: &Identity) -> [u8; 32] {
        let environment = caller.environment();
        let business = caller.key.business.map(|business| *business.bytes());
        let parts: [&[u8]; 6] = [
            environment.tenant.bytes(),
            environment.mode.name().as_bytes(),
            business.as_ref().map_or(&[], |bytes| &bytes[..]),
            self.method.as_str().as_bytes(),
            self.path.as_bytes(),
            key.as_bytes(),
        ];
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// A request under its idempotency key, or under none.
#[derive(Clone)]
pub struct IdempotentCall {
    state: ApiState,
    caller: Identity,
    key: Option<IdempotencyKey>,
}

impl IdempotentCall {
    /// Returns the idempotency key, if the request was sent with one.
    pub fn key(&self) -> Option<&IdempotencyKey> {
        self.key.as_ref()
    }

    /// Returns the first response to this request, if there was one. Every replay passes through here.
    pub async fn first_response(&self) -> Result<Option<ApiResponse>, ApiError> {
        let Some(key) = &self.key else { return Ok(None) };
        let response_keys = self.state.response_keys();
        let store = self.state.store();
        let environment = self.caller.environment();
        let decryption_key = |number| response_keys.get(number);
        match store.find_idempotency_record(environment, key, decryption_key, self.state.now()).await? {
            IdempotencyLookup::NotFound => Ok(None),
            IdempotencyLookup::Found(stored) => {
                self.authorize_replay(&stored)?;
                Ok(Some(ApiResponse::from_stored(stored)))
            }
            IdempotencyLookup::Mismatch => Err(ErrorKind::IdempotencyMismatch.into()),
            IdempotencyLookup::Gone => Err(ErrorKind::Gone.into()),
        }
    }

    /// Checks that the caller has the rights of the API key that a stored response holds, if it holds one.
    ///
    /// An idempotency key is scoped to the environment, not to an API key, so that a caller may repeat a request after
    /// it has rotated its key. Any key of the environment can therefore ask for the replay, also one that could not
    /// have made the request.
    fn authorize_replay(&self, stored: &StoredResponse) -> Result<(), ApiError> {
        let rights = match &stored.key_rights {
            Some(rights) => Some(rights.clone()),
            None => native::rights_of_shown_key(&stored.body),
        };
        if rights.is_none_or(|rights| rights.is_within(&self.caller.key.rights())) {
            return Ok(());
        }
        let reason = "The first response to this call holds an API key that can do more than the one of this call.";
        Err(ErrorKind::Forbidden(reason.to_owned()).into())
    }

    /// Returns the first response to this request, or else `error`.
    ///
    /// For errors that a racing request under the same key causes: the state that the error speaks of may be the effect
    /// of that request, and then both get its response.
    pub async fn first_response_or(&self, error: impl Into<ApiError>) -> Result<ApiResponse, ApiError> {
        match self.first_response().await? {
            Some(first) => Ok(first),
            None => Err(error.into()),
        }
    }

    /// Commits `writes` and, under an idempotency key, the record of `response` with them in one transaction.
    ///
    /// If a racing request under the same key was first, nothing is written, and the outcome is its response.
    pub async fn commit(
        &self,
        writes: Vec<Write>,
        response: ApiResponse,
        protection: &Protection,
    ) -> Result<CommitOutcome, ApiError> {
        let record = self
            .key
            .as_ref()
            .map(|key| IdempotencyRecord::new(key, &response.stored(), protection, self.state.now()))
            .transpose()?;
        if writes.is_empty() && record.is_none() {
            return Ok(CommitOutcome::Committed(response));
        }
        match self.state.store().commit_idempotent(writes, record).await {
            Ok(()) => Ok(CommitOutcome::Committed(response)),
            Err(CommitError::IdempotencyConflict) => match self.first_response().await? {
                Some(first) => Ok(CommitOutcome::Committed(first)),
                None => Err(CommitError::IdempotencyConflict.into()),
            },
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(CommitError::ConditionFailed { condition, .. }) => Ok(CommitOutcome::ConditionFailed(condition)),
        }
    }
}

/// The outcome of committing a request's writes.
#[derive(Debug)]
pub enum CommitOutcome {
    /// The writes are committed, by this request or by a racing one under the same key; the response to both.
    Committed(ApiResponse),
    /// This condition did not hold, and nothing was written.
    ConditionFailed(Condition),
}

impl CommitOutcome {
    /// Returns the response, or the conflict that `reason` explains: for effects that must not be repeated after a
    /// change at the same time, so that the caller decides.
    pub fn or_conflict(self, reason: &str) -> Result<ApiResponse, ApiError> {
        match self {
            Self::Committed(response) => Ok(response),
            Self::ConditionFailed(_) => Err(ErrorKind::Conflict(reason.to_owned()).into()),
        }
    }

    /// Returns the response, or `None` if a condition failed and `retries` allows another attempt.
    pub fn or_retry(self, retries: &mut ConflictRetries) -> Result<Option<ApiResponse>, ApiError> {
        match self {
            Self::Committed(response) => Ok(Some(response)),
            Self::ConditionFailed(_) => {
                retries.next_attempt()?;
                Ok(None)
            }
        }
    }

    /// Returns the response, where no condition can fail but by a change at the same time.
    pub fn or_contended(self) -> Result<ApiResponse, ApiError> {
        match self {
            Self::Committed(response) => Ok(response),
            Self::ConditionFailed(_) => Err(StoreError::Contended.into()),
        }
    }
}

/// Removes the quotes of a structured field string (RFC 9651, section 3.3.3), which most clients do not send.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}
