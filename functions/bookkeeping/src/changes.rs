//! The audit entry and the deletion of a file that follow from a single change.

use blob::BlobKey;
use domain::Environment;
use domain::audit::{Actor, AuditEntry};
use store::Change;

/// Returns the audit entry of a lead's status change. Other entries are written in one transaction with their effect;
/// this one is written here, so that it costs the request that changes a status nothing.
pub(crate) fn audit_entry(change: &Change) -> Option<(Environment, AuditEntry)> {
    let Change::Lead { environment, old: Some(old), new, by, .. } = change else { return None };
    let actor = by.clone().unwrap_or(Actor::System);
    AuditEntry::for_lead_change(old, new, actor).map(|entry| (*environment, entry))
}

/// Returns the files whose record has been deleted.
pub(crate) fn orphaned_files(change: &Change) -> Vec<BlobKey> {
    match change {
        Change::EvidenceRemoved { environment, evidence } => vec![BlobKey::of_evidence(*environment, *evidence)],
        Change::PhotoRemoved { environment, photo } => vec![BlobKey::of_photo(*environment, *photo)],
        Change::PackageRemoved { environment, package, attempts } => {
            (1..=*attempts).map(|attempt| BlobKey::of_package(*environment, *package, attempt)).collect()
        }
        _ => Vec::new(),
    }
}
