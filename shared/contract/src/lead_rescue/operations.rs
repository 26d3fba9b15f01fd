//! The operations of LeadRescue, described.

use crate::analytics::kpi::{snake_case, snake_case_kpi_report_json};
use crate::disputes::package::SnakeCasePackage;
use crate::error::ErrorWithFieldsByName;
use crate::examples::{self, NOW, records};
use crate::fields::UnknownFields::Ignored;
use crate::follow_up::inbound_event::{Received, inbound_event_received_json};
use crate::follow_up::sequence::{SnakeCaseSequence, snake_case_sequence_json};
use crate::json::Json;
use crate::lead_rescue::dispute::DisputeWithShortLeadId;
use crate::lead_rescue::event::Payload;
use crate::lead_rescue::lead::{
    LeadDetails, LeadJson, LeadWithDetailsJson, lead_id_text, lead_with_details_json, parse_lead_change,
    parse_lead_request,
};
use crate::lead_rescue::profile::LeadRescue;
use crate::operation::{Access, ContractDescription, Operation};
use crate::page::camel_case_page_schema;
use crate::profile::ContractProfile;
use crate::webhooks::payload_schema;
use crate::webhooks::subscription::SnakeCaseSubscription;
use domain::analytics::kpi::DayRange;
use domain::follow_up::sequence::StopReason;
use domain::webhooks::event_type::SubjectKind;
use domain::{Contract, EventType, Lead, LeadStatus, Scope};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

const TEXT: &str = "Test drives of a dealership, the messages that follow them, and what customers reply.\n\n\
    Bodies are JSON in snake_case; the id of a lead is `l_` and 32 hexadecimal digits; times are RFC 3339 in UTC. Keys that \
    are issued for this contract are bound to one dealership, and see nothing else. An error has a `code`, a `message`, and in `fields` the reason \
    for each field that is invalid. An id in a path that does not exist, or is no id at all, is 404. Fields that are \
    not listed are ignored, but for those of a lead, which are kept with it.";

const LEAD: &str = r#"{
  "customer_name": "Erik Holm",
  "phone": "+46701740605",
  "car_model": "Volvo EX30",
  "consent": true
}"#;

fn lead() -> Lead {
    examples::lead(Contract::LeadRescue, LEAD, parse_lead_request)
}

fn inbound_event() -> String {
    json!({
        "event": "customer.reply",
        "lead_id": lead_id_text(lead().id),
        "channel": "whatsapp",
        "body": "Could I bring my old car along for a valuation?",
        "received_at": "2026-11-26T11:58:40Z"
    })
    .to_string()
}

/// Returns the lead with its sequence, and with a photo if there is one.
fn lead_with_details(lead: &Lead, photo_url: Option<&str>) -> Json {
    let sequence = records::sequence(lead);
    let messages = vec![LeadRescue.message_json(&records::reply(lead))];
    let details = LeadDetails {
        photo_url: photo_url.map(str::to_owned),
        sequence: Some(snake_case_sequence_json(&sequence, lead_id_text(lead.id))),
        messages: if photo_url.is_some() { messages } else { Vec::new() },
    };
    lead_with_details_json(lead, details)
}

/// Returns the description of the contract.
pub(crate) fn describe() -> ContractDescription {
    ContractDescription {
        text: TEXT,
        operations: [leads(), sequences(), analytics_and_inbound()].into_iter().flatten().collect(),
        page_schema: camel_case_page_schema,
        payload_schema,
        example_lead: lead,
        error_schema: |schemas| schemas.subschema_for::<ErrorWithFieldsByName<'_>>(),
    }
}

