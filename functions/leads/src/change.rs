//! `PATCH …/leads/{id}`: a lead changes.

use crate::{Leads, read, rescue};
use api::{ApiError, ApiResponse, Caller, CommitOutcome, JsonBody, MOST_KEPT, MOST_SHOWN, PathId, require};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::accounts::business::Country;
use domain::{Contract, FieldErrors, Lead, LeadChange, LeadStatus};
use store::{StoreError, Write};

/// How often a change that met another is made anew upon what the other left.
const ROUNDS: u32 = 5;

/// Changes a lead, under its version.
pub(crate) async fn change(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsWrite>,
    id: PathId,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    native::check_lead_change(&input.fields)?;
    let read = |country: &Country| native::read_lead_change(&input.fields, country);
    apply(&leads, &caller, &id, &input, read).await
}

/// Makes the change that `read` finds for a lead of a business in this country. After the answer nothing more goes out
/// to a lead that nobody is to write to any more.
pub(crate) async fn apply(
    leads: &Leads,
    caller: &Caller<require::LeadsWrite>,
    id: &PathId,
    input: &JsonBody,
    read: impl Fn(&Country) -> Result<LeadChange, FieldErrors>,
) -> Result<ApiResponse, ApiError> {
    let expected = caller.expected_version()?;
    let idempotency_key = caller.idempotency_key(input)?;
    // In one trip: a call that is repeated needs the lead for nothing, but is the exception.
    let (first, found) = tokio::join!(caller.replay(idempotency_key.as_ref()), read::find(leads, caller, id));
    if let Some(first) = first? {
        // The first call may have come to no end.
        if let Ok(found) = found {
            end_follow_up(caller, &found.lead, &found.lead).await?;
        }
        return Ok(first);
    }
    let mut old = found?;
    for _ in 0..ROUNDS {
        if !expected.allows(old.lead.version) {
            return caller.first_or(idempotency_key.as_ref(), ErrorKind::PreconditionFailed).await;
        }
        let business = caller.place(Some(old.lead.business)).await?;
        let change = read(&business.country)?;
        let Ok(new) = change.apply(&old.lead, leads.api.now()) else {
            let closed = caller.profile().status(LeadStatus::Closed);
            let error = ErrorKind::Conflict(format!("An opted-out lead can only become {closed}."));
            return caller.first_or(idempotency_key.as_ref(), error).await;
        };
        if new.email.is_none() && new.phone.is_none() {
            return Err(ErrorKind::field("email", "or phone must remain").into());
        }
        let (shown, stops) = match caller.contract {
            Contract::LeadRescue => {
                // An answer that is kept has less room.
                let most = if idempotency_key.is_some() { MOST_KEPT } else { MOST_SHOWN };
                rescue::shown_after(leads, caller, &new, most).await?
            }
            _ => (caller.profile().lead(&new), Vec::new()),
        };
        let answer = ApiResponse::ok(shown).with_version(new.version);
        let protection = caller.personal_protection(Some(&old))?;
        let writes: Vec<Write> = if new.version == old.lead.version {
            Vec::new()
        } else {
            let store = leads.api.store();
            let moved = store.move_email(caller.environment(), &old.lead, &new, leads.api.now()).await?;
            std::iter::once(store.change_lead(caller.environment(), &old, &new, &caller.actor())?)
                .chain(moved)
                .collect()
        };
        let writes = writes.into_iter().chain(stops).collect();
        match caller.commit(writes, idempotency_key.as_ref(), answer, &protection).await? {
            CommitOutcome::Answered(answer) => {
                end_follow_up(caller, &old.lead, &new).await?;
                return Ok(answer);
            }
            CommitOutcome::ConditionFailed(_) => old = read::find(leads, caller, id).await?,
        }
    }
    Err(StoreError::Contended.into())
}

/// Ends the follow-up of a lead that nobody is to write to any more. Who never consented is not written to: the stream's
/// reader ends what was proposed.
async fn end_follow_up(caller: &Caller<require::LeadsWrite>, old: &Lead, new: &Lead) -> Result<(), StoreError> {
    let consents = |lead: &Lead| lead.consent.as_ref().is_some_and(|consent| consent.given);
    if consents(old) || consents(new) { caller.end_follow_up(new).await } else { Ok(()) }
}
