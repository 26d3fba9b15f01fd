//! How a sequence goes on: a step is claimed, has an outcome, and the next one follows; or it is stopped.

use super::{Address, CLAIM, Cadence, Claim, Sequence, SequenceStatus, Step, StepStatus, StopReason};
use crate::accounts::business::Channel;
use crate::follow_up::message::{Direction, Message, MessageStatus};
use crate::follow_up::template::Values;
use crate::id::MessageId;
use crate::time::Timestamp;
use std::time::Duration;

/// How long until what the provider could not take is tried again; the last one stands for all that follow.
const AGAIN: [Duration; 5] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
    Duration::from_hours(1),
];

/// How long a step is tried: two days, so that a provider may be down for one.
const TRIED_FOR: Duration = Duration::from_hours(48);

/// A step that goes out by this much too late moves those behind it, so that nobody gets two messages at once.
const LATE: Duration = Duration::from_hours(1);

/// What a machine may take at any pace before a step counts as late.
const SLACK: Duration = Duration::from_secs(5);

/// What came of sending a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The provider took it, under an id of its own.
    Sent(Option<String>),
    /// It would have been sent, were this not test mode.
    Simulated,
    /// It was not sent; it is to be tried again.
    Later(String),
    /// It was not sent, and is not to be.
    Rejected(String),
    /// It may have been sent.
    Unknown(String),
}

impl Sent {
    /// What becomes of the message.
    pub fn message_status(&self) -> MessageStatus {
        match self {
            Self::Sent(_) => MessageStatus::Sent,
            Self::Simulated => MessageStatus::Simulated,
            Self::Later(_) => MessageStatus::Delayed,
            Self::Rejected(_) => MessageStatus::Failed,
            Self::Unknown(_) => MessageStatus::Unknown,
        }
    }

    fn step_status(&self) -> StepStatus {
        match self {
            Self::Sent(_) => StepStatus::Sent,
            Self::Simulated => StepStatus::Simulated,
            Self::Later(_) | Self::Rejected(_) => StepStatus::Failed,
            Self::Unknown(_) => StepStatus::Unknown,
        }
    }

    /// Why it was not sent, or why nobody knows.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Sent(_) | Self::Simulated => None,
            Self::Later(reason) | Self::Rejected(reason) | Self::Unknown(reason) => Some(reason.clone()),
        }
    }
}

/// A step that is about to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The sequence, claimed.
    pub sequence: Sequence,
    /// The message, as it is sent.
    pub message: Message,
}

/// What follows from the outcome of a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The sequence, at its next step or at the same one again.
    pub sequence: Sequence,
    /// The message, with what has become of it.
    pub message: Message,
}

impl Sequence {
    /// The sequence with its next step claimed at `now`, and the message to send to `address`. `None` where there is
    /// no next step.
    pub fn claimed(&self, address: &Address, values: &Values<'_>, now: Timestamp) -> Option<Claimed> {
        let step = self.next_step()?;
        // A step that is tried again is the same message.
        let id = step.message.unwrap_or_else(|| self.message_id(now));
        let subject =
            step.subject.as_ref().map_or_else(|| values.business.to_owned(), |subject| subject.filled(values));
        let message = Message {
            id,
            lead: self.lead,
            business: self.business,
            direction: Direction::Outbound,
            channel: address.channel,
            subject: (address.channel == Channel::Email).then_some(subject),
            body: step.text.filled(values),
            status: MessageStatus::Sending,
            reason: None,
            provider_id: None,
            at: None,
            first_reply_after: None,
            opt_out: false,
            created_at: id.made_at(),
            expires_at: self.expires_at,
        };
        let mut sequence = self.changed();
        sequence.claim = Some(Claim { message: id, channel: address.channel, until: now.after(CLAIM) });
        sequence.next_step_mut()?.message = Some(id);
        Some(Claimed { sequence, message })
    }

    /// What follows from the outcome of the claim on `message` at `now`; `None` where the claim is another's, or has
    /// its outcome already.
    pub fn settled(&self, message: &Message, sent: Sent, cadence: &Cadence<'_>, now: Timestamp) -> Option<Settled> {
        self.claim.filter(|claim| claim.message == message.id)?;
        let (sent, again_at) = match (sent, self.again_at(cadence, now)) {
            (Sent::Later(reason), None) => (Sent::Rejected(reason), None),
            (Sent::Later(reason), again_at) => (Sent::Later(reason), again_at),
            (sent, _) => (sent, None),
        };
        let message = message.after(&sent, now);
        let mut sequence = self.changed();
        sequence.claim = None;
        let sequence = match again_at {
            Some(due_at) => Self { delays: self.delays + 1, due_at: Some(due_at), ..sequence },
            None => sequence.past(sent.step_status(), sent.reason(), cadence, now),
        };
        Some(Settled { sequence, message })
    }

