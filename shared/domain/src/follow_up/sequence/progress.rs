//! How a sequence goes on: a step is claimed, has an outcome, and the next one follows; or it is stopped.

use super::{CLAIM_DURATION, Claim, Recipient, Sequence, SequenceStatus, Step, StepSchedule, StepStatus, StopReason};
use crate::accounts::business::Channel;
use crate::follow_up::message::{Direction, Message, MessageStatus};
use crate::follow_up::template::TemplateValues;
use crate::id::MessageId;
use crate::time::Timestamp;
use std::time::Duration;

/// How long until what the provider could not take is tried again; the last one stands for all that follow.
const RETRY_DELAYS: [Duration; 5] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
    Duration::from_hours(1),
];

/// How long a step is tried: two days, so that a provider may be down for one.
const MAX_RETRY_PERIOD: Duration = Duration::from_hours(48);

/// A step that goes out by this much too late moves those behind it, so that nobody gets two messages at once.
const LATE_THRESHOLD: Duration = Duration::from_hours(1);

/// What a machine may take at any pace before a step counts as late.
const PROCESSING_TOLERANCE: Duration = Duration::from_secs(5);

/// What came of sending a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took it, under an id of its own.
    Sent(Option<String>),
    /// It would have been sent, were this not test mode.
    Simulated,
    /// It was not sent; it is to be tried again.
    RetryLater(String),
    /// It was not sent, and is not to be.
    Rejected(String),
    /// It may have been sent.
    Unknown(String),
}

impl SendOutcome {
    /// What becomes of the message.
    pub fn message_status(&self) -> MessageStatus {
        match self {
            Self::Sent(_) => MessageStatus::Sent,
            Self::Simulated => MessageStatus::Simulated,
            Self::RetryLater(_) => MessageStatus::Delayed,
            Self::Rejected(_) => MessageStatus::Failed,
            Self::Unknown(_) => MessageStatus::Unknown,
        }
    }

    fn step_status(&self) -> StepStatus {
        match self {
            Self::Sent(_) => StepStatus::Sent,
            Self::Simulated => StepStatus::Simulated,
            Self::RetryLater(_) | Self::Rejected(_) => StepStatus::Failed,
            Self::Unknown(_) => StepStatus::Unknown,
        }
    }

    /// Why it was not sent, or why nobody knows.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Sent(_) | Self::Simulated => None,
            Self::RetryLater(reason) | Self::Rejected(reason) | Self::Unknown(reason) => Some(reason.clone()),
        }
    }
}

/// A step that is about to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedStep {
    /// The sequence, claimed.
    pub sequence: Sequence,
    /// The message, as it is sent.
    pub message: Message,
}

/// What follows from the outcome of a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct SettledStep {
    /// The sequence, at its next step or at the same one again.
    pub sequence: Sequence,
    /// The message, with what has become of it.
    pub message: Message,
}

