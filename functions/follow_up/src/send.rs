//! Claims a step, sends its message, and settles the claim. The crate's documentation describes the protocol.

use crate::FollowUpHandler;
use crate::step::StepContext;
use domain::follow_up::sequence::{Claim, ClaimedStep, SendFailure, SendOutcome};
use domain::{Environment, Message, Mode, Sequence, Timestamp};
use messaging::OutgoingMessage;
use std::time::Duration;
use store::{ClaimOutcome, ConflictRetries, StoreError};

/// Timeout of one call of the sender. Longer than the sender's own timeout of its provider, so that usually the sender
/// reports the outcome.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);

/// Minimum time that must be left of a claim when a message is handed to the provider.
const MIN_TIME_TO_SEND: Duration = Duration::from_secs(2);

impl FollowUpHandler {
    /// Writes the claim; if that succeeds, sends the message to `to` and settles the claim.
    pub(crate) async fn claim_and_send(
        &self,
        step: &StepContext<'_>,
        sequence: &Sequence,
        claimed: ClaimedStep,
        to: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let claim_ends = claimed.sequence.claim.map_or(now, |claim| claim.until);
        let (before, lead) = (sequence.version, step.lead.version);
        match self.dependencies.store.claim_step(step.environment, &claimed, before, lead, claim_ends).await? {
            ClaimOutcome::Claimed => {}
            // Whoever changed the sequence takes care of what follows.
            ClaimOutcome::Conflict => return Ok(()),
            // The lead has changed, so the redelivered message decides again.
            ClaimOutcome::NotContactable => return Err(StoreError::Contended),
        }
        let sent = self.send(step.environment, &claimed, to, claim_ends).await;
        self.settle(step, claimed.sequence, &claimed.message, sent).await
    }

    /// Sends a claimed message, if enough time is left of the claim. In a test environment nothing is sent.
    async fn send(
        &self,
        environment: Environment,
        claimed: &ClaimedStep,
        to: String,
        claim_ends: Timestamp,
    ) -> SendOutcome {
        let message = &claimed.message;
        if environment.mode == Mode::Test {
            return SendOutcome::Simulated;
        }
        let left = claim_ends.since(self.dependencies.clock.now());
        if left < MIN_TIME_TO_SEND {
            return SendOutcome::RetryLater(SendFailure::ClaimExpired);
        }
        let outgoing = OutgoingMessage {
            id: message.id.to_string(),
            channel: message.channel,
            to,
            subject: message.subject.clone(),
            body: message.body.clone(),
        };
        let sent = match tokio::time::timeout(SEND_TIMEOUT.min(left), self.dependencies.sender.send(&outgoing)).await {
            Ok(messaging::ProviderResult::Accepted { provider_id }) => SendOutcome::Sent(provider_id),
            Ok(messaging::ProviderResult::Rejected { failure }) => SendOutcome::Rejected(failure),
            Ok(messaging::ProviderResult::RetryLater { failure }) => SendOutcome::RetryLater(failure),
            Ok(messaging::ProviderResult::Unknown { failure }) => SendOutcome::Unknown(failure),
            Err(_) => SendOutcome::Unknown(SendFailure::Timeout),
        };
        let (status, reason) = (sent.message_status().name(), sent.failure().map(SendFailure::text));
        tracing::info!(id = %message.id, channel = message.channel.name(), status, reason, "follow-up message attempted");
        sent
    }

    /// Records the outcome of a claim and the sequence's next step. If somebody changes the sequence meanwhile, for
    /// example stops it, the outcome is applied to the changed sequence.
    async fn settle(
        &self,
        step: &StepContext<'_>,
        mut claimed: Sequence,
        message: &Message,
        sent: SendOutcome,
    ) -> Result<(), StoreError> {
        let mut retries = ConflictRetries::default();
        loop {
            let now = self.dependencies.clock.now();
            let Some(settled) = claimed.settle_claim(message, sent.clone(), &self.policy(step), now) else {
                return Ok(());
            };
            let check_at = self.check_at(&settled.sequence, now);
            if self.dependencies.store.settle_step(step.environment, &settled, claimed.version, check_at).await? {
                self.enqueue(step.environment, &settled.sequence, now).await;
                return Ok(());
            }
            match self.dependencies.store.sequence(step.environment, step.lead.id, now).await? {
                Some(changed) => claimed = changed,
                // The lead has been erased.
                None => return Ok(()),
            }
            retries.next_attempt()?;
        }
    }

    /// Settles a claim that has ended without an outcome as unknown. Its message is never sent again.
    pub(crate) async fn settle_abandoned(
        &self,
        step: &StepContext<'_>,
        sequence: &Sequence,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if claim.until > now {
            // Another process is sending the message. If it ends without an outcome, the sweeper finds the claim.
            return Ok(());
        }
        match self.dependencies.store.message(step.environment, step.lead.id, claim.message).await? {
            Some(message) => {
                let unknown = SendOutcome::Unknown(SendFailure::Interrupted);
                self.settle(step, sequence.clone(), &message, unknown).await
            }
            None => Ok(()),
        }
    }
}
