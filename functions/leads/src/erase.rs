//! `DELETE /v2/leads/{id}`: erases a lead.

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, require};
use axum::extract::State;
use contract::ErrorKind;
use domain::audit::Action;
use std::time::Duration;
use store::{CommitError, ConflictRetries, DeletionProgress, LeadState, StoreError};
use tokio::time::Instant;

/// Time after which a request begins no further round of a long erasure, and leaves the rest to the sweeper: the function's
/// timeout is twenty seconds.
const DELETION_TIMEOUT: Duration = Duration::from_secs(10);

/// Time after which the round that has begun is interrupted.
const INTERRUPTION_TIMEOUT: Duration = Duration::from_secs(18);

/// Erases a lead and its child records; erasing it again has the same result.
///
/// The response is sent when everything is deleted. A minute later the sweeper deletes again, for what a crash has left
/// and for what an index did not show yet.
pub(crate) async fn erase(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse_lead()?;
    let (store, environment) = (api.store(), caller.environment());
    let started = Instant::now();
    let mut retries = ConflictRetries::default();
    loop {
        let now = api.now();
        let committed = match store.lead_state(environment, id, now).await? {
            Some(LeadState::Stored(found)) if caller.may_access(Some(found.lead.business)) => {
                let entry = api.audit_log(&caller).entry(Action::LeadErased, id, Some(found.lead.business))?;
                let released_email = store.release_email(environment, &found.lead, now).await?;
                // One transaction: were the address released before the lead is erased, a new lead could take it while
                // the old one still exists; were it released after, a crash would leave an entry of a person who is
                // gone.
                let mut writes = vec![store.erase_lead(environment, &found, caller.key.business, now)];
                writes.extend(released_email);
                writes.push(entry);
                store.commit(writes).await
            }
            Some(LeadState::Erased(business)) if caller.may_access(Some(business)) => Ok(()),
            _ => return Err(ErrorKind::NotFound("lead").into()),
        };
        match committed {
            Ok(()) => {
                let has_time = || started.elapsed() < DELETION_TIMEOUT;
                let deletion = store.delete_child_records(environment, id, now, &has_time);
                return match DeletionProgress::interrupt_at(started + INTERRUPTION_TIMEOUT, Box::pin(deletion)).await? {
                    DeletionProgress::Complete => Ok(ApiResponse::no_content()),
                    // Not acknowledged: the caller tries again, and meanwhile the sweeper deletes the rest.
                    DeletionProgress::Incomplete => {
                        Err(StoreError::Unavailable("the rest of an erasure is being deleted".to_owned()).into())
                    }
                };
            }
            Err(CommitError::ConditionFailed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        retries.next_attempt()?;
    }
}
