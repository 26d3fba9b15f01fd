//! `DELETE /v2/test-data`: purges the test environment.

use api::{ApiError, ApiResponse, ApiState, Caller, require};
use axum::extract::State;
use contract::{ErrorKind, native};
use domain::audit::Action;
use domain::{Environment, Mode};
use std::time::Duration;
use store::DeletionProgress;

/// Time after which a request leaves the rest of a purge to `cleanup`: the function's timeout is ten seconds.
const PURGE_TIMEOUT: Duration = Duration::from_secs(6);

/// Deletes the leads and everything that belongs to them, the subscriptions and the counters of the tenant's test
/// environment.
/// Keys, businesses, the inbound secret and the audit log stay. Returns 204 when nothing is left, and 202 when the
/// function `cleanup` deletes the rest.
pub(crate) async fn purge(
    State(api): State<ApiState>,
    caller: Caller<require::KeysWrite>,
) -> Result<ApiResponse, ApiError> {
    if caller.key.business.is_some() {
        let reason = "This API key is bound to one business. Test data can be deleted only for the whole tenant.";
        return Err(ErrorKind::Forbidden(reason.to_owned()).into());
    }
    let environment = Environment { mode: Mode::Test, ..caller.environment() };
    let (store, started_at) = (api.store(), api.now());
    let entry = api.audit_log(&caller).entry(Action::TestDataPurged, environment.tenant, None)?;
    let request = store.request_purge(environment, started_at).into_iter().chain([entry]).collect();
    store.commit(request).await?;
    match store.purge(environment, || api.now().since(started_at) < PURGE_TIMEOUT).await? {
        DeletionProgress::Complete => Ok(ApiResponse::no_content()),
        DeletionProgress::Incomplete => Ok(ApiResponse::accepted(native::purge_under_way_json())),
    }
}
