//! Claims the next step of a sequence, settles the claim with its outcome, and schedules retries and following steps.
//! The [module documentation](super) explains the claim.

use super::channel::Recipient;
use super::schedule::StepSchedule;
use super::send_failure::SendFailure;
use super::send_outcome::SendOutcome;
use super::state::{CLAIM_DURATION, Claim, Sequence};
use super::status::{SequenceStatus, StepStatus};
use crate::accounts::business::Channel;
use crate::follow_up::message::{Direction, Message, MessageStatus};
use crate::follow_up::template::TemplateValues;
use crate::id::MessageId;
use crate::time::Timestamp;
use std::time::Duration;

/// Delays before a step is sent again that the provider could not take. The last one is used for all further retries.
const RETRY_DELAYS: [Duration; 5] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
    Duration::from_hours(1),
];

/// Time for which a step is retried: two days, so that an outage of the provider may last for one.
const MAX_RETRY_PERIOD: Duration = Duration::from_hours(48);

/// Delay from which on a step is late. The steps after a late one are moved, so that a person does not get two messages
/// at once.
const LATE_THRESHOLD: Duration = Duration::from_hours(1);

/// Processing time that does not count as a delay, whatever the speed-up.
const PROCESSING_TOLERANCE: Duration = Duration::from_secs(5);

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
        let subject =
            step.subject.as_ref().map_or_else(|| values.business.to_owned(), |subject| subject.render(values));
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
        schedule: &StepSchedule<'_>,
        now: Timestamp,
    ) -> Option<SettledStep> {
        self.claim.filter(|claim| claim.message == message.id)?;
        let (outcome, retry_at) = match (outcome, self.retry_at(schedule, now)) {
            (SendOutcome::RetryLater(failure), None) => (SendOutcome::Rejected(failure), None),
            (SendOutcome::RetryLater(failure), retry_at) => (SendOutcome::RetryLater(failure), retry_at),
            (outcome, _) => (outcome, None),
        };
        let message = outcome.applied_to(message, now);
        let mut sequence = self.next_version();
        sequence.claim = None;
        let sequence = match retry_at {
            Some(due_at) => Self { delays: self.delays + 1, due_at: Some(due_at), ..sequence },
            None => sequence.advance(outcome.step_status(), outcome.failure(), schedule, now),
        };
        Some(SettledStep { sequence, message })
    }

    /// Postpones the next step to the end of the quiet hours if it is late and would be sent in quiet hours at `now`.
    /// Returns `None` if it may be sent. A step of day 0 may be sent at any hour while it is less than an hour late.
    pub fn postponed_by_quiet_hours(&self, schedule: &StepSchedule<'_>, now: Timestamp) -> Option<Self> {
        let (step, due_at) = (self.next_step()?, self.due_at?);
        let delay = now.since(due_at);
        let is_immediate = step.day == 0 && schedule.speedup.lengthen(now.since(step.due_at)) <= LATE_THRESHOLD;
        let allowed_at = schedule.next_allowed_time(now, Duration::ZERO);
        let must_wait = delay > PROCESSING_TOLERANCE && !is_immediate && allowed_at > now;
        must_wait.then(|| Self { due_at: Some(allowed_at), ..self.next_version() })
    }

    /// Skips the next step, which cannot be sent on any channel.
    pub fn skip_unreachable_step(&self, schedule: &StepSchedule<'_>, now: Timestamp) -> Self {
        self.next_version().advance(StepStatus::Failed, Some(SendFailure::NoChannel), schedule, now)
    }

    /// Finishes the next step with this status and schedules the one after it, or completes the sequence.
    fn advance(
        mut self,
        status: StepStatus,
        failure: Option<SendFailure>,
        schedule: &StepSchedule<'_>,
        now: Timestamp,
    ) -> Self {
        if let Some(step) = self.next_step_mut() {
            step.status = status;
            step.reason = failure.map(|failure| failure.to_string());
        }
        // A sequence that was stopped during the claim schedules nothing.
        let is_running = self.status == SequenceStatus::Running;
        if is_running {
            self.delay_following_steps(schedule, now);
        }
        self.next_step_index += 1;
        self.delays = 0;
        self.due_at = self.next_step().map(|step| step.due_at).filter(|_| is_running);
        if is_running && self.next_step().is_none() {
            self.status = SequenceStatus::Completed;
            self.ended_at = Some(now);
        }
        self
    }

    /// Returns the time at which the next step is retried, or `None` if it was retried for long enough or the sequence
    /// was stopped.
    fn retry_at(&self, schedule: &StepSchedule<'_>, now: Timestamp) -> Option<Timestamp> {
        let step = self.next_step().filter(|_| self.status == SequenceStatus::Running)?;
        let retrying_for = schedule.speedup.lengthen(now.since(step.due_at));
        let delay = RETRY_DELAYS[usize::try_from(self.delays).unwrap_or(usize::MAX).min(RETRY_DELAYS.len() - 1)];
        if retrying_for > MAX_RETRY_PERIOD {
            return None;
        }
        // A step of day 0 is not bound to quiet hours while it is less than an hour late.
        let is_immediate = step.day == 0 && retrying_for + delay <= LATE_THRESHOLD;
        Some(if is_immediate {
            now.after(schedule.speedup.shorten(delay))
        } else {
            schedule.next_allowed_time(now, delay)
        })
    }

    /// Moves the steps after the next one, if that is late, so that they keep their distance from it.
    fn delay_following_steps(&mut self, schedule: &StepSchedule<'_>, now: Timestamp) {
        let Some((day, due_at)) = self.next_step().map(|step| (step.day, step.due_at)) else { return };
        if now.since(due_at) <= schedule.speedup.shorten(LATE_THRESHOLD).max(PROCESSING_TOLERANCE) {
            return;
        }
        let following = usize::try_from(self.next_step_index).unwrap_or(usize::MAX).saturating_add(1);
        for step in self.steps.iter_mut().skip(following) {
            let distance = Duration::from_hours(24 * u64::from(step.day - day));
            step.due_at = step.due_at.max(schedule.next_allowed_time(now, distance));
        }
    }

    /// Returns the id of the next step's message. It is derived from lead, start and step, and sorts by `now`.
    fn next_message_id(&self, now: Timestamp) -> MessageId {
        let started = self.started_at.millis().to_be_bytes();
        MessageId::derived_at(now, &[b"step", self.lead.bytes(), &started, &self.next_step_index.to_be_bytes()])
    }
}
