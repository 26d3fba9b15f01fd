//! Follow-up sequences: one item for each lead, in the lead's partition, replaced as a whole under its version.
//!
//! A sequence is in the due index while it runs, or while a message of it is being sent ([`super::claim`]).

use crate::table::Store;
use crate::table::due_index::due_attributes;
use crate::table::error::StoreError;
use crate::table::item::{Item, number, text, to_item};
use crate::table::key_schema::{self as keys, TTL};
use crate::table::retry::{ConflictRetries, MAX_SEQUENCE_CONFLICT_ATTEMPTS};
use crate::table::write::{Table, Write};
use domain::follow_up::sequence::{CLAIM_DURATION, StopReason};
use domain::{Environment, LeadId, Sequence, Timestamp};
use std::time::Duration;

/// Names a sequence in errors.
pub(super) const DESCRIPTION: &str = "a sequence";

/// Pause between two looks at an open claim. A provider usually takes some hundred milliseconds.
const CLAIM_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Returns the item of a sequence, in the due index if it is unfinished and has a check time.
fn sequence_item(
    environment: Environment,
    sequence: &Sequence,
    check_at: Option<Timestamp>,
) -> Result<Item, StoreError> {
    let mut item = keys::sequence(environment, sequence.lead).with(to_item(sequence)?);
    item.insert(TTL.to_owned(), number(sequence.expires_at.seconds()));
    if let Some(check_at) = check_at.filter(|_| sequence.is_unfinished()) {
        item.extend(due_attributes(sequence.lead.bytes(), check_at));
    }
    Ok(item)
}

impl Store {
    /// Returns the write of a sequence, to be checked by the sweeper at `check_at`. It replaces the one with the
    /// version `before` and fails with [`Condition::Unchanged`](crate::Condition::Unchanged) if there is another;
    /// without `before`, it fails with [`Condition::Absent`](crate::Condition::Absent) if there is any.
    pub fn put_sequence(
        &self,
        environment: Environment,
        sequence: &Sequence,
        before: Option<u64>,
        check_at: Option<Timestamp>,
    ) -> Result<Write, StoreError> {
        let write = Write::put(Table::Main, sequence_item(environment, sequence, check_at)?);
        Ok(match before {
            Some(before) => write.require_version(before),
            None => write.require_absent(),
        })
    }

    /// Reads a lead's sequence, unless it has expired.
    pub async fn sequence(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<Option<Sequence>, StoreError> {
        self.unexpired_entity(&keys::sequence(environment, lead), DESCRIPTION, now).await
    }

    /// Replaces the sequence `old` by `next`; returns `false` if it has changed since it was read.
    pub async fn replace_sequence(
        &self,
        environment: Environment,
        old: &Sequence,
        next: &Sequence,
        check_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.commit_if(self.replacement(environment, old, next, check_at)?).await
    }

    /// Returns the writes that replace the sequence `old` by `next`, and record the status of a message that is
    /// abandoned by it.
    fn replacement(
        &self,
        environment: Environment,
        old: &Sequence,
        next: &Sequence,
        check_at: Option<Timestamp>,
    ) -> Result<Vec<Write>, StoreError> {
        let put = self.put_sequence(environment, next, Some(old.version), check_at)?;
        let abandoned = old.abandoned_message(next).map(|(message, status)| {
            Write::update(&keys::message(environment, old.lead, message), "SET #status = :status")
                .require_exists()
                .name("#status", "status")
                .value(":status", text(status.name()))
        });
        Ok(std::iter::once(put).chain(abandoned).collect())
    }

    /// Returns the writes that stop a sequence: that replace `old` by `stopped`. None if both are the same.
    pub fn stop_sequence_writes(
        &self,
        environment: Environment,
        old: &Sequence,
        stopped: &Sequence,
    ) -> Result<Vec<Write>, StoreError> {
        if stopped == old {
            return Ok(Vec::new());
        }
        // An open claim stays in the due index: if its sender crashes, the sweeper settles it.
        self.replacement(environment, old, stopped, stopped.claim.map(|claim| claim.until))
    }

    /// Stops the lead's sequence, unless it started after `started_until`, and returns it; `None` if the lead has no
    /// sequence.
    ///
    /// A message with an open claim may still be sent: [`Store::await_claim`] waits for it.
    pub async fn stop_sequence(
        &self,
        environment: Environment,
        lead: LeadId,
        reason: StopReason,
        started_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Sequence>, StoreError> {
        let mut retries = ConflictRetries::new(MAX_SEQUENCE_CONFLICT_ATTEMPTS);
        loop {
            let Some(old) = self.sequence(environment, lead, now).await? else { return Ok(None) };
            let stopped = old.stopped(reason, now);
            if stopped == old || old.started_at > started_until {
                return Ok(Some(old));
            }
            let writes = self.stop_sequence_writes(environment, &old, &stopped)?;
            if self.commit_if(writes).await? {
                return Ok(Some(stopped));
            }
            retries.next_attempt()?;
        }
    }

    /// Waits until no message to the lead is being sent any more: until its claim is settled or has run out.
    pub async fn await_claim(&self, environment: Environment, lead: LeadId, now: Timestamp) -> Result<(), StoreError> {
        let mut waited = Duration::ZERO;
        // Bounded by the duration of a claim, whatever the clocks of two processes say.
        while waited <= CLAIM_DURATION {
            match self.sequence(environment, lead, now).await? {
                Some(sequence) if sequence.has_open_claim(now.after(waited)) => {}
                _ => return Ok(()),
            }
            tokio::time::sleep(CLAIM_POLL_INTERVAL).await;
            waited += CLAIM_POLL_INTERVAL;
        }
        Ok(())
    }
}
