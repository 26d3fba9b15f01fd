//! What a call leaves in the audit log.

use crate::api_error::ApiError;
use crate::caller::Caller;
use domain::audit::{Action, Actor, AuditEntry, SubjectId};
use domain::{AuditId, BusinessId};
use store::Write;

impl<S> Caller<S> {
    /// Who acts: the key, and where the call came from.
    pub fn actor(&self) -> Actor {
        Actor::Key { id: self.key.id, prefix: self.key_prefix.clone(), address: self.source_ip }
    }

    /// The write that tells of `action` on `subject`, which belongs to `business` if to any: to be committed last,
    /// with the writes that it tells of.
    pub fn trace(
        &self,
        action: Action,
        subject: impl Into<SubjectId>,
        business: Option<BusinessId>,
    ) -> Result<Write, ApiError> {
        let at = self.state.now();
        let entry = AuditEntry {
            id: AuditId::new(at, self.state.random()?),
            action,
            actor: self.actor(),
            subject: subject.into(),
            business,
            statuses: None,
            at,
        };
        Ok(self.state.store().put_audit_entry(self.environment(), &entry)?)
    }
}
