//! The health of the service.

use crate::json::Json;
use crate::native::profile::API_VERSION;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(super) struct HealthJson {
    status: &'static str,
    version: &'static str,
}

/// Returns the response of a service that works.
pub fn health_json() -> Json {
    Json::of(&HealthJson { status: "ok", version: API_VERSION })
}
