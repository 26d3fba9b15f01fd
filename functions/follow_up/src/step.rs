//! One step: claimed, sent, settled.

use crate::{BatchContext, FollowUp};
use domain::follow_up::sequence::{
    Claim, ClaimedStep, SendOutcome, SequenceStatus, StepSchedule, StopReason, choose_channel,
};
use domain::follow_up::template::TemplateValues;
use domain::leads::SingleLine;
use domain::{Business, Environment, Lead, Message, Mode, Sequence, Timestamp};
use messaging::OutgoingMessage;
use runtime::FollowUpMessage;
use std::time::Duration;
use store::{ClaimOutcome, StoreError};

/// How long a sender may take: longer than it gives its provider, so that it is the one to say what came of it. What is
/// given up is not sent after its claim is over.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);

/// What must be left of a claim for a message to be handed over.
const MIN_TIME_TO_SEND: Duration = Duration::from_secs(2);

/// How often an outcome meets a sequence that was stopped meanwhile.
const MAX_CONFLICT_RETRIES: u32 = 5;

impl FollowUp {
    /// Sends the step that `queued` asks for, unless it was sent or is not to be, or not yet.
    pub(crate) async fn follow_up(&self, queued: &FollowUpMessage, context: &BatchContext) -> Result<(), StoreError> {
        let environment = queued.environment();
        let Some(found) = context.steps.get(&(environment, queued.lead)) else { return Ok(()) };
        let sequence = &found.sequence;
        let Some(lead) = found.lead.as_ref().map(|stored| &stored.lead) else {
            // Erased, or its time is over: what hangs on it goes with it.
            return Ok(());
        };
        let Some(business) = context.business(environment.tenant, sequence.business) else {
            tracing::error!("a sequence belongs to no business");
            return Ok(());
        };
        let now = self.0.clock.now();
        let step = StepContext { environment, lead, business };
        if let Some(claim) = sequence.claim {
            return self.settle_lost(&step, sequence, &claim, now).await;
        }
        let Some(due_at) = sequence.due_at.filter(|_| sequence.status == SequenceStatus::Running) else {
            return Ok(());
        };
        if sequence.attempts != queued.step {
            return Ok(());
        }
        if due_at > now {
            // A step that was put off since. Where it is far away the sweep has it.
            self.enqueue(environment, sequence, now).await;
            return Ok(());
        }
        if let Some(reason) = StopReason::for_lead(lead) {
            return self.0.store.stop_sequence(environment, lead.id, reason, now, now).await.map(drop);
        }
        if let Some(postponed) = sequence.postponed_by_quiet_hours(&self.schedule(&step), now) {
            return self.go_on(environment, sequence, &postponed, now).await;
        }
        let wanted = sequence.next_step().and_then(|next| next.channel);
        let offered = |channel| environment.mode == Mode::Test || self.0.sender.supports(channel);
        let address = choose_channel(lead, wanted, &business.channels, offered);
        let Some((address, claimed)) = address
            .and_then(|address| Some((address.clone(), sequence.claim_next_step(&address, &step.values(), now)?)))
        else {
            let next = sequence.skip_unreachable_step(&self.schedule(&step), now);
            return self.go_on(environment, sequence, &next, now).await;
        };
        let until = claimed.sequence.claim.map_or(now, |claim| claim.until);
        match self.0.store.claim_step(environment, &claimed, sequence.version, lead.version, until).await? {
            ClaimOutcome::Claimed => {}
            // Whoever changed the sequence does what follows.
            ClaimOutcome::Conflict => return Ok(()),
            // The lead has changed: to be looked at anew.
            ClaimOutcome::NotContactable => return Err(StoreError::Contended),
        }
        let sent = self.send(environment, &claimed, address.to, until).await;
        self.settle(&step, claimed.sequence, &claimed.message, sent).await
    }

