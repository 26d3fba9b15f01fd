//! Sequences: one for a lead, in its own partition, replaced whole under its version. While something must still
//! happen it stands in the due index.

use crate::Store;
use crate::commit::{CommitError, Table, Write};
use crate::condition::Condition;
use crate::due::{due_shard, shard_key};
use crate::error::StoreError;
use crate::item::{Item, from_item, get_text, is_expired, number, text, to_item};
use crate::keys::{self, DUE_CHECK, DUE_SHARD, Key, LEAD_KIND, PK, SK, TTL};
use crate::lead::{StoredLead, is_lead};
use domain::follow_up::sequence::{CLAIM_DURATION, ClaimedStep, SettledStep, StopReason};
use domain::{Environment, LeadId, LeadStatus, Sequence, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

/// How often a stop meets a sequence that changes meanwhile.
const ROUNDS: u32 = 10;

/// Between two looks at a claim that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What came of claiming a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// It is to be sent now.
    Claimed,
    /// Somebody changed the sequence meanwhile.
    Conflict,
    /// The lead is not to be written to.
    NotContactable,
}

/// A sequence whose next step may be due, and its lead.
#[derive(Clone, Debug)]
pub struct StepToSend {
    /// The lead; `None` when it has been erased or its time is over.
    pub lead: Option<StoredLead>,
    /// The sequence.
    pub sequence: Sequence,
}

fn item_of(environment: Environment, sequence: &Sequence, check_at: Option<Timestamp>) -> Result<Item, StoreError> {
    let mut item = keys::sequence(environment, sequence.lead).with(to_item(sequence)?);
    item.insert(TTL.to_owned(), number(sequence.expires_at.seconds()));
    if let Some(check_at) = check_at.filter(|_| sequence.is_unfinished()) {
        item.insert(DUE_SHARD.to_owned(), text(shard_key(due_shard(sequence.lead.bytes()))));
        item.insert(DUE_CHECK.to_owned(), number(check_at.millis()));
    }
    Ok(item)
}

impl Store {
    /// The write of a sequence that the sweep looks at from `check_at` on, in the place of the one that had the version
    /// `before`, or of none.
    pub fn put_sequence(
        &self,
        environment: Environment,
        sequence: &Sequence,
        before: Option<u64>,
        check_at: Option<Timestamp>,
    ) -> Result<Write, StoreError> {
        let write = Write::put(Table::Main, item_of(environment, sequence, check_at)?);
        Ok(match before {
            Some(before) => write.require_version(before),
            None => write.require_absent(),
        })
    }

    /// Lets a transaction fail unless the lead may be written to: it is there as `version` has it, has consented, is
    /// open, and has not opted out.
    pub fn check_contactable(&self, environment: Environment, lead: LeadId, version: u64) -> Write {
        let open = "#status IN (:new, :contacted, :qualified)";
        Write::check(&keys::lead(environment, lead))
            .require(
                Condition::LeadContactable,
                format!(
                    "attribute_exists(#name) AND version = :seen AND consent.given = :yes \
                 AND attribute_not_exists(optedOutAt) AND {open}"
                ),
            )
            .name("#name", "name")
            .name("#status", "status")
            .value(":seen", number(version))
            .value(":yes", aws_sdk_dynamodb::types::AttributeValue::Bool(true))
            .value(":new", text(LeadStatus::New.name()))
            .value(":contacted", text(LeadStatus::Contacted.name()))
            .value(":qualified", text(LeadStatus::Qualified.name()))
    }

    /// Lets a transaction fail where the lead is not there.
    pub fn check_lead_exists(&self, environment: Environment, lead: LeadId) -> Write {
        Write::check(&keys::lead(environment, lead))
            .require(Condition::LeadExists, "attribute_exists(#name)")
            .name("#name", "name")
    }

