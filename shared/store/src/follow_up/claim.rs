//! Sending a step: claim, send, settle.
//!
//! A message must never be sent twice, and never after an opt-out was acknowledged; and no transaction spans the
//! database and the provider. So sending is in three parts:
//!
//! 1. **Claim** ([`Store::claim_step`]): one transaction stores in the sequence that its next message is being sent
//!    and until when, puts the message into the lead's history, and requires that the sequence is as it was read and
//!    that the lead may still receive messages. Of several processes one succeeds, and only that one may send.
//! 2. **Send**: the claimer calls the provider, with a time limit that ends before its claim does.
//! 3. **Settle** ([`Store::settle_step`]): the outcome is stored, the claim is removed, and the next step is scheduled.
//!
//! A claimer that crashes leaves its claim. The sequence is in the due index, so the sweeper finds it when the claim
//! has run out; the outcome is then *unknown*, and the message is not sent again. Whoever must be sure that nothing is
//! sent any more (an opt-out, an erasure) first stops the sequence and then waits for an open claim
//! ([`Store::await_claim`]).

use crate::follow_up::sequence::DESCRIPTION;
use crate::leads::stored_lead::{StoredLead, is_lead};
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{from_item, is_expired, number, text};
use crate::table::key_schema as keys;
use crate::table::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::follow_up::sequence::{ClaimedStep, SettledStep};
use domain::{Environment, LeadId, LeadStatus, Sequence, Timestamp};
use std::collections::HashMap;

/// The result of claiming a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The step is claimed: its message is to be sent now.
    Claimed,
    /// The sequence has changed since it was read.
    Conflict,
    /// The lead has changed since it was read, or may not receive messages.
    NotContactable,
}

/// A sequence with its lead, as sending its next step needs them.
#[derive(Clone, Debug)]
pub struct StepToSend {
    /// The lead; `None` if it was erased or has expired.
    pub lead: Option<StoredLead>,
    /// The sequence.
    pub sequence: Sequence,
}

impl Store {
    /// Reads the sequences of these leads, each with its lead, in one trip.
    pub async fn steps_to_send(
        &self,
        wanted: &[(Environment, LeadId)],
        now: Timestamp,
    ) -> Result<HashMap<(Environment, LeadId), StepToSend>, StoreError> {
        let keys = wanted
            .iter()
            .flat_map(|(environment, lead)| [keys::lead(*environment, *lead), keys::sequence(*environment, *lead)]);
        let mut found = self.items(keys).await?;
        let mut steps = HashMap::new();
        for (environment, lead) in wanted {
            let Some(sequence) = found.remove(&keys::sequence(*environment, *lead)) else { continue };
            let stored = found.remove(&keys::lead(*environment, *lead));
            let stored =
                stored.filter(|item| is_lead(item) && !is_expired(item, now)).map(StoredLead::from_item).transpose()?;
            let sequence = from_item(sequence, DESCRIPTION)?;
            steps.insert((*environment, *lead), StepToSend { lead: stored, sequence });
        }
        Ok(steps)
    }

    /// Returns the check that a lead may receive messages: that it is as `version` has it, has given consent, has an
    /// open status, and has not opted out. It fails with [`Condition::LeadContactable`].
    pub fn check_contactable(&self, environment: Environment, lead: LeadId, version: u64) -> Write {
        let is_open = "#status IN (:new, :contacted, :qualified)";
        let expression = format!(
            "attribute_exists(#name) AND version = :seen AND consent.given = :yes \
             AND attribute_not_exists(optedOutAt) AND {is_open}"
        );
        Write::check(&keys::lead(environment, lead))
            .require(Condition::LeadContactable, expression)
            .name("#name", "name")
            .name("#status", "status")
            .value(":seen", number(version))
            .value(":yes", AttributeValue::Bool(true))
            .value(":new", text(LeadStatus::New.name()))
            .value(":contacted", text(LeadStatus::Contacted.name()))
            .value(":qualified", text(LeadStatus::Qualified.name()))
    }

    /// Claims a step of the sequence with the version `sequence_version`, whose lead has the version `lead_version`.
    /// The sweeper is to check the claim at `check_at`.
    pub async fn claim_step(
        &self,
        environment: Environment,
        claimed: &ClaimedStep,
        sequence_version: u64,
        lead_version: u64,
        check_at: Timestamp,
    ) -> Result<ClaimOutcome, StoreError> {
        let writes = vec![
            self.put_sequence(environment, &claimed.sequence, Some(sequence_version), Some(check_at))?,
            self.check_contactable(environment, claimed.sequence.lead, lead_version),
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

    /// Stores the outcome of a claim for the sequence with the version `sequence_version`; returns `false` if it has
    /// changed since it was claimed.
    pub async fn settle_step(
        &self,
        environment: Environment,
        settled: &SettledStep,
        sequence_version: u64,
        check_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let writes = vec![
            self.put_sequence(environment, &settled.sequence, Some(sequence_version), check_at)?,
            self.put_message(environment, &settled.message)?,
        ];
        self.commit_if(writes).await
    }
}
