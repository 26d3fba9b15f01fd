//! The change of a lead, with what follows from it for its follow-up.

use crate::{ApiError, ApiResponse, ApiState, Idempotency, IdempotentCall, Identity, IfMatch, JsonBody, PathId};
use contract::{ErrorKind, Json};
use domain::accounts::business::Country;
use domain::follow_up::suppression::{Contact, SuppressionOrigin};
use domain::leads::contact::require_readable_contact;
use domain::{FieldErrors, Lead, LeadChange, LeadId, LeadStatus, SuppressionKey};
use std::collections::BTreeMap;
use store::{ConflictRetries, StoreError, StoredLead, Write};

/// The content of the response to a change of a lead.
pub trait ChangedLeadView: Sync {
    /// Returns the body that shows the changed lead, and further writes of the change that the body shows.
    fn show(
        &self,
        call: &IdempotentCall,
        new: &Lead,
    ) -> impl Future<Output = Result<(Json, Vec<Write>), ApiError>> + Send;
}

/// A request that changes a lead.
pub struct LeadChangeCall<'a> {
    /// The state of the function.
    pub api: &'a ApiState,
    /// The key by which suppressions are found.
    pub suppression_key: &'a SuppressionKey,
    /// The caller.
    pub caller: &'a Identity,
    /// The id in the path.
    pub id: &'a PathId,
    /// The precondition.
    pub if_match: &'a IfMatch,
    /// The idempotency key.
    pub idempotency: &'a Idempotency,
    /// The body.
    pub body: &'a JsonBody,
}

impl LeadChangeCall<'_> {
    /// Applies the change that `parse` returns for a lead of a business in this country, if `check` accepts it for the lead
    /// as it is. `view` is the content of the response. When this returns, no further message goes out to a lead that must
    /// not be contacted any more.
    pub async fn apply(
        self,
        check: impl FnOnce(&Lead) -> Result<(), FieldErrors>,
        parse: impl Fn(&Country) -> Result<LeadChange, FieldErrors>,
        view: &impl ChangedLeadView,
    ) -> Result<ApiResponse, ApiError> {
        let Self { api, caller, .. } = self;
        let precondition = self.if_match.precondition()?;
        let call = self.idempotency.call(caller, self.body)?;
        // In one trip: a replay does not need the lead, but replays are rare.
        let (first, found) = tokio::join!(call.first_response(), find(api, caller, self.id));
        if let Some(first) = first? {
            // The first request may have ended before it stopped the follow-up.
            if let Ok(found) = found {
                self.end_follow_up(&found.lead, &found.lead).await?;
            }
            return Ok(first);
        }
        let mut old = found?;
        check(&old.lead)?;
        let mut retries = ConflictRetries::default();
        loop {
            if !precondition.accepts(old.lead.version) {
                return call.first_response_or(precondition.mismatch()).await;
            }
            let business = api.businesses(caller).resolve(Some(old.lead.business)).await?;
            let Ok(new) = parse(&business.country)?.apply(&old.lead, api.now()) else {
                let closed = caller.profile().lead_status_name(LeadStatus::Closed);
                let error =
                    ErrorKind::Conflict(format!("The status of an opted-out lead can change only to {closed}."));
                return call.first_response_or(error).await;
            };
            if new.email.is_none() && new.phone.is_none() {
                return Err(ErrorKind::field("email", "is required if phone is null").into());
            }
            // A phone that was stored before as the only contact does not prevent other changes.
            if (&new.email, &new.phone) != (&old.lead.email, &old.lead.phone) {
                require_readable_contact(new.email.as_ref(), new.phone.as_ref())
                    .map_err(|reason| ErrorKind::field("phone", reason))?;
            }
            let (body, stop_writes) = view.show(&call, &new).await?;
            let response = ApiResponse::ok(body).with_version(new.version);
            // One transaction: the lead under its version, the move of its address in the unique e-mail index, and the stop
            // of a sequence that the response shows. Without the index in it, a crash in between would leave an address
            // that the duplicate check misses. Any failed condition means that something has changed since it was read.
            let mut writes = self.change_writes(&old, &new).await?;
            writes.extend(stop_writes);
            let committed = call.commit(writes, response, &api.records(caller).protection(Some(&old))?).await?;
            if let Some(response) = committed.or_retry(&mut retries)? {
                self.end_follow_up(&old.lead, &new).await?;
                return Ok(response);
            }
            old = find(api, caller, self.id).await?;
        }
    }

    /// Returns the writes of the change: the lead, the entries of the unique e-mail index if its address changes, and the
    /// suppressions that it makes.
    async fn change_writes(&self, old: &StoredLead, new: &Lead) -> Result<Vec<Write>, ApiError> {
        if new.version == old.lead.version {
            return Ok(Vec::new());
        }
        let (store, environment, now) = (self.api.store(), self.caller.environment(), self.api.now());
        let moved_email = store.move_email(environment, &old.lead, new, now).await?;
        let mut writes = vec![store.change_lead(environment, old, new, &self.caller.actor())?];
        writes.extend(moved_email);
        if suppresses(&old.lead, new) {
            // Also what the same change replaces. By their ids, for a transaction writes an item once.
            let made = [new, &old.lead]
                .map(|lead| self.suppression_key.suppressions_of(environment, lead, SuppressionOrigin::Status, now));
            let made: BTreeMap<_, _> = made.into_iter().flatten().map(|made| (made.id, made)).collect();
            writes.extend(made.values().map(|suppression| store.suppress(environment, suppression)));
        }
        Ok(writes)
    }

    /// Ends the follow-up of a lead that must not be contacted any more, and of all other leads with the number or address of
    /// a person who has opted out. A lead that never consented was not contacted: the stream's consumer stops its proposed
    /// sequence.
    async fn end_follow_up(&self, old: &Lead, new: &Lead) -> Result<(), StoreError> {
        let (api, environment) = (self.api, self.caller.environment());
        let consents = |lead: &Lead| lead.consent.as_ref().is_some_and(|consent| consent.given);
        if consents(old) || consents(new) {
            api.follow_up(self.caller).end(new).await?;
        }
        if new.opted_out_at.is_some() {
            let mut contacts = self.suppression_key.ids_of(environment, new);
            contacts.extend(self.suppression_key.ids_of(environment, old));
            api.store().end_suppressed(environment, &contacts, api.now()).await?;
        }
        Ok(())
    }
}

async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<StoredLead, ApiError> {
    let id: LeadId = id.parse_lead()?;
    api.records(caller).lead(id).await
}

/// Returns whether a change suppresses the lead's number and address: the person opts out, or has opted out and gets
/// another number or address.
fn suppresses(old: &Lead, new: &Lead) -> bool {
    let has_other_contacts = Contact::all_of(old) != Contact::all_of(new);
    new.opted_out_at.is_some() && (old.opted_out_at.is_none() || has_other_contacts)
}