/// Returns the JSON Schema of a payload. It has the subject under a name of its own; a reply is spread out.
fn payload_schema(event: EventType, schemas: &mut SchemaGenerator) -> Value {
    let subject = match event.subject_kind() {
        SubjectKind::Lead => Some(("lead", schemas.subschema_for::<LeadJson<'_>>().to_value())),
        SubjectKind::Dispute => Some(("dispute", schemas.subschema_for::<DisputeWithShortLeadId>().to_value())),
        SubjectKind::Package => Some(("package", schemas.subschema_for::<SnakeCasePackage<'_>>().to_value())),
        SubjectKind::Subscription => Some(("webhook", schemas.subschema_for::<SnakeCaseSubscription<'_>>().to_value())),
        SubjectKind::Reply => None,
    };
    let (required, optional): (&[&str], &[&str]) = match event.subject_kind() {
        SubjectKind::Lead => (&["event", "lead_id", "occurred_at", "lead"], &[]),
        SubjectKind::Dispute => (&["event", "occurred_at", "dispute"], &["lead_id"]),
        SubjectKind::Package => (&["event", "occurred_at", "package"], &["lead_id"]),
        SubjectKind::Subscription => (&["event", "occurred_at", "webhook"], &[]),
        SubjectKind::Reply => (&["event", "lead_id", "channel", "body"], &["received_at"]),
    };
    let event = ("event", json!({ "type": "string", "const": event.name() }));
    let mut schema = payload_schema::with_properties::<Payload>(schemas, [Some(event), subject].into_iter().flatten());
    payload_schema::keep_properties(&mut schema, required, optional);
    schema
}

fn leads() -> Vec<Operation> {
    let (read, write) = (Access::Scope(Scope::LeadsRead), Access::Scope(Scope::LeadsWrite));
    let lead = lead();
    let id = lead_id_text(lead.id);
    let converted = Lead { status: LeadStatus::Won, ..lead.clone() };
    vec![
        Operation::post("/leads", "createLead", write)
            .texts(
                "Leads",
                "Log a test drive",
                "Stores a lead and starts the follow-up of the dealership: the first message goes out at once, others \
                 after 1, 3 and 7 days, outside the quiet hours of the customer. Without `consent`, the sequence is \
                 only proposed, and nothing is sent.\n\nThe photo of the driving licence is a JPEG, PNG or WebP image of \
                 up to 4 MiB, in base64. Its metadata is removed; responses link to it for a few minutes.",
            )
            .checked_body(Ignored, parse_lead_request, LEAD)
            .json::<LeadWithDetailsJson<'_>>(201, "The lead with its sequence.", lead_with_details(&lead, None))
            .located()
            .tagged()
            .errors(&[410]),
        Operation::get("/leads/{id}", "getLead", read)
            .texts(
                "Leads",
                "Retrieve a lead",
                "Returns the lead with its sequence and all messages in both directions, the oldest first.",
            )
            .path_example(id.clone())
            .json::<LeadWithDetailsJson<'_>>(
                200,
                "The lead with its sequence and messages.",
                lead_with_details(&lead, Some("https://files.example.com/photos/5f0c?expires=1795695000")),
            )
            .tagged(),
        Operation::patch("/leads/{id}", "updateLead", write)
            .texts(
                "Leads",
                "Change the status of a lead",
                "Sets the status, and notifies subscribers of `lead.status_changed`. Each of the three statuses ends \
                 the follow-up: when this returns, no further message goes out. A lead that has opted out can only be \
                 closed (409). With `If-Match`, only the version that was read is changed.",
            )
            .path_example(id)
            .checked_body(Ignored, parse_lead_change, r#"{ "status": "converted" }"#)
            .json::<LeadWithDetailsJson<'_>>(200, "The changed lead.", lead_with_details(&converted, None))
            .tagged()
            .conditional()
            .errors(&[410]),
    ]
}

fn sequences() -> Vec<Operation> {
    let sequences = Access::Scope(Scope::SequencesWrite);
    let lead = lead();
    let id = lead_id_text(lead.id);
    let running = records::sequence(&lead);
    let stopped = running.stopped(StopReason::Requested, NOW);
    vec![
        Operation::post("/sequences", "startSequence", sequences)
            .texts(
                "Sequences",
                "Start a sequence",
                "Starts the follow-up of a lead again, or with the messages of another template. Without consent it is \
                 only proposed. A lead that has opted out, is converted, lost or closed, or whose sequence is running, \
                 is a conflict (409).",
            )
            .checked_body(
                Ignored,
                |fields| LeadRescue.parse_sequence_request(fields),
                json!({ "lead_id": id }).to_string(),
            )
            .json::<SnakeCaseSequence<'_>>(201, "The sequence.", snake_case_sequence_json(&running, id.clone()))
            .errors(&[404, 410]),
        Operation::post("/sequences/{id}/stop", "stopSequence", sequences)
            .texts(
                "Sequences",
                "Stop a sequence",
                "Cancels the messages to a lead, whose id is in the path, that are still to come. When this returns, \
                 no further message goes out. Stopping it again has the same result.",
            )
            .path_example(id.clone())
            .body_without_fields(Ignored)
            .json::<SnakeCaseSequence<'_>>(200, "The stopped sequence.", snake_case_sequence_json(&stopped, id))
            .errors(&[410]),
    ]
}

fn analytics_and_inbound() -> Vec<Operation> {
    let range = DayRange::default();
    vec![
        Operation::get("/analytics/kpis", "getKpis", Access::Scope(Scope::AnalyticsRead))
            .texts(
                "Analytics",
                "Retrieve the KPIs",
                "Returns the numbers of the last days of the dealership, today included, in total, by source and by \
                 day. Days are those of the dealership's time zone.",
            )
            .parameters(|query| {
                LeadRescue.parse_kpi_query(query);
            })
            .json::<snake_case::KpiReportJson<'_>>(
                200,
                "The report.",
                snake_case_kpi_report_json(range, &records::kpi_report(range)),
            )
            .errors(&[409]),
        Operation::post("/webhooks/inbound", "reportInbound", Access::Scope(Scope::InboundWrite))
            .texts(
                "Inbound events",
                "Report a reply or an opt-out",
                "Adds what a customer wrote to the history of the lead, and passes a reply on to subscribers of \
                 `customer.reply`. A reply such as STOP, or a `customer.opt_out`, opts the customer out: when this \
                 returns, no further message goes out. The same event again, by its `id` or else by its content, has \
                 no second effect.",
            )
            .checked_body(Ignored, |fields| LeadRescue.parse_inbound_event(fields, NOW), inbound_event())
            .json::<Received>(200, "The event is recorded.", inbound_event_received_json())
            .signed()
            .errors(&[404, 410]),
    ]
}
