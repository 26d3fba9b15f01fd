#![doc = include_str!("../README.md")]

mod api_key;
mod authenticator;
mod issue;
mod rate_limit_cache;
mod rate_limit_headers;
pub mod require;

pub use api_key::ApiKey;
pub use authenticator::{AuthError, Authenticated, Authenticator, key_prefix};
pub use issue::{IssueError, IssuedKey, NewKey};
pub use rate_limit_headers::rate_limit_headers;
