//! Follow-up of the native contract: sequence templates.

mod template;

pub use template::{TemplateRequest, parse_template_change, template_json};
