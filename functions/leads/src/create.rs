//! `POST …/leads`: a lead comes in.

use crate::Leads;
use access::{Answer, Caller, Input, Refused, needs};
use axum::extract::State;
use contract::Refusal;
use domain::{Lead, LeadId};
use store::CreatedLead;

/// Stores a lead: one write, the idempotency inside it.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let draft = caller.wire().read_lead(&input.fields)?;
    let business = caller.place(draft.business).await?;
    let new = draft.placed_in(&business)?;
    let once = caller.once(&input)?;
    let now = leads.gate.now();
    let id = match &once {
        Some(once) => LeadId::derived(&[b"lead", &once.id]),
        None => LeadId::new(now, leads.gate.random()?),
    };
    let lead = Lead::new(id, caller.contract, new, now);
    match leads.gate.store().create_lead(caller.world(), &lead, once.as_ref(), now).await? {
        CreatedLead::New => Ok(Answer::created(caller.wire().lead(&lead)).with_version(lead.version)),
        CreatedLead::Replayed(first) => {
            Ok(Answer::created(caller.wire().lead(&first)).with_version(first.version).replayed())
        }
        CreatedLead::Mismatch => Err(Refusal::IdempotencyMismatch.into()),
        CreatedLead::Gone => Err(Refusal::Gone.into()),
    }
}
