//! Operations on sequences.

use super::leads::lead;
use super::templates::template;
use crate::examples::{NOW, business};
use crate::fields::UnknownFields::Rejected;
use crate::follow_up::sequence::{CamelCaseSequence, camel_case_sequence_json};
use crate::native::profile::Native;
use crate::operation::{Access, Operation};
use crate::profile::ContractProfile;
use domain::follow_up::sequence::{SendTimePolicy, SequenceStart, StopReason};
use domain::time::Speedup;
use domain::{Scope, Sequence};
use serde_json::json;

const TAG: &str = "Sequences";

fn sequence() -> Sequence {
    let policy = SendTimePolicy { lead: &lead(), zone: &business().time_zone, speedup: Speedup::new(1.0) };
    SequenceStart { template: &template(), policy, previous: None }.start(NOW)
}

/// Returns every operation on sequences.
pub(super) fn operations() -> Vec<Operation> {
    let write = Access::Scope(Scope::SequencesWrite);
    let (lead, sequence) = (lead().id, sequence());
    let example = camel_case_sequence_json(&sequence);
    vec![
        Operation::post("/sequences", "startSequence", write)
            .texts(
                TAG,
                "Start a sequence",
                "Starts the follow-up of a lead: the messages of a template, sent on its days outside the quiet \
                 hours of the person. Without `templateId`, the newest template of the business for the lead's \
                 category is used, or else the built-in one.\n\nWithout the lead's consent, the sequence is only \
                 `PROPOSED`: it is shown, and no message is sent. A lead that has opted out, is won, lost or closed, \
                 or whose sequence is running, is a conflict (409).",
            )
            .checked_body(
                Rejected,
                |fields| Native.parse_sequence_request(fields),
                json!({ "leadId": lead.to_string(), "templateId": template().id.to_string() }).to_string(),
            )
            .json::<CamelCaseSequence<'_>>(201, "The sequence.", example.clone())
            .located()
            .errors(&[404, 410]),
        Operation::post("/sequences/{id}/stop", "stopSequence", write)
            .texts(
                TAG,
                "Stop a sequence",
                "Stops the sequence of a lead, whose id is in the path. When this returns, no further message goes \
                 out. Stopping it again has the same result.",
            )
            .path_example(lead.to_string())
            .body_without_fields(Rejected)
            .json::<CamelCaseSequence<'_>>(
                200,
                "The sequence as it ended.",
                camel_case_sequence_json(&sequence.stopped(StopReason::Requested, NOW)),
            )
            .errors(&[410]),
        Operation::get("/leads/{id}/sequence", "getLeadSequence", Access::Scope(Scope::LeadsRead))
            .texts(
                TAG,
                "Retrieve the sequence of a lead",
                "Returns the last sequence of the lead, with the status of each step. A lead that has none is not \
                 found (404).",
            )
            .path_example(lead.to_string())
            .json::<CamelCaseSequence<'_>>(200, "The sequence.", example),
    ]
}
