//! The operations of VendorPad, described.

use crate::analytics::visitor_event::parse_snake_case_visitor_event;
use crate::disputes::dispute::UpdatedDispute;
use crate::disputes::package::SnakeCasePackage;
use crate::error::ErrorWithFieldsByName;
use crate::examples::{self, NOW, random_bytes};
use crate::fields::UnknownFields::Ignored;
use crate::follow_up::message::SnakeCaseMessage;
use crate::operation::{Access, ContractDescription, Operation};
use crate::page::snake_case_page_schema;
use crate::profile::ContractProfile;
use crate::vendor_pad::lead::{
    CreatedLeadJson, LeadJson, created_lead_json, duplicate_lead_json, lead_json, parse_lead_request,
};
use crate::vendor_pad::profile::{PAGE_LIMITS, Payload, RecordedEvent, VendorPad};
use crate::webhooks::payload_schema::{self, Subjects};
use crate::webhooks::subscription::SnakeCaseSubscription;
use domain::{Contract, EventType, Lead, Scope, VisitorEvent, VisitorEventId};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

const TEXT: &str = "Leads from the enquiry forms of wedding and event businesses, and what visitors of their websites \
    do.\n\n\
    Bodies are JSON in snake_case; ids are UUIDs; times are RFC 3339 in UTC. An error has a `code`, a `message`, and in \
    `fields` the reason for each field that is invalid. `brand_id` is the number that a business was given; without it, \
    a lead goes to the first business, and a list covers all of them. An id in a path that does not exist, or is no id \
    at all, is 404. Fields that are not listed are ignored, but for those of a lead, which are kept with it.";

const LEAD: &str = r#"{
  "first_name": "Priya",
  "last_name": "Shah",
  "email": "priya@example.com",
  "phone": "+44 7700 900118",
  "event_type": "Wedding",
  "event_date": "2027-06-19",
  "utm_source": "google",
  "utm_medium": "cpc",
  "utm_campaign": "barn_venues"
}"#;

const EVENT: &str = r#"{
  "visitor_id": "0b9a4c52-6d1e-4f7a-9f0e-2a4f6b8c1d3e",
  "event_type": "conversion",
  "event_name": "brochure_downloaded",
  "event_props": { "venue": "The Old Barn", "guests": 120 }
}"#;

fn lead() -> Lead {
    examples::lead(Contract::VendorPad, LEAD, parse_lead_request)
}

fn visitor_event() -> VisitorEvent {
    let event = examples::read(EVENT, parse_snake_case_visitor_event).event;
    let id = VisitorEventId::new(NOW, random_bytes("visitor event"));
    VisitorEvent::new(id, examples::environment().tenant, examples::business().id, event, NOW)
}

/// Returns the description of the contract.
pub(crate) fn describe() -> ContractDescription {
    ContractDescription {
        text: TEXT,
        operations: operations(),
        page_schema: snake_case_page_schema,
        payload_schema,
        example_lead: lead,
        error_schema: |schemas| schemas.subschema_for::<ErrorWithFieldsByName<'_>>(),
    }
}

fn payload_schema(event: EventType, schemas: &mut SchemaGenerator) -> Value {
    let subjects = Subjects {
        lead: |schemas| schemas.subschema_for::<LeadJson<'_>>(),
        dispute: |schemas| schemas.subschema_for::<UpdatedDispute<'_>>(),
        package: |schemas| schemas.subschema_for::<SnakeCasePackage<'_>>(),
        reply: |schemas| schemas.subschema_for::<SnakeCaseMessage<'_>>(),
        subscription: |schemas| schemas.subschema_for::<SnakeCaseSubscription<'_>>(),
    };
    let data = payload_schema::of_subject(event, &subjects, schemas);
    let properties = [("event", json!({ "type": "string", "const": event.name() })), ("data", data)];
    payload_schema::with_properties::<Payload>(schemas, properties)
}

fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::LeadsRead);
    let lead = lead();
    vec![
        Operation::post("/leads", "createLead", Access::Scope(Scope::LeadsWrite))
            .texts(
                "Leads",
                "Create a lead",
                "Stores a lead and notifies subscribers of `lead.created`. Needs at least `first_name` and `email`. If \
                 the business has a lead with the same e-mail address, nothing is stored: the response is 200 with \
                 `duplicate` true and the id of that lead. A `visitor_id` is made if none is sent.",
            )
            .checked_body(Ignored, parse_lead_request, LEAD)
            .json::<CreatedLeadJson>(201, "The ids of the new lead.", created_lead_json(&lead))
            .json::<CreatedLeadJson>(
                200,
                "The ids of the lead that has the e-mail address already.",
                duplicate_lead_json(&lead),
            )
            .located()
            .tagged()
            .errors(&[404, 410]),
        Operation::get("/leads", "listLeads", read)
            .texts("Leads", "List leads", "Lists leads, the newest first, with every filter that is sent.")
            .parameters(|query| drop(VendorPad.parse_lead_list(query)))
            .page_of::<LeadJson<'_>>(PAGE_LIMITS, lead_json(&lead))
            .errors(&[404]),
        Operation::get("/leads/{id}", "getLead", read)
            .texts("Leads", "Retrieve a lead", "Returns the lead with its current version as `ETag`.")
            .path_example(lead.id.to_string())
            .json::<LeadJson<'_>>(200, "The lead.", lead_json(&lead))
            .tagged(),
        Operation::post("/events", "recordEvent", Access::Scope(Scope::EventsWrite))
            .texts(
                "Events",
                "Record an event of a visitor",
                "Records a page view, a conversion or an event of your own. Send the `visitor_id` of earlier events of \
                 the same visitor; without it, one is made and returned. `event_props` takes any JSON object of up to \
                 8 KB.",
            )
            .checked_body(Ignored, parse_snake_case_visitor_event, EVENT)
            .json::<RecordedEvent<'_>>(201, "The ids of the event.", VendorPad.visitor_event_json(&visitor_event()))
            .errors(&[404, 410]),
    ]
}
