//! Accounts of the native contract: API keys, businesses, the tenant, its test data.

pub(super) mod business;
pub(super) mod key;
pub(super) mod tenant;
pub(super) mod test_data;

pub use business::{BusinessChange, BusinessRequest, business_json, check_read_only_business_fields};
pub use key::{KeyRequest, key_json, parse_rotation_grace, rights_of_shown_key};
pub use tenant::tenant_json;
pub use test_data::purge_under_way_json;