    /// Sends what was claimed, while the claim lasts.
    async fn send(&self, environment: Environment, claimed: &ClaimedStep, to: String, until: Timestamp) -> SendOutcome {
        let message = &claimed.message;
        if environment.mode == Mode::Test {
            return SendOutcome::Simulated;
        }
        let left = until.since(self.0.clock.now());
        if left < MIN_TIME_TO_SEND {
            return SendOutcome::RetryLater("the house was too slow".to_owned());
        }
        let outgoing = OutgoingMessage {
            id: message.id.to_string(),
            channel: message.channel,
            to,
            subject: message.subject.clone(),
            body: message.body.clone(),
        };
        let sent = match tokio::time::timeout(SEND_TIMEOUT.min(left), self.0.sender.send(&outgoing)).await {
            Ok(sent) => sent,
            Err(_) => messaging::ProviderResult::Unknown { reason: messaging::reason::TIMEOUT },
        };
        let sent = match sent {
            messaging::ProviderResult::Accepted { provider_id } => SendOutcome::Sent(provider_id),
            messaging::ProviderResult::Rejected { reason } => SendOutcome::Rejected(reason.to_owned()),
            messaging::ProviderResult::RetryLater { reason } => SendOutcome::RetryLater(reason.to_owned()),
            messaging::ProviderResult::Unknown { reason } => SendOutcome::Unknown(reason.to_owned()),
        };
        let (status, reason) = (sent.message_status().name(), sent.reason());
        tracing::info!(id = %message.id, channel = message.channel.name(), status, reason, "written to a lead");
        sent
    }

    /// Records what came of the claim, also where somebody stopped the sequence meanwhile.
    async fn settle(
        &self,
        step: &StepContext<'_>,
        mut claimed: Sequence,
        message: &Message,
        sent: SendOutcome,
    ) -> Result<(), StoreError> {
        for _ in 0..MAX_CONFLICT_RETRIES {
            let now = self.0.clock.now();
            let Some(settled) = claimed.settle_claim(message, sent.clone(), &self.schedule(step), now) else {
                return Ok(());
            };
            let check_at = self.check_at_when_scheduled(&settled.sequence, now);
            if self.0.store.settle_step(step.environment, &settled, claimed.version, check_at).await? {
                self.enqueue(step.environment, &settled.sequence, now).await;
                return Ok(());
            }
            match self.0.store.sequence(step.environment, step.lead.id, now).await? {
                Some(changed) => claimed = changed,
                // Erased meanwhile.
                None => return Ok(()),
            }
        }
        Err(StoreError::Contended)
    }

    /// Gives the claim of a sender that is gone its outcome: nobody knows.
    async fn settle_lost(
        &self,
        step: &StepContext<'_>,
        sequence: &Sequence,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if claim.until > now {
            // Somebody is sending it; if they come to no end, the sweep finds it.
            return Ok(());
        }
        match self.0.store.message(step.environment, step.lead.id, claim.message).await? {
            Some(message) => {
                let lost = SendOutcome::Unknown("its sender came to no end".to_owned());
                self.settle(step, sequence.clone(), &message, lost).await
            }
            None => Ok(()),
        }
    }

    /// Puts `next`, which stands at another step or time, in the place of `old`.
    async fn go_on(
        &self,
        environment: Environment,
        old: &Sequence,
        next: &Sequence,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.0.store.replace_sequence(environment, old, next, self.check_at_when_scheduled(next, now)).await? {
            self.enqueue(environment, next, now).await;
        }
        Ok(())
    }

    fn check_at_when_scheduled(&self, sequence: &Sequence, now: Timestamp) -> Option<Timestamp> {
        sequence.due_at.map(|due_at| self.0.timing.check_at_when_scheduled(due_at, now))
    }

    /// Hands the next step to the queue where that can hold it so long. It is in the due index already: what the queue
    /// does not take, the sweep finds.
    async fn enqueue(&self, environment: Environment, sequence: &Sequence, now: Timestamp) {
        let Some(due_at) = sequence.due_at.filter(|due_at| self.0.timing.fits_queue_delay(*due_at, now)) else {
            return;
        };
        let message = FollowUpMessage::new(environment, sequence.lead, sequence.attempts);
        if let Err(error) = self.0.queue.send(vec![(message, due_at.since(self.0.clock.now()))]).await {
            tracing::warn!(%error, "a step was not enqueued; the sweep will find it");
        }
    }

    fn schedule<'a>(&self, step: &StepContext<'a>) -> StepSchedule<'a> {
        StepSchedule { lead: step.lead, zone: &step.business.time_zone, speedup: self.0.timing.speedup }
    }
}

/// Who is written to, and for whom.
struct StepContext<'a> {
    environment: Environment,
    lead: &'a Lead,
    business: &'a Business,
}

impl StepContext<'_> {
    /// What a text may say.
    fn values(&self) -> TemplateValues<'_> {
        TemplateValues {
            name: self.lead.name.as_str(),
            business: &self.business.name,
            car_model: self.lead.car_model(),
            service_interest: self.lead.service_interest.as_ref().map(SingleLine::as_str),
        }
    }
}
