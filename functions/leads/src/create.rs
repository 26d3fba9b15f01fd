//! `POST …/leads`: creates a lead.

use api::{
    ApiError, ApiResponse, ApiState, Caller, Idempotency, Identity, JsonBody, LeadCreation, LeadOutcome, require,
};
use axum::extract::State;
use contract::Warning;
use domain::Lead;
use store::UniqueLead;

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
