//! `POST …/leads`: a lead comes in.

use crate::Leads;
use access::{Answer, Caller, Input, Refused, needs};
use axum::extract::State;
use contract::{LeadDraft, Refusal};
use domain::{Business, Lead, LeadId, Timestamp};
use serde_json::{Map, Value};
use store::{CreatedLead, Once, TakenLead};

/// A lead that has been read and given its id.
pub(crate) struct Incoming {
    draft: LeadDraft,
    id: LeadId,
    once: Option<Once>,
    now: Timestamp,
}

impl Incoming {
    /// Reads what `fields` describe. When they have been read `once` is asked for the call's idempotency, with the id
    /// that follows from it.
    pub(crate) fn read(
        leads: &Leads,
        caller: &Caller<needs::LeadsWrite>,
        fields: &Map<String, Value>,
        once: impl FnOnce() -> Result<Option<(Once, LeadId)>, Refused>,
    ) -> Result<Self, Refused> {
        let draft = caller.wire().read_lead(fields)?;
        let once = once()?;
        let now = leads.gate.now();
        let (once, id) = match once {
            Some((once, id)) => (Some(once), id),
            None => (None, LeadId::new(now, leads.gate.random()?)),
        };
        Ok(Self { draft, id, once, now })
    }

    /// The lead of a call by itself.
    pub(crate) fn of_call(leads: &Leads, caller: &Caller<needs::LeadsWrite>, input: &Input) -> Result<Self, Refused> {
        let once = || Ok(caller.once(input)?.map(|once| (once, LeadId::derived(&[b"lead", &once.id]))));
        Self::read(leads, caller, &input.fields, once)
    }

    /// What came of the call, if it was made before under its idempotency key.
    pub(crate) async fn made_before(
        &self,
        leads: &Leads,
        caller: &Caller<needs::LeadsWrite>,
    ) -> Result<Option<Made>, Refused> {
        let Some(once) = &self.once else { return Ok(None) };
        let before = leads.gate.store().created_before(caller.world(), self.id, once, self.now).await?;
        before.map(|created| Made::of(created, None)).transpose()
    }

    /// The call's idempotency.
    pub(crate) fn once(&self) -> Option<&Once> {
        self.once.as_ref()
    }

    /// The lead's id.
    pub(crate) fn id(&self) -> LeadId {
        self.id
    }

    /// When it came in.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The lead in its business.
    async fn placed(&self, caller: &Caller<needs::LeadsWrite>) -> Result<Lead, Refused> {
        self.placed_in(caller).await.map(|(lead, _)| lead)
    }

    /// The lead, and its business.
    pub(crate) async fn placed_in(&self, caller: &Caller<needs::LeadsWrite>) -> Result<(Lead, Business), Refused> {
        let business = match self.draft.brand {
            Some(brand) => caller.place_brand(brand).await?,
            None => caller.place(self.draft.business).await?,
        };
        let new = self.draft.clone().placed_in(&business)?;
        Ok((Lead::new(self.id, caller.contract, new, &business.time_zone, self.now), business))
    }

    /// Stores it: one write, the idempotency inside it.
    pub(crate) async fn store(self, leads: &Leads, caller: &Caller<needs::LeadsWrite>) -> Result<Made, Refused> {
        let lead = self.placed(caller).await?;
        let store = leads.gate.store();
        let created = store.create_lead(caller.world(), &lead, self.once.as_ref(), self.now).await?;
        Made::of(created, Some(lead))
    }
}

/// A lead that came in.
pub(crate) struct Made {
    /// As the first answer shows it.
    pub(crate) lead: Lead,
    /// Whether the same call had made it before.
    pub(crate) before: bool,
}

impl Made {
    fn of(created: CreatedLead, new: Option<Lead>) -> Result<Self, Refused> {
        match (created, new) {
            (CreatedLead::New, Some(lead)) => Ok(Self { lead, before: false }),
            (CreatedLead::New, None) => Err(Refused::internal("a lead that is new to nobody")),
            (CreatedLead::Replayed(first), _) => Ok(Self { lead: *first, before: true }),
            (CreatedLead::Mismatch, _) => Err(Refusal::IdempotencyMismatch.into()),
            (CreatedLead::Gone, _) => Err(Refusal::Gone.into()),
        }
    }

    fn answer(self, caller: &Caller<needs::LeadsWrite>) -> Answer {
        let answer = Answer::created(caller.wire().made_lead(&self.lead)).with_version(self.lead.version);
        if self.before { answer.replayed() } else { answer }
    }
}

/// Stores a lead.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let made = Incoming::of_call(&leads, &caller, &input)?.store(&leads, &caller).await?;
    Ok(made.answer(&caller))
}

/// The same, unless a lead of the business has the address already: then that one is answered.
pub(crate) async fn take(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    input: Input,
) -> Result<Answer, Refused> {
    let incoming = Incoming::of_call(&leads, &caller, &input)?;
    let (store, world, now) = (leads.gate.store(), caller.world(), incoming.now);
    match (incoming.placed(&caller).await, &incoming.once) {
        (Ok(lead), once) => {
            let taken = store.take_lead(world, &lead, once.as_ref(), now).await?;
            answer_taken(&caller, taken, Some(lead))
        }
        // Businesses lose their numbers; what was answered before stays answered.
        (Err(refused), Some(once)) => match store.taken_before(world, incoming.id, once, now).await? {
            Some(taken) => answer_taken(&caller, taken, None),
            None => Err(refused),
        },
        (Err(refused), None) => Err(refused),
    }
}

fn answer_taken(caller: &Caller<needs::LeadsWrite>, taken: TakenLead, new: Option<Lead>) -> Result<Answer, Refused> {
    match taken {
        TakenLead::Created(created) => Ok(Made::of(created, new)?.answer(caller)),
        TakenLead::Known { first, replayed } => {
            let known = Answer::ok(caller.wire().known_lead(&first));
            Ok(if replayed { known.replayed() } else { known })
        }
    }
}
