//! Idempotency: the same key and body get the first answer again, byte for byte.

use crate::answer::Answer;
use crate::caller::Caller;
use crate::input::Input;
use crate::refused::Refused;
use contract::Refusal;
use sha2::{Digest, Sha256};
use store::{CommitError, Once, OnceFound, Protection, Record, Write};

/// The two headers that carry an idempotency key; either will do.
const HEADERS: [&str; 2] = ["idempotency-key", "x-idempotency-key"];

/// Characters of an idempotency key at most.
const LONGEST: usize = 255;

/// What came of committing a call's writes.
#[derive(Debug)]
pub enum Committed {
    /// They stand, and this is the answer; or the same call was first, and this is what it was answered.
    Answered(Answer),
    /// A condition did not hold: the number of the write, and what stands there.
    Refused(CommitError),
}

impl<S> Caller<S> {
    /// The call's idempotency key with its fingerprint, if it was sent with one.
    pub fn once(&self, input: &Input) -> Result<Option<Once>, Refused> {
        let mut found: Option<&str> = None;
        for name in HEADERS {
            for value in self.headers.get_all(name) {
                let text = value.to_str().map_err(|_| Refusal::field(name, "must be visible ASCII characters"))?;
                let key = unquoted(text.trim());
                if key.is_empty() || key.chars().count() > LONGEST {
                    return Err(Refusal::field(name, format!("must have 1 to {LONGEST} characters")).into());
                }
                if found.is_some_and(|other| other != key) {
                    return Err(Refusal::field(name, "must be sent once").into());
                }
                found = Some(key);
            }
        }
        Ok(found.map(|key| Once { id: self.once_id(key), fingerprint: input.fingerprint() }))
    }

    fn once_id(&self, key: &str) -> [u8; 32] {
        let world = self.world();
        let business = self.key.business.map(|business| *business.bytes());
        let parts: [&[u8]; 6] = [
            world.tenant.bytes(),
            world.mode.name().as_bytes(),
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
    pub async fn replay(&self, once: Option<&Once>) -> Result<Option<Answer>, Refused> {
        let Some(once) = once else { return Ok(None) };
        let seals = self.gate.seals();
        let found =
            self.gate.store().find_once(self.world(), once, |number| seals.find(number), self.gate.now()).await?;
        match found {
            OnceFound::Nothing => Ok(None),
            OnceFound::Answer(answer) => Ok(Some(Answer::from_stored(answer))),
            OnceFound::Mismatch => Err(Refusal::IdempotencyMismatch.into()),
            OnceFound::Gone => Err(Refusal::Gone.into()),
        }
    }

    /// The refusal of a call that its own double has overtaken speaks of the double's effect: what that was answered
    /// is the answer to both. Any other refusal stands.
    pub async fn first_or(&self, once: Option<&Once>, refused: impl Into<Refused>) -> Result<Answer, Refused> {
        match self.replay(once).await? {
            Some(first) => Ok(first),
            None => Err(refused.into()),
        }
    }

    /// Commits `writes` and, under an idempotency key, the record of `answer` with them.
    pub async fn commit(
        &self,
        writes: Vec<Write>,
        once: Option<&Once>,
        answer: Answer,
        protection: &Protection,
    ) -> Result<Committed, Refused> {
        let store = self.gate.store();
        let record = once.map(|once| Record::new(once, &answer.stored(), protection, self.gate.now())).transpose()?;
        if writes.is_empty() && record.is_none() {
            return Ok(Committed::Answered(answer));
        }
        match store.commit(writes, record).await {
            Ok(()) => Ok(Committed::Answered(answer)),
            Err(CommitError::Raced) => match self.replay(once).await? {
                Some(first) => Ok(Committed::Answered(first)),
                None => Err(CommitError::Raced.into()),
            },
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(refused @ CommitError::Condition { .. }) => Ok(Committed::Refused(refused)),
        }
    }

    /// How an answer that holds a secret is kept.
    pub fn secret_protection(&self) -> Result<Protection, Refused> {
        let (number, key) = self.gate.seals().current().ok_or_else(|| Refused::internal("no key to seal with"))?;
        Ok(Protection::Secret(number, key))
    }
}

impl Committed {
    /// The answer; a condition that did not hold means that something changed meanwhile.
    pub fn or_contended(self) -> Result<Answer, Refused> {
        match self {
            Self::Answered(answer) => Ok(answer),
            Self::Refused(error) => Err(error.into()),
        }
    }
}

/// Structured fields quote strings (RFC 8941); most callers do not.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}
