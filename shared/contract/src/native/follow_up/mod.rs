//! Follow-up of the native contract: sequence templates and suppressions.

mod suppression;
mod template;

pub use suppression::{ContactsRequest, SuppressionRequest, suppression_json, suppression_lookup_json};
pub use template::{
    TemplateRequest, built_in_template_json, check_read_only_template_fields, parse_template_change, template_json,
};
