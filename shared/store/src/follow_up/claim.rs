//! Sending a step: claim, send, settle.
//!
//! A message must never be sent twice, and never after an opt-out was acknowledged; and no transaction spans the
//! database and the provider. So sending is in three parts:
//!
//! 1. **Claim** ([`Store::claim_step`]): one transaction stores in the sequence that its next message is being sent
//!    and until when, puts the message into the lead's history, and requires that the sequence is as it was read, that
//!    the lead may still receive messages, and that its number and address are not suppressed ([`super::suppression`]).
//!    Of several processes one succeeds, and only that one may send.
//! 2. **Send**: the claimer calls the provider, with a time limit that ends before its claim does.
//! 3. **Settle** ([`Store::settle_step`]): the outcome is stored, the claim is removed, and the next step is scheduled.
//!
//! A claimer that crashes leaves its claim. The sequence is in the due index, so the sweeper finds it when the claim
//! has run out; the outcome is then *unknown*, and the message is not sent again. Whoever must be sure that nothing is
//! sent any more (an opt-out, an erasure) first stops the sequence and then waits for an open claim
//! ([`Store::await_claim`]).

use crate::follow_up::sequence::DESCRIPTION;
use crate::follow_up::suppression::{is_suppressed, join_contact};
use crate::leads::stored_lead::{StoredLead, is_lead};
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, is_expired, number, text};
use crate::table::key_schema::{self as keys, Key};
use crate::table::retry::ConflictRetries;
use crate::table::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::follow_up::sequence::{ClaimedStep, SettledStep};
use domain::{Business, Environment, LeadId, LeadStatus, Sequence, SuppressionId, Timestamp};
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
    /// The lead's number or address is suppressed.
    Suppressed,
}

/// The requirements of a claim, and when the sweeper is to check it.
#[derive(Clone, Copy, Debug)]
pub struct StepClaim<'a> {
    /// Version of the sequence as it was read.
    pub sequence_version: u64,
    /// Version of the lead as it was read.
    pub lead_version: u64,
    /// Suppressions that must not exist: those of the lead's number and address.
    pub contacts: &'a [SuppressionId],
    /// Time at which the sweeper checks the claim.
    pub check_at: Timestamp,
}

/// A sequence with its lead and business, as sending its next step needs them.
#[derive(Clone, Debug)]
pub struct StepToSend {
    /// The lead; `None` if it was erased or has expired.
    pub lead: Option<StoredLead>,
    /// The business of the sequence; `None` if it does not exist.
    pub business: Option<Business>,
    /// The sequence.
    pub sequence: Sequence,
}

/// The steps of a batch, by environment and lead, or for each the reason why it cannot be read.
pub type StepsToSend = HashMap<(Environment, LeadId), Result<StepToSend, StoreError>>;

/// Returns a step with everything that sending it needs, from the items of a batch.
fn step_to_send(
    sequence: Sequence,
    environment: Environment,
    found: &HashMap<Key, Item>,
    businesses: &HashMap<Key, Item>,
    now: Timestamp,
) -> Result<StepToSend, StoreError> {
    let lead = found.get(&keys::lead(environment, sequence.lead));
    let lead = lead.filter(|item| is_lead(item) && !is_expired(item, now));
    let business = businesses.get(&keys::business(environment.tenant, sequence.business));
    Ok(StepToSend {
        lead: lead.cloned().map(StoredLead::from_item).transpose()?,
        business: business.cloned().map(|item| from_item(item, "a business")).transpose()?,
        sequence,
    })
}

impl Store {
    /// Reads the sequences of these leads, each with its lead, in one trip, and then their businesses in another. Leads
    /// without a sequence are left out. What this version cannot read, such as a sequence that a newer release wrote, is an
    /// error of its own and hinders no other.
    pub async fn steps_to_send(
        &self,
        wanted: &[(Environment, LeadId)],
        now: Timestamp,
    ) -> Result<StepsToSend, StoreError> {
        let keys = wanted
            .iter()
            .flat_map(|(environment, lead)| [keys::lead(*environment, *lead), keys::sequence(*environment, *lead)]);
        let found = self.items(keys).await?;
        let sequence_of = |(environment, lead): &(Environment, LeadId)| {
            let item = found.get(&keys::sequence(*environment, *lead))?;
            Some(((*environment, *lead), from_item::<Sequence>(item.clone(), DESCRIPTION)))
        };
        let sequences: HashMap<_, _> = wanted.iter().filter_map(sequence_of).collect();
        let businesses = sequences.iter().filter_map(|((environment, _), sequence)| {
            Some(keys::business(environment.tenant, sequence.as_ref().ok()?.business))
        });
        let businesses = self.items(businesses).await?;
        let step = |((environment, lead), sequence): (_, Result<Sequence, _>)| {
            let step = sequence.and_then(|sequence| step_to_send(sequence, environment, &found, &businesses, now));
            ((environment, lead), step)
        };
        Ok(sequences.into_iter().map(step).collect())
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

    /// Claims a step of a sequence, unless the lead's number or address is suppressed.
    pub async fn claim_step(
        &self,
        environment: Environment,
        claimed: &ClaimedStep,
        claim: &StepClaim<'_>,
        now: Timestamp,
    ) -> Result<ClaimOutcome, StoreError> {
        let lead = claimed.sequence.lead;
        let mut writes = vec![
            self.put_sequence(environment, &claimed.sequence, Some(claim.sequence_version), Some(claim.check_at))?,
            self.check_contactable(environment, lead, claim.lead_version),
            self.put_message(environment, &claimed.message)?,
        ];
        writes.extend(claim.contacts.iter().map(|id| join_contact(environment, *id, lead, now)));
        let mut retries = ConflictRetries::default();
        loop {
            match self.commit(writes.clone()).await {
                Ok(()) => return Ok(ClaimOutcome::Claimed),
                Err(CommitError::ConditionFailed { condition: Condition::LeadContactable, .. }) => {
                    return Ok(ClaimOutcome::NotContactable);
                }
                Err(CommitError::ConditionFailed { condition: Condition::ContactNotSuppressed, found }) => {
                    if is_suppressed(found.as_deref()) {
                        return Ok(ClaimOutcome::Suppressed);
                    }
                    self.make_room(environment, claim.contacts, now).await?;
                }
                Err(CommitError::ConditionFailed { .. }) => return Ok(ClaimOutcome::Conflict),
                Err(error) => return Err(error.into_contended()),
            }
            retries.next_attempt()?;
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
