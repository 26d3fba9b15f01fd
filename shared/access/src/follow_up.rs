//! Following leads up, as callers start and end it.

use crate::caller::Caller;
use crate::refused::Refused;
use contract::Refusal;
use domain::sequence::{Cadence, Starter, StopReason};
use domain::time::Pace;
use domain::{Business, Lead, LeadId, Message, Sequence, Template, TemplateId};
use store::{Page, PageRequest, StoreError};

/// Messages of a lead's history that are shown with it, the newest; all of them are listed.
const SHOWN: usize = 500;

impl<S> Caller<S> {
    /// The sequence that starts for `lead` now: of the template that the caller named, else of what the business writes
    /// to leads of that category. Where there is no consent it is proposed.
    pub async fn sequence_of(
        &self,
        lead: &Lead,
        business: &Business,
        template: Option<TemplateId>,
        before: Option<&Sequence>,
        pace: Pace,
    ) -> Result<Sequence, Refused> {
        let now = self.gate.now();
        let template = match template {
            Some(id) => self.template_of(id, business).await?,
            None => self.gate.store().template_for(self.world(), business.id, lead.category, now).await?,
        };
        let cadence = Cadence { lead, zone: &business.time_zone, pace };
        Ok(Starter { template: &template, cadence, before }.start(now))
    }

    async fn template_of(&self, id: TemplateId, business: &Business) -> Result<Template, Refused> {
        if let Some(built_in) = Template::built_in_of(id, business.id) {
            return Ok(built_in);
        }
        let named = self.named::<Template>(Some(id.simple()), business.id, "template").await?;
        named.ok_or_else(|| Refusal::NotFound("template").into())
    }

    /// A lead's sequence and its newest messages, the oldest of them first.
    pub async fn history(&self, lead: LeadId) -> Result<(Option<Sequence>, Vec<Message>), Refused> {
        let (store, now) = (self.gate.store(), self.gate.now());
        let newest = PageRequest { limit: SHOWN, after: None };
        let (sequence, page) =
            tokio::join!(store.sequence(self.world(), lead, now), store.messages(self.world(), lead, &newest, now));
        let Page { mut items, .. } = page?;
        items.reverse();
        Ok((sequence?, items))
    }

    /// Ends the follow-up of a lead that has become one that nobody writes to; after this nothing goes out. Nothing is
    /// done for a lead that may be written to.
    pub async fn end_follow_up(&self, lead: &Lead) -> Result<(), StoreError> {
        let Some(reason) = StopReason::of(lead) else { return Ok(()) };
        let (store, now) = (self.gate.store(), self.gate.now());
        if store.stop_sequence(self.world(), lead.id, reason, now).await?.is_some() {
            store.await_claim(self.world(), lead.id, now).await?;
        }
        Ok(())
    }
}
