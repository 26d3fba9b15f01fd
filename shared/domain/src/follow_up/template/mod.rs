//! Sequence templates: the messages that a business sends to leads of a category, and the days on which it does.

mod built_in;
mod definition;
mod links;
mod steps;
mod text;

pub use built_in::BuiltInTemplate;
pub use definition::{NewTemplate, Template, TemplateChange};
pub use steps::{MAX_DAY, MAX_STEPS, TemplateStep, TemplateSteps};
pub use text::{TemplateText, TemplateValues};
