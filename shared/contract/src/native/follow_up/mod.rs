//! Follow-up of the native contract: sequence templates.

mod template;

pub use template::{
    TemplateListQuery, TemplateRequest, built_in_template_json, check_read_only_template_fields, parse_template_change,
    template_json,
};
