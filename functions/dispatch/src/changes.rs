//! The events, and the stop of a sequence, that follow from a single change.

use contract::native::package_document_url;
use domain::follow_up::sequence::StopReason;
use domain::webhooks::event;
use domain::{Environment, Event, LeadId, Package, Timestamp};
use store::Change;

/// A sequence that has to be stopped because its lead has changed.
pub(crate) struct SequenceStop {
    pub(crate) environment: Environment,
    pub(crate) lead: LeadId,
    pub(crate) reason: StopReason,
    /// The time of the lead's change. A sequence that has started since is not stopped: the stream may bring the change
    /// late.
    pub(crate) changed_at: Timestamp,
}

/// Returns the sequence to stop because `change` made its lead one that is not to be contacted any more, whichever
/// request changed the lead.
pub(crate) fn sequence_stop(change: &Change) -> Option<SequenceStop> {
    let Change::Lead { environment, old: Some(old), new, .. } = change else { return None };
    let (before, after) = (StopReason::for_lead(old), StopReason::for_lead(new));
    let reason = after.filter(|_| before != after)?;
    Some(SequenceStop { environment: *environment, lead: new.id, reason, changed_at: new.updated_at })
}

/// Returns the events that `change` raises; `api_url` is the base of addresses in their payloads. All of them belong to one environment and have one subject.
pub(crate) fn events_of(change: &Change, api_url: &str) -> Vec<Event> {
    match change {
        Change::Lead { environment, old, new, .. } => event::from_lead_change(*environment, old.as_deref(), new),
        Change::Dispute { environment, old, new } => event::from_dispute_change(*environment, old.as_deref(), new),
        Change::Message { environment, old, new } => event::from_message_change(*environment, old.as_deref(), new),
        Change::Subscription { environment, old, new } => {
            event::from_subscription_change(*environment, old.as_deref(), new)
        }
        Change::Package { environment, old, new } => {
            let document_url = |package: &Package| package_document_url(api_url, package.id);
            event::from_package_change(*environment, old.as_deref(), new, document_url)
        }
        Change::EvidenceRemoved { .. }
        | Change::PackageRemoved { .. }
        | Change::PhotoRemoved { .. }
        | Change::SequenceStarted { .. } => Vec::new(),
    }
}
