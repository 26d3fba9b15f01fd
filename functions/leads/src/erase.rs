//! `DELETE /v2/leads/{id}`: erases a lead.

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, require};
use axum::extract::State;
use contract::ErrorKind;
use domain::audit::Action;
use std::future::Future;
use std::time::Duration;
use store::{CommitError, ConflictRetries, DeletionProgress, LeadState, StoreError};
use tokio::time::Instant;

/// Time after which a request begins no further round of a long erasure, and leaves the rest to `cleanup`: the function's
/// timeout is twenty seconds.
const DELETION_TIMEOUT: Duration = Duration::from_secs(10);

/// Time after which the round that has begun is interrupted.
const INTERRUPTION_TIMEOUT: Duration = Duration::from_secs(18);

/// Erases a lead and its child records; erasing it again has the same result.
///
/// The response is sent when everything is deleted. A minute later `cleanup` deletes again, for what a crash has left
/// and for what an index did not show yet.
pub(crate) async fn erase(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse_lead()?;
    let (store, environment) = (api.store(), caller.environment());
    let time = DeletionTime { started: Instant::now() };
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
                let has_time = || time.may_begin_a_round();
                return time.bound(Box::pin(store.delete_child_records(environment, id, now, &has_time))).await;
            }
            Err(CommitError::ConditionFailed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        retries.next_attempt()?;
    }
}

/// The time that one request spends on deletions.
#[derive(Clone, Copy)]
struct DeletionTime {
    started: Instant,
}

impl DeletionTime {
    fn may_begin_a_round(self) -> bool {
        self.started.elapsed() < DELETION_TIMEOUT
    }

    /// Returns the response to a deletion, which is interrupted when the time is over.
    async fn bound(
        self,
        deletion: impl Future<Output = Result<DeletionProgress, StoreError>>,
    ) -> Result<ApiResponse, ApiError> {
        match DeletionProgress::interrupt_at(self.started + INTERRUPTION_TIMEOUT, deletion).await? {
            DeletionProgress::Complete => Ok(ApiResponse::no_content()),
            // Not acknowledged: the caller tries again, and meanwhile `cleanup` deletes the rest.
            DeletionProgress::Incomplete => {
                Err(StoreError::Unavailable("the rest of an erasure is being deleted".to_owned()).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Returns the time of a request that began `ago`.
    fn began(ago: Duration) -> DeletionTime {
        DeletionTime { started: Instant::now().checked_sub(ago).expect("a machine that runs for longer") }
    }

    #[tokio::test]
    async fn a_slow_erasure_is_interrupted() {
        let limit = Duration::from_secs(10);
        let slow = began(INTERRUPTION_TIMEOUT).bound(std::future::pending());
        let error = tokio::time::timeout(limit, slow).await.expect("it is interrupted").expect_err("an error");
        assert!(matches!(error.kind, ErrorKind::Unavailable), "{error:?}");
        let unfinished = began(Duration::ZERO).bound(async { Ok(DeletionProgress::Incomplete) }).await;
        assert!(unfinished.is_err(), "what is left is not acknowledged");
        assert!(began(Duration::ZERO).bound(async { Ok(DeletionProgress::Complete) }).await.is_ok());
    }

    #[test]
    fn a_late_erasure_begins_no_further_round() {
        assert!(began(Duration::ZERO).may_begin_a_round());
        assert!(!began(DELETION_TIMEOUT).may_begin_a_round());
    }

    /// Lambda ends a function at its timeout, whatever it is doing.
    #[test]
    fn an_erasure_ends_before_the_functions_timeout() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let template = std::fs::read_to_string(path).expect("the template");
        let function = template.split("\n  LeadsFunction:").nth(1).expect("the function");
        let timeout = function.split("Timeout: ").nth(1).and_then(|rest| rest.split_whitespace().next());
        let timeout = Duration::from_secs(timeout.and_then(|seconds| seconds.parse().ok()).expect("a timeout"));
        assert!(DELETION_TIMEOUT < INTERRUPTION_TIMEOUT && INTERRUPTION_TIMEOUT + Duration::from_secs(2) <= timeout);
    }
}
