//! The health of the service.

use crate::json::Json;
use crate::native::profile::API_VERSION;
use crate::schema::names;
use schemars::JsonSchema;
use serde::Serialize;

/// The status of a service that works. One that does not answers with an error.
const OK: &str = "ok";

names! {
    /// The status of the service.
    HealthStatusName = [OK], str::to_owned;
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(super) struct HealthJson {
    #[schemars(with = "HealthStatusName")]
    status: &'static str,
    version: &'static str,
}

/// Returns the response of a service that works.
pub fn health_json() -> Json {
    Json::of(&HealthJson { status: OK, version: API_VERSION })
}
