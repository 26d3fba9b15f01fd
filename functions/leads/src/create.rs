//! `POST …/leads`: a lead comes in.

use crate::Leads;
use access::{Answer, Caller, Input, Refused, needs};
use axum::extract::State;
use contract::Refusal;
use domain::{Lead, LeadId};
use serde_json::{Map, Value};
use store::{CreatedLead, Once};

/// A lead that came in.
pub(crate) struct Made {
    /// As the first answer shows it.
    pub(crate) lead: Lead,
    /// Whether the same call had made it before.
    pub(crate) before: bool,
}

/// Stores a lead: one write, the idempotency inside it.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let once = || Ok(caller.once(&input)?.map(|once| (once, LeadId::derived(&[b"lead", &once.id]))));
    let made = make(&leads, &caller, &input.fields, once).await?;
    let answer = Answer::created(caller.wire().lead(&made.lead)).with_version(made.lead.version);
    Ok(if made.before { answer.replayed() } else { answer })
}

/// Makes the lead that `fields` describe. When they have been read `once` is asked for the call's idempotency, with
/// the id that follows from it.
pub(crate) async fn make(
    leads: &Leads,
    caller: &Caller<needs::LeadsWrite>,
    fields: &Map<String, Value>,
    once: impl FnOnce() -> Result<Option<(Once, LeadId)>, Refused>,
) -> Result<Made, Refused> {
    let draft = caller.wire().read_lead(fields)?;
    let business = caller.place(draft.business).await?;
    let new = draft.placed_in(&business)?;
    let once = once()?;
    let now = leads.gate.now();
    let (once, id) = match once {
        Some((once, id)) => (Some(once), id),
        None => (None, LeadId::new(now, leads.gate.random()?)),
    };
    let lead = Lead::new(id, caller.contract, new, &business.time_zone, now);
    match leads.gate.store().create_lead(caller.world(), &lead, once.as_ref(), now).await? {
        CreatedLead::New => Ok(Made { lead, before: false }),
        CreatedLead::Replayed(first) => Ok(Made { lead: *first, before: true }),
        CreatedLead::Mismatch => Err(Refusal::IdempotencyMismatch.into()),
        CreatedLead::Gone => Err(Refusal::Gone.into()),
    }
}
