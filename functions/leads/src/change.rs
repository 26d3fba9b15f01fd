//! `PATCH …/leads/{id}`: a lead changes.

use crate::{Leads, read, rescue};
use access::{Answer, Caller, Committed, Input, MOST_KEPT, MOST_SHOWN, PathId, Refused, needs};
use axum::extract::State;
use contract::{Refusal, native};
use domain::accounts::business::Country;
use domain::{Contract, Faults, Lead, LeadChange, LeadStatus};
use store::{StoreError, Write};

/// How often a change that met another is made anew upon what the other left.
const ROUNDS: u32 = 5;

/// Changes a lead, under its version.
pub(crate) async fn change(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    id: PathId,
    input: Input,
) -> Result<Answer, Refused> {
    native::check_lead_change(&input.fields)?;
    let read = |country: &Country| native::read_lead_change(&input.fields, country);
    apply(&leads, &caller, &id, &input, read).await
}

/// Makes the change that `read` finds for a lead of a business in this country. After the answer nothing more goes out
/// to a lead that nobody is to write to any more.
pub(crate) async fn apply(
    leads: &Leads,
    caller: &Caller<needs::LeadsWrite>,
    id: &PathId,
    input: &Input,
    read: impl Fn(&Country) -> Result<LeadChange, Faults>,
) -> Result<Answer, Refused> {
    let expected = caller.expected_version()?;
    let once = caller.once(input)?;
    // In one trip: a call that is repeated needs the lead for nothing, but is the exception.
    let (first, found) = tokio::join!(caller.replay(once.as_ref()), read::find(leads, caller, id));
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
            return caller.first_or(once.as_ref(), Refusal::PreconditionFailed).await;
        }
        let business = caller.place(Some(old.lead.business)).await?;
        let change = read(&business.country)?;
        let Ok(new) = change.apply(&old.lead, leads.gate.now()) else {
            let closed = caller.wire().status(LeadStatus::Closed);
            let refused = Refusal::Conflict(format!("An opted-out lead can only become {closed}."));
            return caller.first_or(once.as_ref(), refused).await;
        };
        if new.email.is_none() && new.phone.is_none() {
            return Err(Refusal::field("email", "or phone must remain").into());
        }
        let (shown, stops) = match caller.contract {
            Contract::LeadRescue => {
                // An answer that is kept has less room.
                let most = if once.is_some() { MOST_KEPT } else { MOST_SHOWN };
                rescue::shown_after(leads, caller, &new, most).await?
            }
            _ => (caller.wire().lead(&new), Vec::new()),
        };
        let answer = Answer::ok(shown).with_version(new.version);
        let protection = caller.personal_protection(Some(&old))?;
        let writes: Vec<Write> = if new.version == old.lead.version {
            Vec::new()
        } else {
            let store = leads.gate.store();
            let moved = store.move_email_mark(caller.world(), &old.lead, &new, leads.gate.now()).await?;
            std::iter::once(store.change_lead(caller.world(), &old, &new, &caller.actor())?).chain(moved).collect()
        };
        let writes = writes.into_iter().chain(stops).collect();
        match caller.commit(writes, once.as_ref(), answer, &protection).await? {
            Committed::Answered(answer) => {
                end_follow_up(caller, &old.lead, &new).await?;
                return Ok(answer);
            }
            Committed::Refused(_) => old = read::find(leads, caller, id).await?,
        }
    }
    Err(StoreError::Contended.into())
}

/// Ends the follow-up of a lead that nobody is to write to any more. Who never consented is not written to: the stream's
/// reader ends what was proposed.
async fn end_follow_up(caller: &Caller<needs::LeadsWrite>, old: &Lead, new: &Lead) -> Result<(), StoreError> {
    let consents = |lead: &Lead| lead.consent.as_ref().is_some_and(|consent| consent.given);
    if consents(old) || consents(new) { caller.end_follow_up(new).await } else { Ok(()) }
}
