//! `DELETE /v2/test-data`: test mode begins anew.

use crate::Account;
use api::{ApiError, ApiResponse, Caller, require};
use axum::extract::State;
use contract::{ErrorKind, Json};
use domain::audit::Action;
use domain::{Environment, Mode};
use serde::Serialize;
use std::time::Duration;
use store::PurgeProgress;

/// How long a call goes on before it leaves the rest to the sweep: a function has ten seconds.
const LONGEST: Duration = Duration::from_secs(6);

#[derive(Serialize)]
struct Emptying {
    status: &'static str,
}

/// Deletes everything of the tenant's test mode but its keys: 204 when nothing is left, 202 when the rest follows.
pub(crate) async fn empty(
    State(account): State<Account>,
    caller: Caller<require::KeysWrite>,
) -> Result<ApiResponse, ApiError> {
    if caller.key.business.is_some() {
        let why = "The key is bound to one business; test data is the whole tenant's.";
        return Err(ErrorKind::Forbidden(why.to_owned()).into());
    }
    let environment = Environment { mode: Mode::Test, ..caller.environment() };
    let store = account.api.store();
    let began = account.api.now();
    let trace = caller.trace(Action::TestDataPurged, environment.tenant, None)?;
    let noted = store.request_purge(environment, began).into_iter().chain([trace]).collect();
    store.commit(noted).await?;
    match store.purge(environment, || account.api.now().since(began) < LONGEST).await? {
        PurgeProgress::Complete => Ok(ApiResponse::no_content()),
        PurgeProgress::Incomplete => Ok(ApiResponse::accepted(Json::of(&Emptying { status: "EMPTYING" }))),
    }
}
