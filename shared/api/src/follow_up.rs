//! Follow-up of leads, as callers start, read and end it.

use crate::api_error::ApiError;
use crate::caller::Identity;
use crate::state::ApiState;
use contract::ErrorKind;
use domain::follow_up::sequence::{SendTimePolicy, SequenceStart, StopReason};
use domain::follow_up::template::BuiltInTemplate;
use domain::time::Speedup;
use domain::{Business, Lead, LeadId, Message, Sequence, SuppressionKey, Template, TemplateId};
use store::{PageRequest, StoreError};

/// Maximum number of bytes of messages in the response to a read: a response of Lambda has at most 6 MB.
pub const MAX_HISTORY_BYTES: usize = 4 * 1024 * 1024;

/// Maximum number of bytes of messages in a response that is kept for a replay: it is stored in one item of at most
/// 400 KB.
pub const MAX_KEPT_HISTORY_BYTES: usize = 128 * 1024;

/// Bytes of a message in a response besides its text, rounded up.
const MESSAGE_OVERHEAD: usize = 400;

/// Messages that are read by one query.
const PAGE_SIZE: usize = 500;

/// The follow-up of the leads that a caller may access.
pub struct FollowUp<'a> {
    state: &'a ApiState,
    caller: &'a Identity,
}

impl ApiState {
    /// Returns the follow-up of the leads that `caller` may access.
    pub fn follow_up<'a>(&'a self, caller: &'a Identity) -> FollowUp<'a> {
        FollowUp { state: self, caller }
    }
}

impl FollowUp<'_> {
    /// Returns the sequence that starts for `lead` now, from the template that the caller named or else the business's
    /// template for the lead's category. Without consent the sequence is only proposed.
    pub async fn new_sequence(
        &self,
        lead: &Lead,
        business: &Business,
        template: Option<TemplateId>,
        before: Option<&Sequence>,
        speedup: Speedup,
    ) -> Result<Sequence, ApiError> {
        let (store, environment, now) = (self.state.store(), self.caller.environment(), self.state.now());
        let template = match template {
            Some(id) => self.template(id, business).await?,
            None => store.template_for(environment, business.id, lead.category, now).await?,
        };
        let policy = SendTimePolicy { lead, zone: &business.time_zone, speedup };
        Ok(SequenceStart { template: &template, policy, previous: before }.start(now))
    }

    async fn template(&self, id: TemplateId, business: &Business) -> Result<Template, ApiError> {
        if let Some(built_in) = BuiltInTemplate::by_id(id) {
            return Ok(built_in.in_business(business.id));
        }
        let records = self.state.records(self.caller);
        let named = records.find_named::<Template>(Some(id.simple()), business.id, "template").await?;
        named.ok_or_else(|| ErrorKind::NotFound("template").into())
    }

    /// Reads a lead's sequence as it is shown: stopped if the lead's number or address is suppressed under `key`.
    pub async fn shown_sequence(&self, lead: &Lead, key: &SuppressionKey) -> Result<Option<Sequence>, StoreError> {
        let (store, environment) = (self.state.store(), self.caller.environment());
        let contacts = key.ids_of(environment, lead);
        let (sequence, suppressions) = tokio::join!(
            store.sequence(environment, lead.id, self.state.now()),
            store.suppressions(environment, &contacts)
        );
        let suppressions = suppressions?;
        Ok(sequence?.map(|sequence| sequence.shown_with(&suppressions)))
    }

    /// Returns the stored sequence of a lead as it is shown. Suppressions are read only if they would change it.
    pub async fn as_shown(
        &self,
        lead: &Lead,
        stored: Option<Sequence>,
        key: &SuppressionKey,
    ) -> Result<Option<Sequence>, StoreError> {
        let Some(sequence) = stored else { return Ok(None) };
        if !sequence.can_be_stopped() {
            return Ok(Some(sequence));
        }
        let environment = self.caller.environment();
        let suppressions = self.state.store().suppressions(environment, &key.ids_of(environment, lead)).await?;
        Ok(Some(sequence.shown_with(&suppressions)))
    }

    /// Returns a lead's sequence as it is stored and its messages, oldest first: only the newest ones if all of them
    /// exceed `max_bytes`.
    pub async fn history(&self, lead: LeadId, max_bytes: usize) -> Result<(Option<Sequence>, Vec<Message>), ApiError> {
        let sequence = self.state.store().sequence(self.caller.environment(), lead, self.state.now());
        let (sequence, messages) = tokio::join!(sequence, self.newest_messages(lead, max_bytes));
        let mut messages = messages?;
        messages.reverse();
        Ok((sequence?, messages))
    }

    async fn newest_messages(&self, lead: LeadId, max_bytes: usize) -> Result<Vec<Message>, ApiError> {
        let (store, environment) = (self.state.store(), self.caller.environment());
        let (mut newest, mut bytes) = (Vec::new(), 0);
        let mut after = None;
        loop {
            let request = PageRequest { limit: PAGE_SIZE, after };
            let page = store.messages(environment, lead, &request, self.state.now()).await?;
            for message in page.items {
                bytes += MESSAGE_OVERHEAD + message.body.len();
                if bytes > max_bytes {
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

    /// Stops the sequence of a lead that must not be contacted any more, and waits for a message that is being sent:
    /// when this returns, no further message goes out. Does nothing for a lead that may be contacted.
    pub async fn end(&self, lead: &Lead) -> Result<(), StoreError> {
        let Some(reason) = StopReason::for_lead(lead) else { return Ok(()) };
        let (store, environment, now) = (self.state.store(), self.caller.environment(), self.state.now());
        let stopped = store.stop_sequence(environment, lead.id, reason, now, now).await?;
        if stopped.is_some_and(|stopped| stopped.has_open_claim(now)) {
            store.await_claim(environment, lead.id, now).await?;
        }
        Ok(())
    }
}
