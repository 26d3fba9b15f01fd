#![doc = include_str!("../README.md")]

mod api_key;
mod authenticator;
mod rate_limit_cache;
mod rate_limit_headers;
pub mod require;

pub use api_key::{ApiKey, KeyPrefix};
pub use authenticator::{AuthError, Authenticated, Authenticator};
pub use rate_limit_headers::rate_limit_headers;
