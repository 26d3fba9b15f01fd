//! Accounts of the native contract: API keys, businesses, the tenant.

mod business;
mod key;
mod tenant;

pub use business::{BusinessChange, BusinessRequest, business_json};
pub use key::{KeyRequest, key_json, rights_of_shown_key};
pub use tenant::tenant_json;
