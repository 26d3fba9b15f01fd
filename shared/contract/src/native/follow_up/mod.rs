//! Follow-up of the native contract: sequence templates.

mod template;

pub use template::{TemplateRequest, built_in_template_json, parse_template_change, template_json};
