//! Follow-up of the native contract: sequence templates, suppressions and inbound secrets.

pub(super) mod inbound_secret;
pub(super) mod suppression;
pub(super) mod template;

pub use inbound_secret::inbound_secret_json;
pub use suppression::{ContactsRequest, SuppressionRequest, suppression_json, suppression_lookup_json};
pub use template::{
    TemplateListQuery, TemplateRequest, built_in_template_json, check_read_only_template_fields, parse_template_change,
    template_json,
};
