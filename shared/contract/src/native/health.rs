//! The health of the service.

use crate::json::Json;
use serde::Serialize;

#[derive(Serialize)]
struct HealthJson<'a> {
    status: &'static str,
    version: &'a str,
}

/// Returns the response of a service of this version that works.
pub fn health_json(version: &str) -> Json {
    Json::of(&HealthJson { status: "ok", version })
}
