//! The purge of test data.

use crate::json::Json;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Purge")]
pub(in crate::native) struct PurgeJson {
    status: &'static str,
}

/// Returns the response to a request that has not deleted all test data yet: `cleanup` deletes the rest.
pub fn purge_under_way_json() -> Json {
    Json::of(&PurgeJson { status: "PURGING" })
}
