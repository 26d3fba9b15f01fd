//! The stop of a sequence that follows from a single change.

use domain::follow_up::sequence::StopReason;
use domain::{Environment, LeadId, Timestamp};
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
