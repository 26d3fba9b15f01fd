//! Audit entries of the operator's changes.

use crate::CommandError;
use crate::random::random_bytes;
use domain::audit::{Action, Actor, AuditEntry, SubjectId};
use domain::{AuditId, BusinessId, Environment, KeyRecord, Timestamp};
use store::{Store, Write};

/// Returns the write of an audit entry, in the environment that the change belongs to.
pub(crate) fn audit_write(
    store: &Store,
    environment: Environment,
    action: Action,
    subject: SubjectId,
    business: Option<BusinessId>,
    now: Timestamp,
) -> Result<Write, CommandError> {
    let id = AuditId::new(now, random_bytes()?);
    let entry = AuditEntry { id, action, actor: Actor::Operator, subject, business, statuses: None, at: now };
    Ok(store.put_audit_entry(environment, &entry)?)
}

/// Returns the write of an audit entry for a change to `key`.
pub(crate) fn key_audit_write(
    store: &Store,
    action: Action,
    key: &KeyRecord,
    now: Timestamp,
) -> Result<Write, CommandError> {
    audit_write(store, Environment { tenant: key.tenant, mode: key.mode }, action, key.id.into(), key.business, now)
}
