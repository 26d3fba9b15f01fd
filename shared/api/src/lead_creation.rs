//! The creation of a lead, alone or in a batch.

use crate::{ApiError, ApiResponse, ApiState, Identity};
use contract::{ErrorKind, LeadRequest, Warning};
use domain::accounts::business::LeadBusiness;
use domain::{Business, Lead, LeadId, Timestamp};
use store::{CreatedLead, IdempotencyKey};

/// A lead that is to be created, with its id.
///
/// Under an idempotency key the id derives from the key, so that the same request again finds the lead that the first
/// one stored. No idempotency record is needed.
pub struct LeadCreation {
    request: LeadRequest,
    key: Option<IdempotencyKey>,
    /// The id of the new lead.
    pub id: LeadId,
    /// The time of the request.
    pub now: Timestamp,
}

impl LeadCreation {
    /// Returns the creation of the only lead of a request.
    pub fn of_call(api: &ApiState, request: LeadRequest, key: Option<IdempotencyKey>) -> Result<Self, ApiError> {
        Self::new(api, request, key, |key| LeadId::derived(&[b"lead", &key.id]))
    }

    /// Returns the creation of the lead at a position of a batch.
    pub fn of_batch_entry(
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
    pub fn warnings(&self) -> &[Warning] {
        &self.request.warnings
    }

    /// Returns the idempotency key, if the request was sent with one.
    pub fn key(&self) -> Option<&IdempotencyKey> {
        self.key.as_ref()
    }

    /// Returns the lead.
    pub async fn lead(&self, api: &ApiState, caller: &Identity) -> Result<Lead, ApiError> {
        let businesses = api.businesses(caller);
        let business = match self.request.brand {
            Some(brand_id) => LeadBusiness::from(&businesses.resolve_brand_id(brand_id).await?),
            None => businesses.resolve_for_lead(self.request.business).await?,
        };
        self.lead_in(&business, caller)
    }

    /// Returns the lead and the whole business that it belongs to, which the first message needs.
    pub async fn lead_and_business(&self, api: &ApiState, caller: &Identity) -> Result<(Lead, Business), ApiError> {
        let business = api.businesses(caller).resolve(self.request.business).await?;
        Ok((self.lead_in(&LeadBusiness::from(&business), caller)?, business))
    }

    fn lead_in(&self, business: &LeadBusiness, caller: &Identity) -> Result<Lead, ApiError> {
        let new = self.request.clone().in_business(business)?;
        Ok(Lead::new(self.id, caller.contract, new, &business.time_zone, self.now))
    }

    /// Stores the lead in one write, which finds the lead of the same call if it was made before.
    pub async fn store(&self, api: &ApiState, caller: &Identity) -> Result<LeadOutcome, ApiError> {
        let lead = self.lead(api, caller).await?;
        let created = api.store().create_lead(caller.environment(), &lead, self.key(), self.now).await?;
        LeadOutcome::new(created, Some(lead))
    }

    /// Returns the lead of the same call, if it was made before under its idempotency key.
    pub async fn find_replay(&self, api: &ApiState, caller: &Identity) -> Result<Option<LeadOutcome>, ApiError> {
        let Some(key) = self.key() else { return Ok(None) };
        let found = api.store().replay_lead_creation(caller.environment(), self.id, key, self.now).await?;
        found.map(|created| LeadOutcome::new(created, None)).transpose()
    }
}

/// The lead of a call that creates one.
pub struct LeadOutcome {
    /// The lead as the first response shows it.
    pub lead: Lead,
    /// True if the same call had created it before.
    pub replayed: bool,
}

impl LeadOutcome {
    /// Returns the outcome of storing `new`, or of looking for an earlier call.
    pub fn new(created: CreatedLead, new: Option<Lead>) -> Result<Self, ApiError> {
        match (created, new) {
            (CreatedLead::New, Some(lead)) => Ok(Self { lead, replayed: false }),
            (CreatedLead::New, None) => Err(ApiError::internal("a look-up created a lead")),
            (CreatedLead::Replayed(first), _) => Ok(Self { lead: *first, replayed: true }),
            (CreatedLead::Mismatch, _) => Err(ErrorKind::IdempotencyMismatch.into()),
            (CreatedLead::Gone, _) => Err(ErrorKind::Gone.into()),
        }
    }

    /// Returns the response of the call.
    pub fn response(self, caller: &Identity, warnings: &[Warning]) -> ApiResponse {
        let body = caller.profile().created_lead_json(&self.lead, warnings);
        let response = ApiResponse::created(body).with_version(self.lead.version);
        if self.replayed { response.replayed() } else { response }
    }
}
