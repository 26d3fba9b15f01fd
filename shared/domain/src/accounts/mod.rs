//! Tenants with their businesses, API keys, scopes and rate limits.

pub mod api_key;
pub mod business;
pub mod rate_limit;
pub mod scope;
pub mod tenant;
