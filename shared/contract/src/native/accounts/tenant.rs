//! The tenant, mode and key of a request.

use crate::json::Json;
use domain::{Mode, Tenant};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TenantJson<'a> {
    tenant_id: String,
    tenant_name: &'a str,
    tier: &'static str,
    mode: &'static str,
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