impl Sequence {
    /// The sequence with its next step claimed at `now`, and the message to send to `address`. `None` where there is
    /// no next step.
    pub fn claim_next_step(
        &self,
        address: &Recipient,
        values: &TemplateValues<'_>,
        now: Timestamp,
    ) -> Option<ClaimedStep> {
        let step = self.next_step()?;
        // A step that is tried again is the same message.
        let id = step.message.unwrap_or_else(|| self.message_id(now));
        let subject =
            step.subject.as_ref().map_or_else(|| values.business.to_owned(), |subject| subject.render(values));
        let message = Message {
            id,
            lead: self.lead,
            business: self.business,
            direction: Direction::Outbound,
            channel: address.channel,
            subject: (address.channel == Channel::Email).then_some(subject),
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
        sequence.claim = Some(Claim { message: id, channel: address.channel, until: now.after(CLAIM_DURATION) });
        sequence.next_step_mut()?.message = Some(id);
        Some(ClaimedStep { sequence, message })
    }

    /// What follows from the outcome of the claim on `message` at `now`; `None` where the claim is another's, or has
    /// its outcome already.
    pub fn settle_claim(
        &self,
        message: &Message,
        sent: SendOutcome,
        schedule: &StepSchedule<'_>,
        now: Timestamp,
    ) -> Option<SettledStep> {
        self.claim.filter(|claim| claim.message == message.id)?;
        let (sent, retry_at) = match (sent, self.retry_at(schedule, now)) {
            (SendOutcome::RetryLater(reason), None) => (SendOutcome::Rejected(reason), None),
            (SendOutcome::RetryLater(reason), retry_at) => (SendOutcome::RetryLater(reason), retry_at),
            (sent, _) => (sent, None),
        };
        let message = message.after(&sent, now);
        let mut sequence = self.next_version();
        sequence.claim = None;
        let sequence = match retry_at {
            Some(due_at) => Self { delays: self.delays + 1, due_at: Some(due_at), ..sequence },
            None => sequence.advance(sent.step_status(), sent.reason(), schedule, now),
        };
        Some(SettledStep { sequence, message })
    }

    /// The sequence with its next step put off until the person is awake, where it would go out late and wake them;
    /// `None` where it may go out at `now`. What was to go out at once may be an hour late, at whatever hour.
    pub fn postponed_by_quiet_hours(&self, schedule: &StepSchedule<'_>, now: Timestamp) -> Option<Self> {
        let (step, due_at) = (self.next_step()?, self.due_at?);
        let late = now.since(due_at);
        let at_once = step.day == 0 && schedule.speedup.lengthen(now.since(step.due_at)) <= LATE_THRESHOLD;
        let awake_at = schedule.next_allowed_time(now, Duration::ZERO);
        let waits = late > PROCESSING_TOLERANCE && !at_once && awake_at > now;
        waits.then(|| Self { due_at: Some(awake_at), ..self.next_version() })
    }

    /// The sequence whose next step cannot be sent by any channel: it goes on to the one after it.
    pub fn skip_unreachable_step(&self, schedule: &StepSchedule<'_>, now: Timestamp) -> Self {
        self.next_version().advance(StepStatus::Failed, Some("no channel reaches the lead".to_owned()), schedule, now)
    }

    /// The next step is done with: what follows keeps its distance, and there is an end.
    fn advance(
        mut self,
        status: StepStatus,
        reason: Option<String>,
        schedule: &StepSchedule<'_>,
        now: Timestamp,
    ) -> Self {
        if let Some(step) = self.next_step_mut() {
            step.status = status;
            step.reason = reason;
        }
        let runs = self.status == SequenceStatus::Running;
        if runs {
            self.delay_following_steps(schedule, now);
        }
        self.attempts += 1;
        self.delays = 0;
        self.due_at = self.next_step().map(|step| step.due_at).filter(|_| runs);
        if runs && self.next_step().is_none() {
            self.status = SequenceStatus::Completed;
            self.ended_at = Some(now);
        }
        self
    }

    /// When the step that the provider could not take is tried again; `None` when it has been for long enough, or the
    /// sequence was stopped.
    fn retry_at(&self, schedule: &StepSchedule<'_>, now: Timestamp) -> Option<Timestamp> {
        let step = self.next_step().filter(|_| self.status == SequenceStatus::Running)?;
        let retrying_for = schedule.speedup.lengthen(now.since(step.due_at));
        let wait = RETRY_DELAYS[usize::try_from(self.delays).unwrap_or(usize::MAX).min(RETRY_DELAYS.len() - 1)];
        if retrying_for > MAX_RETRY_PERIOD {
            return None;
        }
        // What was to go out at once still does if that takes an hour at most, at whatever hour.
        let at_once = step.day == 0 && retrying_for + wait <= LATE_THRESHOLD;
        Some(if at_once { now.after(schedule.speedup.shorten(wait)) } else { schedule.next_allowed_time(now, wait) })
    }

    /// Moves the steps behind the next one, where that goes out too late, by as much as it takes to keep their
    /// distance from it.
    fn delay_following_steps(&mut self, schedule: &StepSchedule<'_>, now: Timestamp) {
        let Some((day, due_at)) = self.next_step().map(|step| (step.day, step.due_at)) else { return };
        if now.since(due_at) <= schedule.speedup.shorten(LATE_THRESHOLD).max(PROCESSING_TOLERANCE) {
            return;
        }
        let from = usize::try_from(self.attempts).unwrap_or(usize::MAX).saturating_add(1);
        for step in self.steps.iter_mut().skip(from) {
            let distance = Duration::from_hours(24 * u64::from(step.day - day));
            step.due_at = step.due_at.max(schedule.next_allowed_time(now, distance));
        }
    }

    /// The sequence stopped at `now`; as it is where it does not run. A claim stays until it has an outcome.
    pub fn stopped(&self, reason: StopReason, now: Timestamp) -> Self {
        let ends = match self.status {
            SequenceStatus::Running => true,
            // A proposal is what there is without consent.
            SequenceStatus::Proposed => reason != StopReason::NoConsent,
            SequenceStatus::Completed | SequenceStatus::Stopped => false,
        };
        if !ends {
            return self.clone();
        }
        let mut stopped = self.next_version();
        stopped.status = SequenceStatus::Stopped;
        stopped.stop_reason = Some(reason);
        stopped.ended_at = Some(now);
        stopped.due_at = None;
        for step in &mut stopped.steps {
            let waits = matches!(step.status, StepStatus::Queued | StepStatus::Proposed);
            if waits && self.claim.is_none_or(|claim| step.message != Some(claim.message)) {
                step.status = StepStatus::Cancelled;
            }
        }
        stopped
    }

    /// The message that waited to be tried again when `next` came in this one's place, and never is: the sequence was
    /// stopped, or no channel reaches the lead any more.
    pub fn abandoned_message(&self, next: &Self) -> Option<(MessageId, MessageStatus)> {
        let message = self.next_step()?.message.filter(|_| self.claim.is_none())?;
        match next.steps.iter().find(|step| step.message == Some(message))?.status {
            StepStatus::Cancelled => Some((message, MessageStatus::Cancelled)),
            StepStatus::Failed => Some((message, MessageStatus::Failed)),
            _ => None,
        }
    }

    fn next_version(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    fn next_step_mut(&mut self) -> Option<&mut Step> {
        self.steps.get_mut(usize::try_from(self.attempts).ok()?)
    }

    /// The id of the message that the next step becomes.
    fn message_id(&self, now: Timestamp) -> MessageId {
        let started = self.started_at.millis().to_be_bytes();
        MessageId::derived_at(now, &[b"step", self.lead.bytes(), &started, &self.attempts.to_be_bytes()])
    }
}

impl Message {
    fn after(&self, sent: &SendOutcome, now: Timestamp) -> Self {
        let provider_id = match sent {
            SendOutcome::Sent(id) => id.clone(),
            _ => None,
        };
        let mut after = Self { status: sent.message_status(), reason: sent.reason(), provider_id, ..self.clone() };
        after.at = after.is_sent().then_some(now);
        after
    }
}
