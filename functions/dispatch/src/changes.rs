//! Parses the stream records of a batch into changes, and derives what a single change means.

use crate::{RecordError, WithRecord};
use aws_lambda_events::event::dynamodb::EventRecord;
use blob::BlobKey;
use domain::audit::{Actor, AuditEntry};
use domain::follow_up::sequence::StopReason;
use domain::webhooks::event;
use domain::{Environment, Event, LeadId, Timestamp};
use store::{Change, change_from_images};

/// Parses records up to the first one that is invalid. Records of no interest, such as most deletions, are skipped.
pub(crate) fn read_changes(records: Vec<EventRecord>) -> (Vec<WithRecord<Change>>, Option<RecordError>) {
    let mut changes = Vec::new();
    for (record, content) in records.into_iter().enumerate() {
        match change_from_images(content.change.old_image, content.change.new_image) {
            Ok(Some(value)) => changes.push(WithRecord { record, value }),
            Ok(None) => {}
            Err(error) => return (changes, Some(RecordError::new(record, error))),
        }
    }
    (changes, None)
}

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

/// Returns the audit entry of a lead's status change. Other entries are written in one transaction with their effect;
/// this one is written here, so that it costs the request that changes a status nothing.
pub(crate) fn audit_entry(change: &Change) -> Option<(Environment, AuditEntry)> {
    let Change::Lead { environment, old: Some(old), new, by, .. } = change else { return None };
    let actor = by.clone().unwrap_or(Actor::System);
    AuditEntry::for_lead_change(old, new, actor).map(|entry| (*environment, entry))
}

/// Returns the file whose record has been deleted.
pub(crate) fn orphaned_file(change: &Change) -> Option<BlobKey> {
    match change {
        Change::EvidenceRemoved { environment, evidence } => Some(BlobKey::of_evidence(*environment, *evidence)),
        Change::PhotoRemoved { environment, photo } => Some(BlobKey::of_photo(*environment, *photo)),
        _ => None,
    }
}

/// Returns the events that `change` raises. All of them belong to one environment and have one subject.
pub(crate) fn events_of(change: &Change) -> Vec<Event> {
    match change {
        Change::Lead { environment, old, new, .. } => event::from_lead_change(*environment, old.as_deref(), new),
        Change::Dispute { environment, old, new } => event::from_dispute_change(*environment, old.as_deref(), new),
        Change::Message { environment, old, new } => event::from_message_change(*environment, old.as_deref(), new),
        Change::Subscription { environment, old, new } => {
            event::from_subscription_change(*environment, old.as_deref(), new)
        }
        Change::EvidenceRemoved { .. } | Change::PhotoRemoved { .. } | Change::SequenceStarted { .. } => Vec::new(),
    }
}
