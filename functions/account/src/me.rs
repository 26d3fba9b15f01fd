//! `GET /v2/me` and `GET /v2/health`

use api::{ApiError, ApiResponse, ApiState, Caller, require};
use axum::extract::State;
use contract::native;

/// Returns the caller's tenant, mode and key. Any valid key is accepted.
pub(crate) async fn me(State(api): State<ApiState>, caller: Caller<require::AnyKey>) -> Result<ApiResponse, ApiError> {
    let (store, environment) = (api.store(), caller.environment());
    let (tenant, key) = tokio::join!(store.tenant(environment.tenant), store.key(environment.tenant, caller.key.id));
    let (Some(tenant), Some(key)) = (tenant?, key?) else {
        return Err(ApiError::internal("a key's tenant or record is missing"));
    };
    let now = api.now();
    Ok(ApiResponse::ok(native::tenant_json(&tenant, environment.mode, native::key_json(&key, None, Some(now), now))))
}

/// Returns that the service works. Needs no key, counts nothing and reads no table.
pub(crate) async fn health() -> ApiResponse {
    ApiResponse::ok(native::health_json())
}
