//! The demo credentials, as other programs read them.

use serde::Serialize;

/// What `--credentials FILE` holds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// Where the house is.
    pub base_url: String,
    /// The native demo tenant.
    pub native: Native,
    /// The Revenue Defenders demo tenant.
    pub revenue_defenders: RevenueDefenders,
    /// The LeadRescue demo tenant.
    pub lead_rescue: LeadRescue,
    /// The VendorPad demo tenant.
    pub vendor_pad: VendorPad,
}

/// The native demo tenant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Native {
    /// Its live key.
    pub api_key: String,
    /// Its test key.
    pub test_api_key: String,
    /// Its first business.
    pub business_id: String,
}

/// The Revenue Defenders demo tenant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevenueDefenders {
    /// Its key.
    pub api_key: String,
    /// Its first business.
    pub business_id: String,
}

/// The LeadRescue demo tenant. Its keys are bound to its business.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeadRescue {
    /// Its live key.
    pub api_key: String,
    /// Its test key.
    pub test_api_key: String,
    /// Its business.
    pub business_id: String,
    /// What signs what comes in for its live key.
    pub inbound_secret: String,
    /// What signs what comes in for its test key.
    pub test_inbound_secret: String,
}

/// The VendorPad demo tenant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VendorPad {
    /// Its live key.
    pub api_key: String,
    /// Its test key.
    pub test_api_key: String,
    /// The number of its first business.
    pub brand_id: u32,
}
