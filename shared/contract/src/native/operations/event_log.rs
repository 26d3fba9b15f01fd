//! Operations on the event log.

use super::leads::lead;
use crate::examples::{self, NOW};
use crate::fields::UnknownFields::Rejected;
use crate::native::webhooks::event_log::{EventLogJson, LoggedExampleJson};
use crate::native::webhooks::{
    EventLogQuery, LoggedContent, LoggedEvent, event_log_json, logged_example_json, parse_example_request,
};
use crate::operation::{Access, Operation};
use domain::webhooks::event_log::LogPosition;
use domain::{Contract, EventType, Scope};

const TAG: &str = "Event log";

/// Returns every operation on the event log.
pub(super) fn operations() -> Vec<Operation> {
    let event = examples::records::event(EventType::LeadCreated, Contract::Native, &lead());
    let position = LogPosition { batch: 1_795_600_000_412, index: 3, as_of: NOW };
    let logged = LoggedEvent {
        position,
        id: event.id,
        event_type: event.event_type,
        business: event.business,
        occurred_at: event.occurred_at,
        content: LoggedContent::Event(Box::new(event.clone())),
    };
    let page = event_log_json(vec![logged], Contract::Native, position, false);
    vec![
        Operation::get("/event-log", "readEventLog", Access::Scope(Scope::WebhooksRead))
            .texts(
                TAG,
                "Read events in order",
                "Returns the events of the key's mode in the order in which they were recorded, the oldest first: a page \
                 of those after `after`, and in `pagination.after` the position to go on at. Without `after` it begins \
                 with the oldest event that is kept (30 days); `latest` begins after the newest. No event ever appears \
                 before a position that a response gave. An event may be recorded twice, under the same `id`. `payload` \
                 is the body that a webhook subscription of `contract` receives; it is null if the lead has been erased \
                 since. A page may have fewer events than `limit`, even none, while `hasMore` is true. With `wait` the \
                 request waits up to so many seconds for an event, where the deployment allows it; a further request of \
                 the same key ends the wait.",
            )
            .parameters(|query| {
                EventLogQuery::read_parameters(query, NOW);
            })
            .json::<EventLogJson>(200, "A page, the oldest first.", page),
        Operation::post("/event-log", "addExampleEvent", Access::Scope(Scope::WebhooksWrite))
            .texts(
                TAG,
                "Add an example to the log",
                "Adds the example of an event to the log of the key's mode, for those who develop a receiver of events. \
                 It is marked with `example`, and no subscription receives it.",
            )
            .checked_body(Rejected, parse_example_request, r#"{ "event": "lead.created" }"#)
            .json::<LoggedExampleJson>(202, "The example is in the log.", logged_example_json(event.id)),
    ]
}
