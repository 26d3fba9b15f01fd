//! Automatic disabling of a subscription whose endpoint is gone or has failed for too long.

use crate::{DeliverError, DeliveryHandler};
use domain::audit::{Action, Actor, AuditEntry};
use domain::webhooks::subscription::{DisabledReason, SubscriptionStatus};
use domain::{AuditId, Environment, Subscription, SubscriptionId};
use store::ConflictRetries;

/// Maximum number of attempts while others change the subscription: the next failure of the endpoint tries again
/// anyway.
const MAX_DISABLE_ATTEMPTS: u32 = 3;

impl DeliveryHandler {
    /// Disables a subscription, and writes an audit entry in the same transaction. The stream then raises the event
    /// `webhook.disabled` to the tenant's other subscriptions.
    ///
    /// After too many conflicts nothing is changed: the endpoint's next failure tries again.
    pub(crate) async fn disable(
        &self,
        environment: Environment,
        id: SubscriptionId,
        reason: DisabledReason,
    ) -> Result<(), DeliverError> {
        let store = &self.dependencies.store;
        let mut retries = ConflictRetries::new(MAX_DISABLE_ATTEMPTS);
        loop {
            let Some(found) = store.subscription(environment, id).await? else { return Ok(()) };
            if found.status == SubscriptionStatus::Disabled {
                return Ok(());
            }
            let disabled = found.disabled(reason, self.dependencies.clock.now());
            let entry = audit_entry(&disabled);
            let writes =
                vec![store.replace_subscription(environment, &disabled)?, store.put_audit_entry(environment, &entry)?];
            if store.commit_if(writes).await? {
                tracing::warn!(subscription = %id, reason = reason.name(), "subscription disabled automatically");
                return Ok(());
            }
            if retries.next_attempt().is_err() {
                return Ok(());
            }
        }
    }
}

/// Returns the audit entry of a subscription that has just been disabled. Its id is derived from the change, so the
/// same change never has two entries.
fn audit_entry(disabled: &Subscription) -> AuditEntry {
    let version = disabled.version.to_be_bytes();
    AuditEntry {
        id: AuditId::derived_at(disabled.updated_at, &[b"subscription", disabled.id.bytes(), &version]),
        action: Action::WebhookDisabled,
        actor: Actor::System,
        subject: disabled.id.into(),
        business: disabled.business,
        statuses: None,
        at: disabled.updated_at,
    }
}
