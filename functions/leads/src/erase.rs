//! `DELETE /v2/leads/{id}`: a person is forgotten.

use crate::Leads;
use api::{ApiError, ApiResponse, Caller, PathId, require};
use axum::extract::State;
use contract::ErrorKind;
use domain::LeadId;
use domain::audit::Action;
use store::{CommitError, LeadState, StoreError};

/// How often an erasure that met a change is tried anew.
const ROUNDS: u32 = 5;

/// Erases a lead and all that hangs on it. Once more is as good as once.
///
/// The answer comes when nothing is left. A minute later the sweep looks again: for what a crash has left, and for what
/// an index did not show yet.
pub(crate) async fn erase(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("leadId", "lead", LeadId::parse)?;
    let (store, environment) = (leads.api.store(), caller.environment());
    for _ in 0..ROUNDS {
        let now = leads.api.now();
        let written = match store.lead_state(environment, id, now).await? {
            Some(LeadState::Stored(found)) if caller.sees(Some(found.lead.business)) => {
                let trace = caller.trace(Action::LeadErased, id, Some(found.lead.business))?;
                let left = store.release_email(environment, &found.lead, now).await?;
                let writes = [store.erase_lead(environment, &found, caller.key.business, now)]
                    .into_iter()
                    .chain(left)
                    .chain([trace])
                    .collect();
                store.commit(writes).await
            }
            Some(LeadState::Erased(business)) if caller.sees(Some(business)) => Ok(()),
            _ => return Err(ErrorKind::NotFound("lead").into()),
        };
        match written {
            Ok(()) => {
                store.delete_child_records(environment, id, now).await?;
                return Ok(ApiResponse::no_content());
            }
            Err(CommitError::ConditionFailed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Contended.into())
}