    /// The lead's sequence, unless its time is over.
    pub async fn sequence(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<Option<Sequence>, StoreError> {
        let found = self.item(&keys::sequence(environment, lead)).await?;
        found.filter(|item| !is_expired(item, now)).map(|item| from_item(item, "a sequence")).transpose()
    }

    /// The sequences of these leads, each with its lead: one trip for all.
    pub async fn steps_to_send(
        &self,
        wanted: &[(Environment, LeadId)],
        now: Timestamp,
    ) -> Result<HashMap<(Environment, LeadId), StepToSend>, StoreError> {
        let mut wanted_keys: Vec<_> = wanted
            .iter()
            .flat_map(|(environment, lead)| [keys::lead(*environment, *lead), keys::sequence(*environment, *lead)])
            .map(|key| (key.pk, key.sk))
            .collect();
        wanted_keys.sort_unstable();
        wanted_keys.dedup();
        let wanted_keys = wanted_keys.into_iter().map(|(pk, sk)| Key { pk, sk }.to_item()).collect();
        let mut found: HashMap<(String, String), Item> = HashMap::new();
        for item in self.batch_get(&self.table, wanted_keys).await? {
            if let (Some(pk), Some(sk)) = (get_text(&item, PK), get_text(&item, SK)) {
                found.insert((pk.to_owned(), sk.to_owned()), item);
            }
        }
        let mut steps = HashMap::new();
        for (environment, lead) in wanted {
            let key = keys::sequence(*environment, *lead);
            let Some(sequence) = found.remove(&(key.pk.clone(), key.sk)) else { continue };
            let stored = found.remove(&(key.pk, LEAD_KIND.to_owned()));
            let stored =
                stored.filter(|item| is_lead(item) && !is_expired(item, now)).map(StoredLead::read).transpose()?;
            let sequence = from_item(sequence, "a sequence")?;
            steps.insert((*environment, *lead), StepToSend { lead: stored, sequence });
        }
        Ok(steps)
    }

    /// Claims a step of the sequence that had the version `before`, whose lead has the version `lead`: after this, and
    /// only then, its message may be sent.
    pub async fn claim_step(
        &self,
        environment: Environment,
        claimed: &ClaimedStep,
        before: u64,
        lead: u64,
        check_at: Timestamp,
    ) -> Result<ClaimOutcome, StoreError> {
        let writes = vec![
            self.put_sequence(environment, &claimed.sequence, Some(before), Some(check_at))?,
            self.check_contactable(environment, claimed.sequence.lead, lead),
            self.put_message(environment, &claimed.message)?,
        ];
        match self.commit(writes).await {
            Ok(()) => Ok(ClaimOutcome::Claimed),
            Err(CommitError::ConditionFailed { condition: Condition::LeadContactable, .. }) => {
                Ok(ClaimOutcome::NotContactable)
            }
            Err(CommitError::ConditionFailed { .. }) => Ok(ClaimOutcome::Conflict),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// Records what came of a claim, for the sequence that had the version `before`; `false` when it has changed since.
    pub async fn settle_step(
        &self,
        environment: Environment,
        settled: &SettledStep,
        before: u64,
        check_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let writes = vec![
            self.put_sequence(environment, &settled.sequence, Some(before), check_at)?,
            self.put_message(environment, &settled.message)?,
        ];
        self.took_effect(writes).await
    }

    /// Puts `next` in the place of `old`; `false` when that has changed since.
    pub async fn replace_sequence(
        &self,
        environment: Environment,
        old: &Sequence,
        next: &Sequence,
        check_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.took_effect(self.replace_writes(environment, old, next, check_at)?).await
    }

    /// The writes that put `next` in the place of `old`, and tell of a message that is given up by it.
    fn replace_writes(
        &self,
        environment: Environment,
        old: &Sequence,
        next: &Sequence,
        check_at: Option<Timestamp>,
    ) -> Result<Vec<Write>, StoreError> {
        let put = self.put_sequence(environment, next, Some(old.version), check_at)?;
        let given_up = old.abandoned_message(next).map(|(message, status)| {
            Write::update(&keys::message(environment, old.lead, message), "SET #status = :status")
                .require_exists()
                .name("#status", "status")
                .value(":status", text(status.name()))
        });
        Ok(std::iter::once(put).chain(given_up).collect())
    }

    async fn took_effect(&self, writes: Vec<Write>) -> Result<bool, StoreError> {
        match self.commit(writes).await {
            Ok(()) => Ok(true),
            Err(CommitError::ConditionFailed { .. }) => Ok(false),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// The writes that put `stopped` in the place of `old`, none where it is the same; the first fails when it has
    /// changed since.
    pub fn stop_sequence_writes(
        &self,
        environment: Environment,
        old: &Sequence,
        stopped: &Sequence,
    ) -> Result<Vec<Write>, StoreError> {
        if stopped == old {
            return Ok(Vec::new());
        }
        // A claim whose sender is gone is given its outcome when it is over.
        self.replace_writes(environment, old, stopped, stopped.claim.map(|claim| claim.until))
    }

    /// Stops the lead's sequence, if it has one that has started by `started`, and answers with the one it has. A message that is on its way may still go out:
    /// [`Store::await_claim`] waits for it.
    pub async fn stop_sequence(
        &self,
        environment: Environment,
        lead: LeadId,
        reason: StopReason,
        started: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Sequence>, StoreError> {
        for _ in 0..ROUNDS {
            let Some(old) = self.sequence(environment, lead, now).await? else { return Ok(None) };
            let stopped = old.stopped(reason, now);
            if stopped == old || old.started_at > started {
                return Ok(Some(old));
            }
            let writes = self.stop_sequence_writes(environment, &old, &stopped)?;
            if self.took_effect(writes).await? {
                return Ok(Some(stopped));
            }
        }
        Err(StoreError::Contended)
    }

    /// Waits until no message to the lead is on its way any more: its claim has an outcome, or its time is over.
    pub async fn await_claim(&self, environment: Environment, lead: LeadId, now: Timestamp) -> Result<(), StoreError> {
        let mut waited = Duration::ZERO;
        // A claim lasts no longer, whatever a clock says.
        while waited <= CLAIM_DURATION {
            match self.sequence(environment, lead, now).await? {
                Some(sequence) if sequence.has_open_claim(now.after(waited)) => {}
                _ => return Ok(()),
            }
            tokio::time::sleep(LOOK_AGAIN).await;
            waited += LOOK_AGAIN;
        }
        Ok(())
    }
}
