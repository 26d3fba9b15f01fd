//! Sequences and messages, in the spelling of each contract: LeadRescue and VendorPad write in snake_case.

use crate::fields::Fields;
use crate::json::Json;
use crate::profile::profile;
use crate::record::id;
use domain::follow_up::message::Direction;
use domain::follow_up::sequence::{Step, StopReason};
use domain::{Contract, FieldErrors, LeadId, Message, Sequence, TemplateId, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CamelStep<'a> {
    day: u16,
    channel: Option<&'static str>,
    text: &'a str,
    status: &'static str,
    due_at: String,
    message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CamelSequence<'a> {
    lead_id: String,
    business_id: String,
    template_id: String,
    status: &'static str,
    stop_reason: Option<&'static str>,
    started_at: String,
    ended_at: Option<String>,
    next_step_at: Option<String>,
    steps: Vec<CamelStep<'a>>,
}

#[derive(Serialize)]
struct SnakeStep<'a> {
    day: u16,
    channel: Option<String>,
    text: &'a str,
    status: String,
    due_at: String,
    message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct SnakeSequence<'a> {
    lead_id: String,
    status: String,
    stop_reason: Option<String>,
    started_at: String,
    ended_at: Option<String>,
    next_step_at: Option<String>,
    steps: Vec<SnakeStep<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CamelMessage<'a> {
    id: String,
    lead_id: String,
    direction: &'static str,
    channel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    body: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_at: Option<String>,
    created_at: String,
}

#[derive(Serialize)]
struct SnakeMessage<'a> {
    id: String,
    direction: String,
    channel: String,
    body: &'a str,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_at: Option<String>,
}

fn shown(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

/// Returns a lead's id as `contract` writes it.
pub fn write_lead_id(contract: Contract, lead: LeadId) -> String {
    profile(contract).write_lead_id(lead)
}

/// Reads a lead's id as `contract` writes it.
pub fn lead_id(contract: Contract, text: &str) -> Option<LeadId> {
    profile(contract).parse_lead_id(text).ok()
}

/// What a caller says of a sequence that is to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceDraft {
    /// Who is to be written to.
    pub lead: LeadId,
    /// What is to be written, where not what the business writes to leads of that category.
    pub template: Option<TemplateId>,
}

/// The field names of a request that starts a sequence.
pub(crate) struct SequenceFields {
    pub(crate) lead: &'static str,
    pub(crate) template: &'static str,
}

impl SequenceFields {
    pub(crate) const CAMEL_CASE: Self = Self { lead: "leadId", template: "templateId" };
    pub(crate) const SNAKE_CASE: Self = Self { lead: "lead_id", template: "template_id" };

    /// Reads a request that starts a sequence.
    pub(crate) fn parse(
        &self,
        body: &Map<String, Value>,
        parse_lead_id: impl FnOnce(&str) -> Result<LeadId, String>,
    ) -> Result<SequenceDraft, FieldErrors> {
        let mut fields = Fields::new(body);
        let lead = fields.required(self.lead, parse_lead_id);
        let template = fields.optional(self.template, id(TemplateId::parse));
        fields.finish()?;
        let lead = lead.ok_or_else(|| FieldErrors::single(self.lead, "is required"))?;
        Ok(SequenceDraft { lead, template })
    }
}

/// Reads a sequence that is to start.
pub fn read_sequence(contract: Contract, body: &Map<String, Value>) -> Result<SequenceDraft, FieldErrors> {
    profile(contract).parse_sequence_request(body)
}

/// A lead's sequence.
pub fn sequence(contract: Contract, sequence: &Sequence) -> Json {
    profile(contract).sequence(sequence)
}

/// Returns a sequence in snake_case, the lead's id as given.
pub(crate) fn snake_case_sequence(sequence: &Sequence, lead_id: String) -> Json {
    Json::of(&SnakeSequence {
        lead_id,
        status: sequence.status.name().to_lowercase(),
        stop_reason: sequence.stop_reason.map(|reason| reason.name().to_lowercase()),
        started_at: sequence.started_at.to_string(),
        ended_at: shown(sequence.ended_at),
        next_step_at: shown(sequence.due_at),
        steps: sequence.steps.iter().map(snake_step).collect(),
    })
}

/// Returns a sequence in camelCase.
pub(crate) fn camel_case_sequence(sequence: &Sequence) -> Json {
    Json::of(&CamelSequence {
        lead_id: sequence.lead.to_string(),
        business_id: sequence.business.to_string(),
        template_id: sequence.template.to_string(),
        status: sequence.status.name(),
        stop_reason: sequence.stop_reason.map(StopReason::name),
        started_at: sequence.started_at.to_string(),
        ended_at: shown(sequence.ended_at),
        next_step_at: shown(sequence.due_at),
        steps: sequence.steps.iter().map(camel_step).collect(),
    })
}

fn snake_step(step: &Step) -> SnakeStep<'_> {
    SnakeStep {
        day: step.day,
        channel: step.channel.map(|channel| channel.name().to_lowercase()),
        text: step.text.as_str(),
        status: step.status.name().to_lowercase(),
        due_at: step.due_at.to_string(),
        message_id: step.message.map(|message| message.to_string()),
        reason: step.reason.as_deref(),
    }
}

fn camel_step(step: &Step) -> CamelStep<'_> {
    CamelStep {
        day: step.day,
        channel: step.channel.map(domain::accounts::business::Channel::name),
        text: step.text.as_str(),
        status: step.status.name(),
        due_at: step.due_at.to_string(),
        message_id: step.message.map(|message| message.to_string()),
        reason: step.reason.as_deref(),
    }
}

/// A message of a lead's history.
pub fn message(contract: Contract, message: &Message) -> Json {
    profile(contract).message(message)
}

/// Returns the time of a message as `(sent at, received at)`.
fn sent_and_received(message: &Message) -> (Option<String>, Option<String>) {
    let at = shown(message.at);
    match message.direction {
        Direction::Outbound => (at, None),
        Direction::Inbound => (None, at),
    }
}

/// Returns a message in snake_case.
pub(crate) fn snake_case_message(message: &Message) -> Json {
    let (sent_at, received_at) = sent_and_received(message);
    Json::of(&SnakeMessage {
        id: message.id.to_string(),
        direction: message.direction.name().to_lowercase(),
        channel: message.channel.name().to_lowercase(),
        body: &message.body,
        status: message.status.name().to_lowercase(),
        reason: message.reason.as_deref(),
        sent_at,
        received_at,
    })
}

/// Returns a message in camelCase.
pub(crate) fn camel_case_message(message: &Message) -> Json {
    let (sent_at, received_at) = sent_and_received(message);
    Json::of(&CamelMessage {
        id: message.id.to_string(),
        lead_id: message.lead.to_string(),
        direction: message.direction.name(),
        channel: message.channel.name(),
        subject: message.subject.as_deref(),
        body: &message.body,
        status: message.status.name(),
        reason: message.reason.as_deref(),
        sent_at,
        received_at,
        created_at: message.created_at.to_string(),
    })
}
