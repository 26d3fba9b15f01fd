//! Audit entries of the operator's changes.

use crate::CommandError;
use crate::random::random_bytes;
use domain::audit::{Action, Actor, AuditEntry, SubjectId};
use domain::{AuditId, BusinessId, Clock, Environment, KeyRecord};
use store::{Store, Write};

/// Returns the write of an audit entry, in the environment that the change belongs to.
pub(crate) fn audit_write(
    store: &Store,
    environment: Environment,
    action: Action,
    subject: SubjectId,
    business: Option<BusinessId>,
    clock: &dyn Clock,
) -> Result<Write, CommandError> {
    // Read for each entry, so that the entries of one command are listed in the order of its writes.
    let now = clock.now();
    let id = AuditId::new(now, random_bytes()?);
    let entry = AuditEntry { id, action, actor: Actor::Operator, subject, business, statuses: None, at: now };
    Ok(store.put_audit_entry(environment, &entry)?)
}

/// Returns the write of an audit entry for a change to `key`.
pub(crate) fn key_audit_write(
    store: &Store,
    action: Action,
    key: &KeyRecord,
    clock: &dyn Clock,
) -> Result<Write, CommandError> {
    audit_write(store, Environment { tenant: key.tenant, mode: key.mode }, action, key.id.into(), key.business, clock)
}
