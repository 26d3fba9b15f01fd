//! Audit entries of what callers do.

use crate::api_error::ApiError;
use crate::caller::Identity;
use crate::state::ApiState;
use domain::audit::{Action, AuditEntry, SubjectId};
use domain::{AuditId, BusinessId};
use store::Write;

/// The audit log, as a caller adds to it.
pub struct AuditLog<'a> {
    state: &'a ApiState,
    caller: &'a Identity,
}

impl ApiState {
    /// Returns the audit log for what `caller` does.
    pub fn audit_log<'a>(&'a self, caller: &'a Identity) -> AuditLog<'a> {
        AuditLog { state: self, caller }
    }
}

impl AuditLog<'_> {
    /// Returns the write of an entry about `action` on `subject`, which belongs to `business` if to any.
    ///
    /// It is committed in one transaction with the writes that it reports, as the last of them.
    pub fn entry(
        &self,
        action: Action,
        subject: impl Into<SubjectId>,
        business: Option<BusinessId>,
    ) -> Result<Write, ApiError> {
        let at = self.state.now();
        let entry = AuditEntry {
            id: AuditId::new(at, self.state.random()?),
            action,
            actor: self.caller.actor(),
            subject: subject.into(),
            business,
            statuses: None,
            at,
        };
        Ok(self.state.store().put_audit_entry(self.caller.environment(), &entry)?)
    }
}
