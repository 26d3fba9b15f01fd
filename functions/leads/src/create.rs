//! `POST …/leads`: a lead comes in.

use crate::Leads;
use api::{ApiError, ApiResponse, Caller, JsonBody, require};
use axum::extract::State;
use contract::{ErrorKind, LeadDraft};
use domain::{Business, Lead, LeadId, Timestamp};
use serde_json::{Map, Value};
use store::{CreatedLead, IdempotencyKey, UniqueLead};

/// A lead that has been read and given its id.
pub(crate) struct Incoming {
    draft: LeadDraft,
    id: LeadId,
    idempotency_key: Option<IdempotencyKey>,
    now: Timestamp,
}

impl Incoming {
    /// Reads what `fields` describe. When they have been read `idempotency_key` is asked for the call's idempotency, with the id
    /// that follows from it.
    pub(crate) fn read(
        leads: &Leads,
        caller: &Caller<require::LeadsWrite>,
        fields: &Map<String, Value>,
        idempotency_key: impl FnOnce() -> Result<Option<(IdempotencyKey, LeadId)>, ApiError>,
    ) -> Result<Self, ApiError> {
        let draft = caller.profile().read_lead(fields)?;
        let idempotency_key = idempotency_key()?;
        let now = leads.api.now();
        let (idempotency_key, id) = match idempotency_key {
            Some((idempotency_key, id)) => (Some(idempotency_key), id),
            None => (None, LeadId::new(now, leads.api.random()?)),
        };
        Ok(Self { draft, id, idempotency_key, now })
    }

    /// The lead of a call by itself.
    pub(crate) fn of_call(
        leads: &Leads,
        caller: &Caller<require::LeadsWrite>,
        input: &JsonBody,
    ) -> Result<Self, ApiError> {
        let idempotency_key = || {
            Ok(caller
                .idempotency_key(input)?
                .map(|idempotency_key| (idempotency_key, LeadId::derived(&[b"lead", &idempotency_key.id]))))
        };
        Self::read(leads, caller, &input.fields, idempotency_key)
    }

    /// What came of the call, if it was made before under its idempotency key.
    pub(crate) async fn made_before(
        &self,
        leads: &Leads,
        caller: &Caller<require::LeadsWrite>,
    ) -> Result<Option<Made>, ApiError> {
        let Some(idempotency_key) = &self.idempotency_key else { return Ok(None) };
        let before =
            leads.api.store().replay_lead_creation(caller.environment(), self.id, idempotency_key, self.now).await?;
        before.map(|created| Made::of(created, None)).transpose()
    }

    /// The call's idempotency.
    pub(crate) fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.idempotency_key.as_ref()
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
    async fn placed(&self, caller: &Caller<require::LeadsWrite>) -> Result<Lead, ApiError> {
        self.placed_in(caller).await.map(|(lead, _)| lead)
    }

    /// The lead, and its business.
    pub(crate) async fn placed_in(&self, caller: &Caller<require::LeadsWrite>) -> Result<(Lead, Business), ApiError> {
        let business = match self.draft.brand {
            Some(brand) => caller.place_brand(brand).await?,
            None => caller.place(self.draft.business).await?,
        };
        let new = self.draft.clone().placed_in(&business)?;
        Ok((Lead::new(self.id, caller.contract, new, &business.time_zone, self.now), business))
    }

    /// Stores it: one write, the idempotency inside it.
    pub(crate) async fn store(self, leads: &Leads, caller: &Caller<require::LeadsWrite>) -> Result<Made, ApiError> {
        let lead = self.placed(caller).await?;
        let store = leads.api.store();
        let created = store.create_lead(caller.environment(), &lead, self.idempotency_key.as_ref(), self.now).await?;
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
    fn of(created: CreatedLead, new: Option<Lead>) -> Result<Self, ApiError> {
        match (created, new) {
            (CreatedLead::New, Some(lead)) => Ok(Self { lead, before: false }),
            (CreatedLead::New, None) => Err(ApiError::internal("a lead that is new to nobody")),
            (CreatedLead::Replayed(first), _) => Ok(Self { lead: *first, before: true }),
            (CreatedLead::Mismatch, _) => Err(ErrorKind::IdempotencyMismatch.into()),
            (CreatedLead::Gone, _) => Err(ErrorKind::Gone.into()),
        }
    }

    fn answer(self, caller: &Caller<require::LeadsWrite>) -> ApiResponse {
        let answer = ApiResponse::created(caller.profile().made_lead(&self.lead)).with_version(self.lead.version);
        if self.before { answer.replayed() } else { answer }
    }
}

/// Stores a lead.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let made = Incoming::of_call(&leads, &caller, &input)?.store(&leads, &caller).await?;
    Ok(made.answer(&caller))
}

/// The same, unless a lead of the business has the address already: then that one is answered.
pub(crate) async fn take(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let incoming = Incoming::of_call(&leads, &caller, &input)?;
    let (store, environment, now) = (leads.api.store(), caller.environment(), incoming.now);
    match (incoming.placed(&caller).await, &incoming.idempotency_key) {
        (Ok(lead), idempotency_key) => {
            let taken = store.create_unique_lead(environment, &lead, idempotency_key.as_ref(), now).await?;
            answer_taken(&caller, taken, Some(lead))
        }
        // Businesses lose their numbers; what was answered before stays answered.
        (Err(error), Some(idempotency_key)) => {
            match store.replay_unique_lead_creation(environment, incoming.id, idempotency_key, now).await? {
                Some(taken) => answer_taken(&caller, taken, None),
                None => Err(error),
            }
        }
        (Err(error), None) => Err(error),
    }
}

fn answer_taken(
    caller: &Caller<require::LeadsWrite>,
    taken: UniqueLead,
    new: Option<Lead>,
) -> Result<ApiResponse, ApiError> {
    match taken {
        UniqueLead::Created(created) => Ok(Made::of(created, new)?.answer(caller)),
        UniqueLead::Duplicate { existing: first, replayed } => {
            let known = ApiResponse::ok(caller.profile().known_lead(&first));
            Ok(if replayed { known.replayed() } else { known })
        }
    }
}
