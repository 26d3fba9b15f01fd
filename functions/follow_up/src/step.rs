//! Decides what happens to a step: send it, postpone it, skip it, or stop the sequence.

use crate::{FollowUpError, FollowUpHandler};
use domain::follow_up::sequence::{SendTimePolicy, SequenceStatus, StopReason, choose_channel};
use domain::follow_up::template::TemplateValues;
use domain::text::SingleLine;
use domain::{Business, Environment, Lead, Mode, Sequence, Timestamp};
use runtime::FollowUpMessage;
use store::{StepToSend, StepsToSend, StoreError};

/// A step that is due: the environment, and the lead and business that its message is about.
pub(crate) struct StepContext<'a> {
    pub(crate) environment: Environment,
    pub(crate) lead: &'a Lead,
    pub(crate) business: &'a Business,
}

impl StepContext<'_> {
    /// Returns the values of the placeholders that a template may use.
    pub(crate) fn values(&self) -> TemplateValues<'_> {
        TemplateValues {
            name: self.lead.name.as_str(),
            business: &self.business.name,
            car_model: self.lead.car_model(),
            service_interest: self.lead.service_interest.as_ref().map(SingleLine::as_str),
        }
    }
}

impl FollowUpHandler {
    /// Handles the step that `message` asks for, unless it has been sent, is not due yet, or is not to be sent.
    pub(crate) async fn follow_up(&self, message: &FollowUpMessage, steps: &StepsToSend) -> Result<(), FollowUpError> {
        match steps.get(&(message.environment(), message.lead)) {
            Some(Ok(found)) => Ok(self.follow_up_step(message, found).await?),
            Some(Err(error)) => Err(FollowUpError::Unreadable(message.lead, error.to_string())),
            None => Ok(()),
        }
    }

    async fn follow_up_step(&self, message: &FollowUpMessage, found: &StepToSend) -> Result<(), StoreError> {
        let environment = message.environment();
        let sequence = &found.sequence;
        let Some(lead) = found.lead.as_ref().map(|stored| &stored.lead) else {
            // The lead is erased or expired, and its sequence is deleted with its other child records.
            return Ok(());
        };
        let Some(business) = &found.business else {
            tracing::error!(lead = %lead.id, business = %sequence.business, "sequence without a business; its step is skipped");
            return Ok(());
        };
        let step = StepContext { environment, lead, business };
        let now = self.dependencies.clock.now();
        if let Some(claim) = sequence.claim {
            return self.settle_abandoned(&step, sequence, &claim, now).await;
        }
        let Some(due_at) = sequence.due_at.filter(|_| sequence.status == SequenceStatus::Running) else {
            return Ok(());
        };
        if sequence.next_step_index != message.step {
            return Ok(());
        }
        if due_at > now {
            // The step has been postponed since. If it is due later than the queue can hold it, the sweeper finds it.
            self.enqueue(environment, sequence, now).await;
            return Ok(());
        }
        self.send_due_step(&step, sequence, now).await
    }

    /// Sends the next step of `sequence`, which is due, or changes the sequence if the step cannot be sent now.
    async fn send_due_step(
        &self,
        step: &StepContext<'_>,
        sequence: &Sequence,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let StepContext { environment, lead, business } = *step;
        if let Some(reason) = StopReason::for_lead(lead) {
            return self.dependencies.store.stop_sequence(environment, lead.id, reason, now, now).await.map(drop);
        }
        if let Some(postponed) = sequence.postponed_by_quiet_hours(&self.policy(step), now) {
            return self.advance(environment, sequence, &postponed, now).await;
        }
        let channel = sequence.next_step().and_then(|next| next.channel);
        let offered = |channel| environment.mode == Mode::Test || self.dependencies.sender.supports(channel);
        let recipient = choose_channel(lead, channel, &business.channels, offered);
        let claimed = recipient.and_then(|recipient| {
            let claimed = sequence.claim_next_step(&recipient, &step.values(), now)?;
            Some((recipient, claimed))
        });
        let Some((recipient, claimed)) = claimed else {
            let next = sequence.skip_unreachable_step(&self.policy(step), now);
            return self.advance(environment, sequence, &next, now).await;
        };
        self.claim_and_send(step, sequence, claimed, recipient.address, now).await
    }

    /// Replaces `old` by `next`, which is at another step or due at another time.
    async fn advance(
        &self,
        environment: Environment,
        old: &Sequence,
        next: &Sequence,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.dependencies.store.replace_sequence(environment, old, next, self.check_at(next, now)).await? {
            self.enqueue(environment, next, now).await;
        }
        Ok(())
    }

    /// Returns the check time of the sequence's next step.
    pub(crate) fn check_at(&self, sequence: &Sequence, now: Timestamp) -> Option<Timestamp> {
        sequence.due_at.map(|due_at| self.dependencies.timing.check_at_when_scheduled(due_at, now))
    }

    /// Enqueues the sequence's next step, if the queue can hold it until it is due.
    pub(crate) async fn enqueue(&self, environment: Environment, sequence: &Sequence, now: Timestamp) {
        let Some(due_at) = sequence.due_at.filter(|due_at| self.dependencies.timing.fits_queue_delay(*due_at, now))
        else {
            return;
        };
        let message = FollowUpMessage::new(environment, sequence.lead, sequence.next_step_index);
        if let Err(error) =
            self.dependencies.queue.send(vec![(message, due_at.since(self.dependencies.clock.now()))]).await
        {
            tracing::warn!(%error, "follow-up step not enqueued; the sweeper will re-enqueue it");
        }
    }

    /// Returns the policy for the times at which the lead's messages are sent.
    pub(crate) fn policy<'a>(&self, step: &StepContext<'a>) -> SendTimePolicy<'a> {
        SendTimePolicy { lead: step.lead, zone: &step.business.time_zone, speedup: self.dependencies.timing.speedup }
    }
}
