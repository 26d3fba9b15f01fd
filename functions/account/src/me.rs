//! `GET /v2/me` and `GET /v2/health`.

use crate::Account;
use api::{ApiError, ApiResponse, Caller, require};
use axum::extract::State;
use contract::{Json, native};
use serde::Serialize;

/// Who calls: the tenant, the mode and the key. Any key will do.
pub(crate) async fn me(
    State(account): State<Account>,
    caller: Caller<require::AnyKey>,
) -> Result<ApiResponse, ApiError> {
    let store = account.api.store();
    let tenant = caller.environment().tenant;
    let (found, key) = tokio::join!(store.tenant(tenant), store.key(tenant, caller.key.id));
    let (Some(found), Some(key)) = (found?, key?) else {
        return Err(ApiError::internal("a key's tenant or record is missing"));
    };
    let now = account.api.now();
    Ok(ApiResponse::ok(native::tenant(&found, caller.environment().mode, native::key(&key, None, Some(now), now))))
}

#[derive(Serialize)]
struct EndpointHealth {
    status: &'static str,
    version: &'static str,
}

/// Whether the service answers. Needs no key, counts nothing and touches no table.
pub(crate) async fn health() -> ApiResponse {
    ApiResponse::ok(Json::of(&EndpointHealth { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}