    /// The sequence with its next step put off until the person is awake, where it would go out late and wake them;
    /// `None` where it may go out at `now`. What was to go out at once may be an hour late, at whatever hour.
    pub fn put_off(&self, cadence: &Cadence<'_>, now: Timestamp) -> Option<Self> {
        let (step, due_at) = (self.next_step()?, self.due_at?);
        let late = now.since(due_at);
        let at_once = step.day == 0 && cadence.pace.unscale(now.since(step.due_at)) <= LATE;
        let awake_at = cadence.later(now, Duration::ZERO);
        let waits = late > SLACK && !at_once && awake_at > now;
        waits.then(|| Self { due_at: Some(awake_at), ..self.changed() })
    }

    /// The sequence whose next step cannot be sent by any channel: it goes on to the one after it.
    pub fn unreachable(&self, cadence: &Cadence<'_>, now: Timestamp) -> Self {
        self.changed().past(StepStatus::Failed, Some("no channel reaches the lead".to_owned()), cadence, now)
    }

    /// The next step is done with: what follows keeps its distance, and there is an end.
    fn past(mut self, status: StepStatus, reason: Option<String>, cadence: &Cadence<'_>, now: Timestamp) -> Self {
        if let Some(step) = self.next_step_mut() {
            step.status = status;
            step.reason = reason;
        }
        let runs = self.status == SequenceStatus::Running;
        if runs {
            self.move_what_follows(cadence, now);
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
    fn again_at(&self, cadence: &Cadence<'_>, now: Timestamp) -> Option<Timestamp> {
        let step = self.next_step().filter(|_| self.status == SequenceStatus::Running)?;
        let tried_for = cadence.pace.unscale(now.since(step.due_at));
        let wait = AGAIN[usize::try_from(self.delays).unwrap_or(usize::MAX).min(AGAIN.len() - 1)];
        if tried_for > TRIED_FOR {
            return None;
        }
        // What was to go out at once still does if that takes an hour at most, at whatever hour.
        let at_once = step.day == 0 && tried_for + wait <= LATE;
        Some(if at_once { now.after(cadence.pace.scale(wait)) } else { cadence.later(now, wait) })
    }

    /// Moves the steps behind the next one, where that goes out too late, by as much as it takes to keep their
    /// distance from it.
    fn move_what_follows(&mut self, cadence: &Cadence<'_>, now: Timestamp) {
        let Some((day, due_at)) = self.next_step().map(|step| (step.day, step.due_at)) else { return };
        if now.since(due_at) <= cadence.pace.scale(LATE).max(SLACK) {
            return;
        }
        let from = usize::try_from(self.attempts).unwrap_or(usize::MAX).saturating_add(1);
        for step in self.steps.iter_mut().skip(from) {
            let distance = Duration::from_hours(24 * u64::from(step.day - day));
            step.due_at = step.due_at.max(cadence.later(now, distance));
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
        let mut stopped = self.changed();
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
    pub fn given_up(&self, next: &Self) -> Option<(MessageId, MessageStatus)> {
        let message = self.next_step()?.message.filter(|_| self.claim.is_none())?;
        match next.steps.iter().find(|step| step.message == Some(message))?.status {
            StepStatus::Cancelled => Some((message, MessageStatus::Cancelled)),
            StepStatus::Failed => Some((message, MessageStatus::Failed)),
            _ => None,
        }
    }

    fn changed(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    fn next_step_mut(&mut self) -> Option<&mut Step> {
        self.steps.get_mut(usize::try_from(self.attempts).ok()?)
    }

    /// The id of the message that the next step becomes.
    fn message_id(&self, now: Timestamp) -> MessageId {
        let started = self.started_at.millis().to_be_bytes();
        MessageId::of(now, &[b"step", self.lead.bytes(), &started, &self.attempts.to_be_bytes()])
    }
}

impl Message {
    fn after(&self, sent: &Sent, now: Timestamp) -> Self {
        let provider_id = match sent {
            Sent::Sent(id) => id.clone(),
            _ => None,
        };
        let mut after = Self { status: sent.message_status(), reason: sent.reason(), provider_id, ..self.clone() };
        after.at = after.is_sent().then_some(now);
        after
    }
}
