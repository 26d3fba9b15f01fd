//! Tenants, their businesses and API keys, and the authentication of calls with its rate limits.

mod api_key;
mod authentication;
mod business;
mod business_cache;
mod key_business;
mod key_count;
mod key_item;
mod tenant;

pub use authentication::{AuthenticatedCall, CountCallError};
pub use business_cache::BusinessCache;
pub use key_business::MAX_BUSINESS_COPY_AGE;
pub use key_count::KeyRoom;
pub use key_item::{AuthenticatedKey, BusinessCopy};
