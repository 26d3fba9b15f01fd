//! `POST …/leads`: a lead comes in.

use crate::Leads;
use access::{Answer, Caller, Input, Refused, needs};
use axum::extract::State;
use contract::Refusal;
use domain::{Lead, LeadId, Timestamp};
use store::{CreatedLead, Once, TakenLead};

/// A lead that has been read, placed and given its id.
struct Incoming {
    lead: Lead,
    once: Option<Once>,
    now: Timestamp,
}

async fn read(leads: &Leads, caller: &Caller<needs::LeadsWrite>, input: &Input) -> Result<Incoming, Refused> {
    let draft = caller.wire().read_lead(&input.fields)?;
    let business = match draft.brand {
        Some(brand) => caller.place_brand(brand).await?,
        None => caller.place(draft.business).await?,
    };
    let new = draft.placed_in(&business)?;
    let once = caller.once(input)?;
    let now = leads.gate.now();
    let id = match &once {
        Some(once) => LeadId::derived(&[b"lead", &once.id]),
        None => LeadId::new(now, leads.gate.random()?),
    };
    Ok(Incoming { lead: Lead::new(id, caller.contract, new, now), once, now })
}

fn answer(caller: &Caller<needs::LeadsWrite>, created: CreatedLead, lead: &Lead) -> Result<Answer, Refused> {
    let made = |lead: &Lead| Answer::created(caller.wire().made_lead(lead)).with_version(lead.version);
    match created {
        CreatedLead::New => Ok(made(lead)),
        CreatedLead::Replayed(first) => Ok(made(&first).replayed()),
        CreatedLead::Mismatch => Err(Refusal::IdempotencyMismatch.into()),
        CreatedLead::Gone => Err(Refusal::Gone.into()),
    }
}

/// Stores a lead: one write, the idempotency inside it.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let Incoming { lead, once, now } = read(&leads, &caller, &input).await?;
    let created = leads.gate.store().create_lead(caller.world(), &lead, once.as_ref(), now).await?;
    answer(&caller, created, &lead)
}

/// The same, unless a lead of the business has the address already: then that one is answered.
pub(crate) async fn take(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let Incoming { lead, once, now } = read(&leads, &caller, &input).await?;
    match leads.gate.store().take_lead(caller.world(), &lead, once.as_ref(), now).await? {
        TakenLead::Created(created) => answer(&caller, created, &lead),
        TakenLead::Known { first, replayed } => {
            let known = Answer::ok(caller.wire().known_lead(&first));
            Ok(if replayed { known.replayed() } else { known })
        }
    }
}
