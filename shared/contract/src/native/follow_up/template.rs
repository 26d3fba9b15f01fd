//! Sequence templates.

use crate::accounts::business::{business_id_parameter, read_business_id};
use crate::fields::{Fields, TextFormat, required_value, text_format};
use crate::json::Json;
use crate::query::Query;
use crate::schema::{CategoryName, ChannelName, Time, Uuid};
use domain::accounts::business::Channel;
use domain::follow_up::template::{
    BuiltInTemplate, MAX_DAY, MAX_STEPS, NewTemplate, TemplateChange, TemplateStep, TemplateSteps, TemplateText,
};
use domain::leads::Category;
use domain::text::SingleLine;
use domain::{BusinessId, FieldErrors, Template};
use schemars::JsonSchema;
use serde::Serialize;

/// The fields that can be changed. None can be cleared.
const FIELDS: [&str; 3] = ["name", "category", "steps"];

/// The fields that a change may send back as they were fetched.
const READ_ONLY: [&str; 5] = ["id", "businessId", "builtIn", "createdAt", "updatedAt"];

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Template")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct TemplateJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Option<Uuid>")]
    business_id: Option<String>,
    name: &'a str,
    #[schemars(with = "CategoryName")]
    category: &'static str,
    built_in: bool,
    steps: Vec<StepJson<'a>>,
    #[schemars(with = "Option<Time>")]
    created_at: Option<String>,
    #[schemars(with = "Option<Time>")]
    updated_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TemplateStep")]
struct StepJson<'a> {
    day: u16,
    #[schemars(with = "Option<ChannelName>")]
    channel: Option<&'static str>,
    subject: Option<&'a str>,
    text: &'a str,
}

fn step_json(step: &TemplateStep) -> StepJson<'_> {
    StepJson {
        day: step.day,
        channel: step.channel.map(Channel::name),
        subject: step.subject.as_ref().map(TemplateText::as_str),
        text: step.text.as_str(),
    }
}

/// Returns a template of a business.
pub fn template_json(template: &Template) -> Json {
    Json::of(&TemplateJson {
        id: template.id.to_string(),
        business_id: Some(template.business.to_string()),
        name: &template.name,
        category: template.category.name(),
        built_in: false,
        steps: template.steps.iter().map(step_json).collect(),
        created_at: Some(template.created_at.to_string()),
        updated_at: Some(template.updated_at.to_string()),
    })
}

/// Returns a built-in template, which has neither a business nor times.
pub fn built_in_template_json(template: &BuiltInTemplate) -> Json {
    Json::of(&TemplateJson {
        id: template.id.to_string(),
        business_id: None,
        name: template.name,
        category: template.category.name(),
        built_in: true,
        steps: template.steps.iter().map(step_json).collect(),
        created_at: None,
        updated_at: None,
    })
}

/// A request that creates a template, before its business is known.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateRequest {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    name: SingleLine,
    category: Category,
    steps: TemplateSteps,
}

impl TemplateRequest {
    /// Parses a request; `name` and `steps` are required, `category` defaults to GENERAL.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        let business = read_business_id(&mut fields);
        let name = fields.required("name", text_format::short_text());
        let category = fields.one_of("category", &Category::ALL, Category::name).unwrap_or_default();
        fields.require("steps");
        let steps = read_steps(&mut fields);
        fields.finish()?;
        Ok(Self { business, name: required_value("name", name)?, category, steps: required_value("steps", steps)? })
    }

    /// Returns the template to create in `business`.
    pub fn in_business(self, business: BusinessId) -> NewTemplate {
        NewTemplate { business, name: self.name, category: self.category, steps: self.steps }
    }
}

/// Parses a change of a template.
pub fn parse_template_change(mut fields: Fields<'_>) -> Result<TemplateChange, FieldErrors> {
    fields.require_one_of(&FIELDS);
    fields.read_only(&READ_ONLY);
    fields.reject_null(&FIELDS);
    let change = TemplateChange {
        name: fields.optional("name", text_format::short_text()),
        category: fields.one_of("category", &Category::ALL, Category::name),
        steps: read_steps(&mut fields),
    };
    fields.finish()?;
    Ok(change)
}

/// Checks that a change sends back the read-only fields of a template, which `current` shows, as they are.
pub fn check_read_only_template_fields(fields: &Fields<'_>, current: &Json) -> Result<(), FieldErrors> {
    fields.check_read_only(&READ_ONLY, current, "is read-only: leave it out, or send it back as it is")
}

fn read_steps(fields: &mut Fields<'_>) -> Option<TemplateSteps> {
    fields.describe_as_not_empty("steps");
    let steps = fields.objects("steps", MAX_STEPS, |step| {
        step.require("day");
        let day = step.integer("day", 0..=i64::from(MAX_DAY)).and_then(|day| u16::try_from(day).ok());
        let channel = step.one_of("channel", &Channel::ALL, Channel::name);
        let subject = step
            .optional("subject", TextFormat::of(TemplateText::parse_subject).at_most(TemplateText::MAX_SUBJECT_CHARS));
        let text = step.required("text", TextFormat::of(TemplateText::parse).at_most(TemplateText::MAX_CHARS));
        Some(TemplateStep { day: day?, channel, subject, text: text? })
    })?;
    // An invalid step has added its errors already.
    let steps = steps.into_iter().collect::<Option<Vec<_>>>()?;
    TemplateSteps::parse(steps).map_err(|reason| fields.add_error("steps", reason)).ok()
}

/// The filter of a list of templates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TemplateListQuery {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Only templates for leads of this category.
    pub category: Option<Category>,
    /// True if the built-in templates are listed instead of the tenant's.
    pub built_in: Option<bool>,
}

impl TemplateListQuery {
    /// Reads every parameter. Errors are collected in `query`.
    pub fn read(query: &mut Query) -> Self {
        let business = business_id_parameter(query);
        let category = query.one_of("category", &Category::ALL, Category::name);
        let built_in = query.boolean("builtIn");
        Self { business, category, built_in }
    }
}
