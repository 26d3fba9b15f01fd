//! `POST …/leads`: a lead comes in.

use crate::Leads;
use access::{Answer, Caller, Input, Refused, needs};
use axum::extract::State;
use contract::{LeadDraft, Refusal};
use domain::{Lead, LeadId, Timestamp};
use store::{CreatedLead, Once, TakenLead};

/// A lead that has been read and given its id.
struct Incoming {
    draft: LeadDraft,
    id: LeadId,
    once: Option<Once>,
    now: Timestamp,
}

impl Incoming {
    fn read(leads: &Leads, caller: &Caller<needs::LeadsWrite>, input: &Input) -> Result<Self, Refused> {
        let draft = caller.wire().read_lead(&input.fields)?;
        let once = caller.once(input)?;
        let now = leads.gate.now();
        let id = match &once {
            Some(once) => LeadId::derived(&[b"lead", &once.id]),
            None => LeadId::new(now, leads.gate.random()?),
        };
        Ok(Self { draft, id, once, now })
    }

    /// The lead in its business.
    async fn placed(&self, caller: &Caller<needs::LeadsWrite>) -> Result<Lead, Refused> {
        let business = match self.draft.brand {
            Some(brand) => caller.place_brand(brand).await?,
            None => caller.place(self.draft.business).await?,
        };
        let new = self.draft.clone().placed_in(&business)?;
        Ok(Lead::new(self.id, caller.contract, new, self.now))
    }
}

/// Stores a lead: one write, the idempotency inside it.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let incoming = Incoming::read(&leads, &caller, &input)?;
    let lead = incoming.placed(&caller).await?;
    let store = leads.gate.store();
    let created = store.create_lead(caller.world(), &lead, incoming.once.as_ref(), incoming.now).await?;
    answer(&caller, created, Some(&lead))
}

/// The same, unless a lead of the business has the address already: then that one is answered.
pub(crate) async fn take(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let incoming = Incoming::read(&leads, &caller, &input)?;
    let (store, world, now) = (leads.gate.store(), caller.world(), incoming.now);
    match (incoming.placed(&caller).await, &incoming.once) {
        (Ok(lead), once) => {
            let taken = store.take_lead(world, &lead, once.as_ref(), now).await?;
            answer_taken(&caller, taken, Some(&lead))
        }
        // Businesses lose their numbers; what was answered before stays answered.
        (Err(refused), Some(once)) => match store.taken_before(world, incoming.id, once, now).await? {
            Some(taken) => answer_taken(&caller, taken, None),
            None => Err(refused),
        },
        (Err(refused), None) => Err(refused),
    }
}

fn answer_taken(caller: &Caller<needs::LeadsWrite>, taken: TakenLead, new: Option<&Lead>) -> Result<Answer, Refused> {
    match taken {
        TakenLead::Created(created) => answer(caller, created, new),
        TakenLead::Known { first, replayed } => {
            let known = Answer::ok(caller.wire().known_lead(&first));
            Ok(if replayed { known.replayed() } else { known })
        }
    }
}

fn answer(caller: &Caller<needs::LeadsWrite>, created: CreatedLead, new: Option<&Lead>) -> Result<Answer, Refused> {
    let made = |lead: &Lead| Answer::created(caller.wire().made_lead(lead)).with_version(lead.version);
    match created {
        CreatedLead::New => new.map(made).ok_or_else(|| Refused::internal("a lead that is new to nobody")),
        CreatedLead::Replayed(first) => Ok(made(&first).replayed()),
        CreatedLead::Mismatch => Err(Refusal::IdempotencyMismatch.into()),
        CreatedLead::Gone => Err(Refusal::Gone.into()),
    }
}
