//! Claims the next step of a sequence, and settles the claim with its outcome.
//! The [module documentation](super) explains the claim.

use super::channel::Recipient;
use super::send_outcome::SendOutcome;
use super::send_time_policy::SendTimePolicy;
use super::state::{CLAIM_DURATION, Claim, Sequence};
use crate::accounts::business::Channel;
use crate::follow_up::message::{Direction, Message, MessageStatus};
use crate::follow_up::template::TemplateValues;
use crate::id::MessageId;
use crate::time::Timestamp;

/// A step that was claimed and is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedStep {
    /// Sequence with the claim.
    pub sequence: Sequence,
    /// Message to send.
    pub message: Message,
}

/// A step whose claim was settled.
#[derive(Clone, Debug, PartialEq)]
pub struct SettledStep {
    /// Sequence at its next step, or at the same step if it is retried.
    pub sequence: Sequence,
    /// Message with its outcome.
    pub message: Message,
}

impl Sequence {
    /// Claims the next step at `now` for a message to `recipient`. Returns `None` if there is no next step.
    pub fn claim_next_step(
        &self,
        recipient: &Recipient,
        values: &TemplateValues<'_>,
        now: Timestamp,
    ) -> Option<ClaimedStep> {
        let step = self.next_step()?;
        // A retried step keeps its message.
        let id = step.message.unwrap_or_else(|| self.next_message_id(now));
        let subject = step.subject.as_ref().map_or_else(|| values.default_subject(), |subject| subject.render(values));
        let message = Message {
            id,
            lead: self.lead,
            business: self.business,
            direction: Direction::Outbound,
            channel: recipient.channel,
            subject: (recipient.channel == Channel::Email).then_some(subject),
            body: step.text.render(values),
            status: MessageStatus::Sending,
            reason: None,
            provider_id: None,
            at: None,
            at_text: None,
            first_reply_after: None,
            opt_out: false,
            created_at: id.timestamp(),
            expires_at: self.expires_at,
        };
        let mut sequence = self.next_version();
        sequence.claim = Some(Claim { message: id, channel: recipient.channel, until: now.after(CLAIM_DURATION) });
        sequence.next_step_mut()?.message = Some(id);
        Some(ClaimedStep { sequence, message })
    }

    /// Settles the claim on `message` with its outcome at `now`. Returns `None` if the claim is on another message, or
    /// was settled already.
    pub fn settle_claim(
        &self,
        message: &Message,
        outcome: SendOutcome,
        policy: &SendTimePolicy<'_>,
        now: Timestamp,
    ) -> Option<SettledStep> {
        self.claim.filter(|claim| claim.message == message.id)?;
        let (outcome, retry_at) = match (outcome, self.retry_at(policy, now)) {
            (SendOutcome::RetryLater(failure), None) => (SendOutcome::Rejected(failure), None),
            (SendOutcome::RetryLater(failure), retry_at) => (SendOutcome::RetryLater(failure), retry_at),
            (outcome, _) => (outcome, None),
        };
        let message = outcome.applied_to(message, now);
        let mut sequence = self.next_version();
        sequence.claim = None;
        sequence.first_sent_at = sequence.first_sent_at.or(message.at);
        let sequence = match retry_at {
            Some(due_at) => Self { retries: self.retries + 1, due_at: Some(due_at), ..sequence },
            None => sequence.advance(outcome.step_status(), outcome.failure(), policy, now),
        };
        Some(SettledStep { sequence, message })
    }

    /// Returns the id of the next step's message. It is derived from lead, start and step, and sorts by `now`.
    fn next_message_id(&self, now: Timestamp) -> MessageId {
        let started = self.started_at.millis().to_be_bytes();
        MessageId::derived_at(now, &[b"step", self.lead.bytes(), &started, &self.next_step_index.to_be_bytes()])
    }
}
