//! Idempotency: the same key and body get the first answer again, byte for byte.

use crate::api_error::ApiError;
use crate::api_response::ApiResponse;
use crate::caller::Caller;
use crate::input::JsonBody;
use contract::ErrorKind;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use store::{CommitError, DataKey, IdempotencyKey, IdempotencyLookup, IdempotencyRecord, Protection, Write};

/// The two headers that carry an idempotency key; either will do.
const HEADERS: [&str; 2] = ["idempotency-key", "x-idempotency-key"];

/// Characters of an idempotency key at most.
const LONGEST: usize = 255;

/// The keys that encrypt kept responses which hold a secret, by the numbers of the master keys they derive from.
#[derive(Clone, Debug)]
pub struct ResponseKeys {
    /// The number of the key that encrypts.
    pub current: u32,
    /// Every key that still decrypts.
    pub keys: BTreeMap<u32, DataKey>,
}

impl ResponseKeys {
    fn current(&self) -> Option<(u32, DataKey)> {
        self.keys.get(&self.current).map(|key| (self.current, key.clone()))
    }

    fn get(&self, number: u32) -> Option<DataKey> {
        self.keys.get(&number).cloned()
    }
}

/// What came of committing a call's writes.
#[derive(Debug)]
pub enum CommitOutcome {
    /// They stand, and this is the answer; or the same call was first, and this is what it was answered.
    Answered(ApiResponse),
    /// A condition did not hold: the number of the write, and what stands there.
    ConditionFailed(CommitError),
}

impl<S> Caller<S> {
    /// The call's idempotency key with its fingerprint, if it was sent with one.
    pub fn idempotency_key(&self, input: &JsonBody) -> Result<Option<IdempotencyKey>, ApiError> {
        let mut found: Option<&str> = None;
        for name in HEADERS {
            for value in self.headers.get_all(name) {
                let text = value.to_str().map_err(|_| ErrorKind::field(name, "must be visible ASCII characters"))?;
                let key = unquoted(text.trim());
                if key.is_empty() || key.chars().count() > LONGEST {
                    return Err(ErrorKind::field(name, format!("must have 1 to {LONGEST} characters")).into());
                }
                if found.is_some_and(|other| other != key) {
                    return Err(ErrorKind::field(name, "must be sent once").into());
                }
                found = Some(key);
            }
        }
        Ok(found.map(|key| IdempotencyKey { id: self.idempotency_id(key), fingerprint: input.fingerprint() }))
    }

    fn idempotency_id(&self, key: &str) -> [u8; 32] {
        let environment = self.environment();
        let business = self.key.business.map(|business| *business.bytes());
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

    /// The first answer to this call, if there was one.
    pub async fn replay(&self, idempotency_key: Option<&IdempotencyKey>) -> Result<Option<ApiResponse>, ApiError> {
        let Some(idempotency_key) = idempotency_key else { return Ok(None) };
        let response_keys = self.state.response_keys();
        let found = self
            .state
            .store()
            .find_idempotency_record(
                self.environment(),
                idempotency_key,
                |number| response_keys.get(number),
                self.state.now(),
            )
            .await?;
        match found {
            IdempotencyLookup::NotFound => Ok(None),
            IdempotencyLookup::Found(answer) => Ok(Some(ApiResponse::from_stored(answer))),
            IdempotencyLookup::Mismatch => Err(ErrorKind::IdempotencyMismatch.into()),
            IdempotencyLookup::Gone => Err(ErrorKind::Gone.into()),
        }
    }

    /// The refusal of a call that its own double has overtaken speaks of the double's effect: what that was answered
    /// is the answer to both. Any other refusal stands.
    pub async fn first_or(
        &self,
        idempotency_key: Option<&IdempotencyKey>,
        error: impl Into<ApiError>,
    ) -> Result<ApiResponse, ApiError> {
        match self.replay(idempotency_key).await? {
            Some(first) => Ok(first),
            None => Err(error.into()),
        }
    }

    /// Commits `writes` and, under an idempotency key, the record of `answer` with them.
    pub async fn commit(
        &self,
        writes: Vec<Write>,
        idempotency_key: Option<&IdempotencyKey>,
        answer: ApiResponse,
        protection: &Protection,
    ) -> Result<CommitOutcome, ApiError> {
        let store = self.state.store();
        let record = idempotency_key
            .map(|idempotency_key| {
                IdempotencyRecord::new(idempotency_key, &answer.stored(), protection, self.state.now())
            })
            .transpose()?;
        if writes.is_empty() && record.is_none() {
            return Ok(CommitOutcome::Answered(answer));
        }
        match store.commit_idempotent(writes, record).await {
            Ok(()) => Ok(CommitOutcome::Answered(answer)),
            Err(CommitError::IdempotencyConflict) => match self.replay(idempotency_key).await? {
                Some(first) => Ok(CommitOutcome::Answered(first)),
                None => Err(CommitError::IdempotencyConflict.into()),
            },
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(error @ CommitError::ConditionFailed { .. }) => Ok(CommitOutcome::ConditionFailed(error)),
        }
    }

    /// How an answer that holds a secret is kept.
    pub fn secret_protection(&self) -> Result<Protection, ApiError> {
        let (number, key) =
            self.state.response_keys().current().ok_or_else(|| ApiError::internal("no key to seal with"))?;
        Ok(Protection::MasterKey(number, key))
    }
}

impl CommitOutcome {
    /// The answer; a condition that did not hold means that something changed meanwhile.
    pub fn or_contended(self) -> Result<ApiResponse, ApiError> {
        match self {
            Self::Answered(answer) => Ok(answer),
            Self::ConditionFailed(error) => Err(error.into()),
        }
    }
}

/// Structured fields quote strings (RFC 8941); most callers do not.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}
