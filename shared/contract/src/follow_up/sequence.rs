//! A lead's sequence, and the request that starts one.

use crate::fields::{Fields, ParseText, TextFormat, required_value, text_format};
use crate::json::Json;
use crate::schema::{
    ChannelName, SequenceStatusName, ShortLeadId, StepStatusName, StopReasonName, Time, Uuid, lower_case,
};
use domain::accounts::business::Channel;
use domain::follow_up::sequence::{Step, StopReason};
use domain::{FieldErrors, LeadId, Sequence, TemplateId};
use schemars::JsonSchema;
use serde::Serialize;

/// A request that starts a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceRequest {
    /// The lead to follow up.
    pub lead: LeadId,
    /// The template to use; the business's template for the lead's category if absent.
    pub template: Option<TemplateId>,
}

/// The field names of a request that starts a sequence.
pub(crate) struct SequenceFieldNames {
    lead: &'static str,
    template: &'static str,
}

impl SequenceFieldNames {
    pub(crate) const CAMEL_CASE: Self = Self { lead: "leadId", template: "templateId" };
    pub(crate) const SNAKE_CASE: Self = Self { lead: "lead_id", template: "template_id" };
}

/// Parses a request that starts a sequence.
pub(crate) fn parse_sequence_request(
    mut fields: Fields<'_>,
    names: &SequenceFieldNames,
    lead_id: TextFormat<ParseText<LeadId>>,
) -> Result<SequenceRequest, FieldErrors> {
    let lead = fields.required(names.lead, lead_id);
    let template = fields.optional(names.template, text_format::id(TemplateId::parse));
    fields.finish()?;
    Ok(SequenceRequest { lead: required_value(names.lead, lead)?, template })
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Sequence")]
#[serde(rename_all = "camelCase")]
pub(crate) struct CamelCaseSequence<'a> {
    #[schemars(with = "Uuid")]
    lead_id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    #[schemars(with = "Uuid")]
    template_id: String,
    #[schemars(with = "SequenceStatusName")]
    status: &'static str,
    #[schemars(with = "Option<StopReasonName>")]
    stop_reason: Option<&'static str>,
    #[schemars(with = "Time")]
    started_at: String,
    #[schemars(with = "Option<Time>")]
    ended_at: Option<String>,
    #[schemars(with = "Option<Time>")]
    next_step_at: Option<String>,
    steps: Vec<CamelCaseStep<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Step")]
#[serde(rename_all = "camelCase")]
struct CamelCaseStep<'a> {
    day: u16,
    #[schemars(with = "Option<ChannelName>")]
    channel: Option<&'static str>,
    text: &'a str,
    #[schemars(with = "StepStatusName")]
    status: &'static str,
    #[schemars(with = "Time")]
    due_at: String,
    #[schemars(with = "Option<Uuid>")]
    message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    reason: Option<&'a str>,
}

impl<'a> CamelCaseStep<'a> {
    fn of(step: &'a Step) -> Self {
        Self {
            day: step.day,
            channel: step.channel.map(Channel::name),
            text: step.text.as_str(),
            status: step.status.name(),
            due_at: step.due_at.to_string(),
            message_id: step.message.map(|message| message.to_string()),
            reason: step.reason.as_deref(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Sequence")]
pub(crate) struct SnakeCaseSequence<'a> {
    #[schemars(with = "ShortLeadId")]
    lead_id: String,
    #[schemars(with = "lower_case::SequenceStatusName")]
    status: String,
    #[schemars(with = "Option<lower_case::StopReasonName>")]
    stop_reason: Option<String>,
    #[schemars(with = "Time")]
    started_at: String,
    #[schemars(with = "Option<Time>")]
    ended_at: Option<String>,
    #[schemars(with = "Option<Time>")]
    next_step_at: Option<String>,
    steps: Vec<SnakeCaseStep<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Step")]
struct SnakeCaseStep<'a> {
    day: u16,
    #[schemars(with = "Option<lower_case::ChannelName>")]
    channel: Option<String>,
    text: &'a str,
    #[schemars(with = "lower_case::StepStatusName")]
    status: String,
    #[schemars(with = "Time")]
    due_at: String,
    #[schemars(with = "Option<Uuid>")]
    message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    reason: Option<&'a str>,
}

impl<'a> SnakeCaseStep<'a> {
    fn of(step: &'a Step) -> Self {
        Self {
            day: step.day,
            channel: step.channel.map(|channel| channel.name().to_lowercase()),
            text: step.text.as_str(),
            status: step.status.name().to_lowercase(),
            due_at: step.due_at.to_string(),
            message_id: step.message.map(|message| message.to_string()),
            reason: step.reason.as_deref(),
        }
    }
}

/// Returns a sequence in camelCase.
pub(crate) fn camel_case_sequence_json(sequence: &Sequence) -> Json {
    Json::of(&CamelCaseSequence {
        lead_id: sequence.lead.to_string(),
        business_id: sequence.business.to_string(),
        template_id: sequence.template.to_string(),
        status: sequence.status.name(),
        stop_reason: sequence.stop_reason.map(StopReason::name),
        started_at: sequence.started_at.to_string(),
        ended_at: sequence.ended_at.map(|at| at.to_string()),
        next_step_at: sequence.due_at.map(|at| at.to_string()),
        steps: sequence.steps.iter().map(CamelCaseStep::of).collect(),
    })
}

/// Returns a sequence in `snake_case`, with names of channels, statuses and reasons in lower case.
pub(crate) fn snake_case_sequence_json(sequence: &Sequence, lead_id: String) -> Json {
    Json::of(&SnakeCaseSequence {
        lead_id,
        status: sequence.status.name().to_lowercase(),
        stop_reason: sequence.stop_reason.map(|reason| reason.name().to_lowercase()),
        started_at: sequence.started_at.to_string(),
        ended_at: sequence.ended_at.map(|at| at.to_string()),
        next_step_at: sequence.due_at.map(|at| at.to_string()),
        steps: sequence.steps.iter().map(SnakeCaseStep::of).collect(),
    })
}
