//! Credentials of the demo tenants, as the credentials file has them. Its field names are read by other programs.

use serde::Serialize;

/// Contents of the file that `--credentials FILE` writes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DemoCredentials {
    /// Base URL of the server.
    pub base_url: String,
    /// Demo tenant of the native contract.
    pub native: NativeCredentials,
    /// Demo tenant of Revenue Defenders.
    pub revenue_defenders: RevenueDefendersCredentials,
    /// Demo tenant of LeadRescue.
    pub lead_rescue: LeadRescueCredentials,
    /// Demo tenant of VendorPad.
    pub vendor_pad: VendorPadCredentials,
}

/// Credentials of the native demo tenant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NativeCredentials {
    /// Live key.
    pub api_key: String,
    /// Test key.
    pub test_api_key: String,
    /// Id of the first business.
    pub business_id: String,
}

/// Credentials of the Revenue Defenders demo tenant. The contract has no test keys.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevenueDefendersCredentials {
    /// Live key.
    pub api_key: String,
    /// Id of the first business.
    pub business_id: String,
}

/// Credentials of the LeadRescue demo tenant. Its keys are bound to its business.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeadRescueCredentials {
    /// Live key.
    pub api_key: String,
    /// Test key.
    pub test_api_key: String,
    /// Id of the business.
    pub business_id: String,
    /// Secret that signs inbound messages of the live environment.
    pub inbound_secret: String,
    /// Secret that signs inbound messages of the test environment.
    pub test_inbound_secret: String,
}

/// Credentials of the VendorPad demo tenant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VendorPadCredentials {
    /// Live key.
    pub api_key: String,
    /// Test key.
    pub test_api_key: String,
    /// Brand id of the first business.
    pub brand_id: u32,
}
