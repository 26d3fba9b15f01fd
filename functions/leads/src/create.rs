//! `POST …/leads`: creates a lead.

use api::{ApiError, ApiResponse, ApiState, Caller, Idempotency, Identity, JsonBody, require};
use axum::extract::State;
use contract::{ErrorKind, LeadRequest, Warning};
use domain::accounts::business::LeadBusiness;
use domain::{Business, Lead, LeadId, Timestamp};
use store::{CreatedLead, IdempotencyKey, UniqueLead};

/// A lead that is to be created, with its id.
///
/// Under an idempotency key the id derives from the key, so that the same request again finds the lead that the first
/// one stored. No idempotency record is needed.
pub(crate) struct LeadCreation {
    request: LeadRequest,
    key: Option<IdempotencyKey>,
    /// The id of the new lead.
    pub(crate) id: LeadId,
    /// The time of the request.
    pub(crate) now: Timestamp,
}

impl LeadCreation {
    /// Returns the creation of the only lead of a request.
    pub(crate) fn of_call(api: &ApiState, request: LeadRequest, key: Option<IdempotencyKey>) -> Result<Self, ApiError> {
        Self::new(api, request, key, |key| LeadId::derived(&[b"lead", &key.id]))
    }

    /// Returns the creation of the lead at a position of a batch.
    pub(crate) fn of_batch_entry(
        api: &ApiState,
        request: LeadRequest,
        key: Option<IdempotencyKey>,
        position: usize,
    ) -> Result<Self, ApiError> {
        Self::new(api, request, key, |key| LeadId::derived(&[b"lead of a batch", &key.id, &position.to_be_bytes()]))
    }

    fn new(
        api: &ApiState,
        request: LeadRequest,
        key: Option<IdempotencyKey>,
        derive: impl FnOnce(&IdempotencyKey) -> LeadId,
    ) -> Result<Self, ApiError> {
        let now = api.now();
        let id = match &key {
            Some(key) => derive(key),
            None => LeadId::new(now, api.random()?),
        };
        Ok(Self { request, key, id, now })
    }

    /// Returns what the request had that a lead has not.
    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.request.warnings
    }

    /// Returns the idempotency key, if the request was sent with one.
    pub(crate) fn key(&self) -> Option<&IdempotencyKey> {
        self.key.as_ref()
    }

    /// Returns the lead.
    pub(crate) async fn lead(&self, api: &ApiState, caller: &Identity) -> Result<Lead, ApiError> {
        let businesses = api.businesses(caller);
        let business = match self.request.brand {
            Some(brand_id) => LeadBusiness::from(&businesses.resolve_brand_id(brand_id).await?),
            None => businesses.resolve_for_lead(self.request.business).await?,
        };
        self.lead_in(&business, caller)
    }

    /// Returns the lead and the whole business that it belongs to, which the first message needs.
    pub(crate) async fn lead_and_business(
        &self,
        api: &ApiState,
        caller: &Identity,
    ) -> Result<(Lead, Business), ApiError> {
        let business = api.businesses(caller).resolve(self.request.business).await?;
        Ok((self.lead_in(&LeadBusiness::from(&business), caller)?, business))
    }

    fn lead_in(&self, business: &LeadBusiness, caller: &Identity) -> Result<Lead, ApiError> {
        let new = self.request.clone().in_business(business)?;
        Ok(Lead::new(self.id, caller.contract, new, &business.time_zone, self.now))
    }

    /// Stores the lead in one write, which finds the lead of the same call if it was made before.
    pub(crate) async fn store(&self, api: &ApiState, caller: &Identity) -> Result<LeadOutcome, ApiError> {
        let lead = self.lead(api, caller).await?;
        let created = api.store().create_lead(caller.environment(), &lead, self.key(), self.now).await?;
        LeadOutcome::new(created, Some(lead))
    }

    /// Returns the lead of the same call, if it was made before under its idempotency key.
    pub(crate) async fn find_replay(&self, api: &ApiState, caller: &Identity) -> Result<Option<LeadOutcome>, ApiError> {
        let Some(key) = self.key() else { return Ok(None) };
        let found = api.store().replay_lead_creation(caller.environment(), self.id, key, self.now).await?;
        found.map(|created| LeadOutcome::new(created, None)).transpose()
    }
}

/// The lead of a call that creates one.
pub(crate) struct LeadOutcome {
    /// The lead as the first response shows it.
    pub(crate) lead: Lead,
    /// True if the same call had created it before.
    pub(crate) replayed: bool,
}

impl LeadOutcome {
    /// Returns the outcome of storing `new`, or of looking for an earlier call.
    fn new(created: CreatedLead, new: Option<Lead>) -> Result<Self, ApiError> {
        match (created, new) {
            (CreatedLead::New, Some(lead)) => Ok(Self { lead, replayed: false }),
            (CreatedLead::New, None) => Err(ApiError::internal("a look-up created a lead")),
            (CreatedLead::Replayed(first), _) => Ok(Self { lead: *first, replayed: true }),
            (CreatedLead::Mismatch, _) => Err(ErrorKind::IdempotencyMismatch.into()),
            (CreatedLead::Gone, _) => Err(ErrorKind::Gone.into()),
        }
    }

    fn response(self, caller: &Identity, warnings: &[Warning]) -> ApiResponse {
        let body = caller.profile().created_lead_json(&self.lead, warnings);
        let response = ApiResponse::created(body).with_version(self.lead.version);
        if self.replayed { response.replayed() } else { response }
    }
}

/// Creates a lead.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = caller.profile().parse_lead_request(body.fields())?;
    let call = idempotency.call(&caller, &body)?;
    let creation = LeadCreation::of_call(&api, request, call.key().copied())?;
    Ok(creation.store(&api, &caller).await?.response(&caller, creation.warnings()))
}

/// Creates a lead, or returns the lead of the business that has the same e-mail address.
pub(crate) async fn create_unique(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = caller.profile().parse_lead_request(body.fields())?;
    let call = idempotency.call(&caller, &body)?;
    let creation = LeadCreation::of_call(&api, request, call.key().copied())?;
    let (store, environment, now) = (api.store(), caller.environment(), creation.now);
    match (creation.lead(&api, &caller).await, creation.key()) {
        (Ok(lead), key) => {
            let stored = store.create_unique_lead(environment, &lead, key, now).await?;
            unique_lead_response(&caller, stored, Some(lead), creation.warnings())
        }
        // A business may have lost its brand id since the first call, whose response is replayed all the same.
        (Err(error), Some(key)) => match store.replay_unique_lead_creation(environment, creation.id, key, now).await? {
            Some(stored) => unique_lead_response(&caller, stored, None, creation.warnings()),
            None => Err(error),
        },
        (Err(error), None) => Err(error),
    }
}

fn unique_lead_response(
    caller: &Identity,
    stored: UniqueLead,
    new: Option<Lead>,
    warnings: &[Warning],
) -> Result<ApiResponse, ApiError> {
    match stored {
        UniqueLead::Created(created) => Ok(LeadOutcome::new(created, new)?.response(caller, warnings)),
        UniqueLead::Duplicate { existing, replayed } => {
            let response = ApiResponse::ok(caller.profile().duplicate_lead_json(&existing));
            Ok(if replayed { response.replayed() } else { response })
        }
    }
}
