//! Sequences and messages, in the spelling of each contract: LeadRescue and VendorPad write in snake_case.

use crate::fields::Fields;
use crate::json::Json;
use crate::lead_rescue;
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

fn writes_snake_case(contract: Contract) -> bool {
    matches!(contract, Contract::LeadRescue | Contract::VendorPad)
}

/// A lead's id as `contract` writes it.
pub fn write_lead_id(contract: Contract, lead: LeadId) -> String {
    if contract == Contract::LeadRescue { lead_rescue::lead_id(lead) } else { lead.to_string() }
}

/// Reads a lead's id as `contract` writes it.
pub fn lead_id(contract: Contract, text: &str) -> Option<LeadId> {
    match contract {
        Contract::LeadRescue => text.strip_prefix("l_").filter(|rest| rest.len() == 32).and_then(LeadId::parse),
        _ => LeadId::parse(text),
    }
}

/// What a caller says of a sequence that is to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceDraft {
    /// Who is to be written to.
    pub lead: LeadId,
    /// What is to be written, where not what the business writes to leads of that category.
    pub template: Option<TemplateId>,
}

/// Reads a sequence that is to start.
pub fn read_sequence(contract: Contract, body: &Map<String, Value>) -> Result<SequenceDraft, FieldErrors> {
    let (lead, template) =
        if writes_snake_case(contract) { ("lead_id", "template_id") } else { ("leadId", "templateId") };
    let mut fields = Fields::new(body);
    let malformed = if contract == Contract::LeadRescue {
        "must be a lead's id such as l_ and 32 digits"
    } else {
        "must be a valid UUID"
    };
    let found = fields.required(lead, |text| lead_id(contract, text).ok_or_else(|| malformed.to_owned()));
    let template = fields.optional(template, id(TemplateId::parse));
    fields.finish()?;
    let lead = found.ok_or_else(|| FieldErrors::single(lead, "is required"))?;
    Ok(SequenceDraft { lead, template })
}

/// A lead's sequence.
pub fn sequence(contract: Contract, sequence: &Sequence) -> Json {
    let lead_id = write_lead_id(contract, sequence.lead);
    let status = sequence.status.name();
    let stop_reason = sequence.stop_reason.map(StopReason::name);
    let (started_at, ended_at) = (sequence.started_at.to_string(), shown(sequence.ended_at));
    let next_step_at = shown(sequence.due_at);
    if writes_snake_case(contract) {
        let steps = sequence.steps.iter().map(snake_step).collect();
        let (status, stop_reason) = (status.to_lowercase(), stop_reason.map(str::to_lowercase));
        return Json::of(&SnakeSequence { lead_id, status, stop_reason, started_at, ended_at, next_step_at, steps });
    }
    Json::of(&CamelSequence {
        lead_id,
        business_id: sequence.business.to_string(),
        template_id: sequence.template.to_string(),
        status,
        stop_reason,
        started_at,
        ended_at,
        next_step_at,
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
    let at = shown(message.at);
    let (sent_at, received_at) = match message.direction {
        Direction::Outbound => (at, None),
        Direction::Inbound => (None, at),
    };
    let id = message.id.to_string();
    if writes_snake_case(contract) {
        return Json::of(&SnakeMessage {
            id,
            direction: message.direction.name().to_lowercase(),
            channel: message.channel.name().to_lowercase(),
            body: &message.body,
            status: message.status.name().to_lowercase(),
            reason: message.reason.as_deref(),
            sent_at,
            received_at,
        });
    }
    Json::of(&CamelMessage {
        id,
        lead_id: write_lead_id(contract, message.lead),
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
