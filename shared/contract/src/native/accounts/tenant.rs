//! The tenant, mode and key of a request.

use crate::json::Json;
use crate::native::accounts::key::KeyJson;
use crate::schema::{ModeName, TierName, Uuid};
use domain::{Mode, Tenant};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tenant")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct TenantJson<'a> {
    #[schemars(with = "Uuid")]
    tenant_id: String,
    tenant_name: &'a str,
    #[schemars(with = "TierName")]
    tier: &'static str,
    #[schemars(with = "ModeName")]
    mode: &'static str,
    #[schemars(with = "KeyJson<'_>")]
    key: Json,
}

/// Returns the tenant with the mode and the key of the request.
pub fn tenant_json(tenant: &Tenant, mode: Mode, key: Json) -> Json {
    Json::of(&TenantJson {
        tenant_id: tenant.id.to_string(),
        tenant_name: &tenant.name,
        tier: tenant.tier.name(),
        mode: mode.name(),
        key,
    })
}
