//! `PATCH …/leads/{id}`: a lead changes.

use crate::{Leads, read};
use access::{Answer, Caller, Committed, Input, PathId, Refused, needs};
use axum::extract::State;
use contract::{Json, Refusal, native};
use domain::business::Country;
use domain::{Faults, Lead, LeadChange, LeadStatus};
use store::{Protection, StoreError};

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
    apply(&leads, &caller, &id, &input, read, |lead| caller.wire().lead(lead)).await
}

/// Makes the change that `read` finds for a lead in this country, and answers with the lead as `show` shows it.
pub(crate) async fn apply(
    leads: &Leads,
    caller: &Caller<needs::LeadsWrite>,
    id: &PathId,
    input: &Input,
    read: impl Fn(&Country) -> Result<LeadChange, Faults>,
    show: impl Fn(&Lead) -> Json,
) -> Result<Answer, Refused> {
    let expected = caller.expected_version()?;
    let once = caller.once(input)?;
    // In one trip: a call that is repeated needs the lead for nothing, but is the exception.
    let (first, found) = tokio::join!(caller.replay(once.as_ref()), read::find(leads, caller, id));
    if let Some(first) = first? {
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
        let answer = Answer::ok(show(&new)).with_version(new.version);
        let protection = old
            .seal_key()
            .map(|key| Protection::Lead(new.id, key))
            .ok_or_else(|| Refused::internal("a lead has no key of its own"))?;
        let writes = if new.version == old.lead.version {
            Vec::new()
        } else {
            let store = leads.gate.store();
            let moved = store.move_email_mark(caller.world(), &old.lead, &new, leads.gate.now()).await?;
            std::iter::once(store.change_lead(caller.world(), &old, &new, &caller.actor())?).chain(moved).collect()
        };
        match caller.commit(writes, once.as_ref(), answer, &protection).await? {
            Committed::Answered(answer) => return Ok(answer),
            Committed::Refused(_) => old = read::find(leads, caller, id).await?,
        }
    }
    Err(StoreError::Contended.into())
}
