//! Accounts: tenants with their businesses, API keys, scopes, tiers and rate limits.

pub mod api_key;
pub mod business;
mod country;
mod currency_codes;
pub mod key_rights;
pub mod rate_limit;
pub mod scope;
pub mod tenant;
pub mod tier;
mod time_zone;
