//! `PATCH /v2/leads/{id}`: changes a lead.

use crate::state::LeadsState;
use api::{
    ApiError, ApiResponse, Caller, ChangedLeadView, Idempotency, IdempotentCall, Identity, IfMatch, JsonBody,
    LeadChangeCall, PathId, require,
};
use axum::extract::State;
use contract::{Json, native};
use domain::Lead;
use domain::accounts::business::Country;
use store::Write;

/// Changes a lead, on condition that its version is unchanged.
pub(crate) async fn change(
    State(state): State<LeadsState>,
    caller: Caller<require::LeadsWrite>,
    id: PathId,
    if_match: IfMatch,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    native::check_lead_change(body.fields())?;
    let parse = |country: &Country| native::parse_lead_change(body.fields(), country);
    let check = |old: &Lead| native::check_read_only_lead_fields(&body.fields(), &caller.profile().lead_json(old));
    let LeadsState { api, suppression_key } = &state;
    let (caller, id, if_match, idempotency, body) = (&*caller, &id, &if_match, &idempotency, &body);
    LeadChangeCall { api, suppression_key, caller, id, if_match, idempotency, body }
        .apply(check, parse, &LeadAlone(caller))
        .await
}

/// The lead as the contract shows it, without its follow-up.
struct LeadAlone<'a>(&'a Identity);

impl ChangedLeadView for LeadAlone<'_> {
    async fn show(&self, _: &IdempotentCall, new: &Lead) -> Result<(Json, Vec<Write>), ApiError> {
        Ok((self.0.profile().lead_json(new), Vec::new()))
    }
}
