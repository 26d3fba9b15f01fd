//! Following leads up, as callers start and end it.

use crate::api_error::ApiError;
use crate::caller::Caller;
use contract::ErrorKind;
use domain::follow_up::sequence::{SequenceStart, StepSchedule, StopReason};
use domain::time::Speedup;
use domain::{Business, Lead, LeadId, Message, Sequence, Template, TemplateId};
use store::{PageRequest, StoreError};

/// Bytes that a message has beside its text when it is shown, at most.
const BESIDE_TEXT: usize = 400;

/// Messages that are read at once.
const PAGE: usize = 500;

/// Bytes of messages that are shown with a lead that is read: an answer of Lambda may have 6 MB.
pub const MOST_SHOWN: usize = 4 * 1024 * 1024;

/// Bytes of messages that are shown with a lead that was changed: what is answered is kept in one item.
pub const MOST_KEPT: usize = 128 * 1024;

impl<S> Caller<S> {
    /// The sequence that starts for `lead` now: of the template that the caller named, else of what the business writes
    /// to leads of that category. Where there is no consent it is proposed.
    pub async fn sequence_of(
        &self,
        lead: &Lead,
        business: &Business,
        template: Option<TemplateId>,
        before: Option<&Sequence>,
        speedup: Speedup,
    ) -> Result<Sequence, ApiError> {
        let now = self.state.now();
        let template = match template {
            Some(id) => self.template_of(id, business).await?,
            None => self.state.store().template_for(self.environment(), business.id, lead.category, now).await?,
        };
        let schedule = StepSchedule { lead, zone: &business.time_zone, speedup };
        Ok(SequenceStart { template: &template, schedule, previous: before }.start(now))
    }

    async fn template_of(&self, id: TemplateId, business: &Business) -> Result<Template, ApiError> {
        if let Some(built_in) = Template::built_in_by_id(id, business.id) {
            return Ok(built_in);
        }
        let named = self.named::<Template>(Some(id.simple()), business.id, "template").await?;
        named.ok_or_else(|| ErrorKind::NotFound("template").into())
    }

    /// A lead's sequence and its messages, the oldest first; the newest ones where all would have more than `most` bytes.
    pub async fn history(&self, lead: LeadId, most: usize) -> Result<(Option<Sequence>, Vec<Message>), ApiError> {
        let store = self.state.store();
        let (sequence, messages) =
            tokio::join!(store.sequence(self.environment(), lead, self.state.now()), self.newest_messages(lead, most));
        let mut messages = messages?;
        messages.reverse();
        Ok((sequence?, messages))
    }

    async fn newest_messages(&self, lead: LeadId, most: usize) -> Result<Vec<Message>, ApiError> {
        let (mut newest, mut bytes) = (Vec::new(), 0);
        let mut after = None;
        loop {
            let request = PageRequest { limit: PAGE, after };
            let page = self.state.store().messages(self.environment(), lead, &request, self.state.now()).await?;
            for message in page.items {
                bytes += BESIDE_TEXT + message.body.len();
                if bytes > most {
                    return Ok(newest);
                }
                newest.push(message);
            }
            after = page.next;
            if after.is_none() {
                return Ok(newest);
            }
        }
    }

    /// Ends the follow-up of a lead that has become one that nobody writes to; after this nothing goes out. Nothing is
    /// done for a lead that may be written to.
    pub async fn end_follow_up(&self, lead: &Lead) -> Result<(), StoreError> {
        let Some(reason) = StopReason::for_lead(lead) else { return Ok(()) };
        let (store, now) = (self.state.store(), self.state.now());
        let stopped = store.stop_sequence(self.environment(), lead.id, reason, now, now).await?;
        if stopped.is_some_and(|stopped| stopped.has_open_claim(now)) {
            store.await_claim(self.environment(), lead.id, now).await?;
        }
        Ok(())
    }
}
