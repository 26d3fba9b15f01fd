//! Operations on visitor events.

use crate::analytics::visitor_event::{
    CamelCaseVisitorEvent, VisitorEventListQuery, camel_case_visitor_event_json, parse_camel_case_visitor_event,
};
use crate::examples::{self, NOW, random_bytes};
use crate::fields::UnknownFields::Rejected;
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::{Scope, VisitorEvent, VisitorEventId};

const TAG: &str = "Visitor events";

const EVENT: &str = r#"{
  "visitorId": "v_7f3a90c2",
  "eventType": "pageview",
  "eventName": "Flat in Vasastan",
  "eventProps": { "path": "/flats/vasastan-3", "seconds": 42 }
}"#;

fn event() -> VisitorEvent {
    let request = examples::read(EVENT, parse_camel_case_visitor_event);
    let id = VisitorEventId::new(NOW, random_bytes("visitor event"));
    VisitorEvent::new(id, examples::tenant().id, examples::business().id, request.event, NOW)
}

/// Returns every operation on visitor events.
pub(super) fn operations() -> Vec<Operation> {
    let example = camel_case_visitor_event_json(&event());
    vec![
        Operation::get("/events", "listVisitorEvents", Access::Scope(Scope::EventsRead))
            .texts(TAG, "List the events of a visitor", "Lists what a visitor of your websites did, the newest first.")
            .parameters(|query| {
                VisitorEventListQuery::read(query);
            })
            .page_of::<CamelCaseVisitorEvent<'_>>(PAGE_LIMITS, example.clone())
            .errors(&[404]),
        Operation::post("/events", "recordVisitorEvent", Access::Scope(Scope::EventsWrite))
            .texts(
                TAG,
                "Record an event of a visitor",
                "Records a page view, a conversion or an event of your own. Without `visitorId`, the event belongs \
                 to a new visitor, whose id the response has. A lead with the same `visitorId` takes the visitor's \
                 events with it when it is erased.",
            )
            .checked_body(Rejected, parse_camel_case_visitor_event, EVENT)
            .json::<CamelCaseVisitorEvent<'_>>(201, "The event.", example)
            .errors(&[404, 410]),
    ]
}
