//! Sequence templates.

use crate::fields::Fields;
use crate::json::Json;
use crate::lead::business_id;
use domain::accounts::business::Channel;
use domain::follow_up::template::{
    MAX_DAY, MAX_STEPS, NewTemplate, TemplateChange, TemplateStep, TemplateSteps, TemplateText,
};
use domain::leads::Category;
use domain::text::SingleLine;
use domain::{BusinessId, FieldErrors, Template};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct WireStep<'a> {
    day: u16,
    channel: Option<&'static str>,
    subject: Option<&'a str>,
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireTemplate<'a> {
    id: String,
    business_id: Option<String>,
    name: &'a str,
    category: &'static str,
    built_in: bool,
    steps: Vec<WireStep<'a>>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

/// A template; one that is built in belongs to no business and was never made.
pub fn template(template: &Template) -> Json {
    let built_in = template.is_built_in();
    let own = |text: String| (!built_in).then_some(text);
    Json::of(&WireTemplate {
        id: template.id.to_string(),
        business_id: own(template.business.to_string()),
        name: &template.name,
        category: template.category.name(),
        built_in,
        steps: template
            .steps
            .iter()
            .map(|step| WireStep {
                day: step.day,
                channel: step.channel.map(Channel::name),
                subject: step.subject.as_ref().map(TemplateText::as_str),
                text: step.text.as_str(),
            })
            .collect(),
        created_at: own(template.created_at.to_string()),
        updated_at: own(template.updated_at.to_string()),
    })
}

/// What a caller says of a new template, not yet placed in a business.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateDraft {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    name: SingleLine,
    category: Category,
    steps: TemplateSteps,
}

impl TemplateDraft {
    /// The template of `business`.
    pub fn placed_in(self, business: BusinessId) -> NewTemplate {
        NewTemplate { business, name: self.name, category: self.category, steps: self.steps }
    }
}

/// Reads a template that is to be made: name and steps are required, and it is for leads of category GENERAL where
/// nothing is said.
pub fn read_template(body: &Map<String, Value>) -> Result<TemplateDraft, FieldErrors> {
    let mut fields = Fields::new(body);
    let business = fields.optional("businessId", business_id);
    let name = fields.required("name", SingleLine::parse);
    let category = fields.one_of("category", &Category::ALL, Category::name);
    if fields.value("steps").is_none() {
        fields.add_error("steps", "is required");
    }
    let steps = steps(&mut fields);
    fields.finish()?;
    match (name, steps) {
        (Some(name), Some(steps)) => {
            Ok(TemplateDraft { business, name, category: category.unwrap_or_default(), steps })
        }
        (None, _) => Err(FieldErrors::single("name", "is required")),
        (_, None) => Err(FieldErrors::single("steps", "is required")),
    }
}

/// Reads what a caller changes in a template.
pub fn read_template_change(body: &Map<String, Value>) -> Result<TemplateChange, FieldErrors> {
    const KNOWN: [&str; 3] = ["name", "category", "steps"];
    let mut fields = Fields::new(body);
    if !KNOWN.iter().any(|name| fields.has(name)) {
        return Err(FieldErrors::single("body", format!("must have at least one of {}", KNOWN.join(", "))));
    }
    for fixed in KNOWN {
        if fields.has(fixed) && fields.value(fixed).is_none() {
            fields.add_error(fixed, "must not be null");
        }
    }
    let change = TemplateChange {
        name: fields.optional("name", SingleLine::parse),
        category: fields.one_of("category", &Category::ALL, Category::name),
        steps: steps(&mut fields),
    };
    fields.finish()?;
    Ok(change)
}

fn steps(fields: &mut Fields<'_>) -> Option<TemplateSteps> {
    let read = fields.objects("steps", MAX_STEPS, |step| {
        if step.value("day").is_none() {
            step.add_error("day", "is required");
        }
        let day = step.whole("day", 0..=i64::from(MAX_DAY)).and_then(|day| u16::try_from(day).ok());
        let channel = step.one_of("channel", &Channel::ALL, Channel::name);
        let subject = step.optional("subject", TemplateText::parse_subject);
        let text = step.required("text", TemplateText::parse);
        Some(TemplateStep { day: day?, channel, subject, text: text? })
    })?;
    // A step that cannot be read has told so.
    let read = read.into_iter().collect::<Option<Vec<_>>>()?;
    TemplateSteps::parse(read).map_err(|reason| fields.add_error("steps", reason)).ok()
}
