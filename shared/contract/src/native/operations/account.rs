//! Operations on the tenant's account, and the health of the service.

use super::keys::key;
use super::webhooks::subscription;
use crate::examples::{self, NOW, random_bytes};
use crate::json::Json;
use crate::native::accounts::key::key_json;
use crate::native::accounts::tenant::{TenantJson, tenant_json};
use crate::native::accounts::test_data::{PurgeJson, purge_under_way_json};
use crate::native::audit::{AuditListQuery, EntryJson, audit_entry_json};
use crate::native::health::{HealthJson, health_json};
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::audit::{Action, Actor, AuditEntry};
use domain::{AuditId, Mode, Scope};
use std::net::{IpAddr, Ipv4Addr};

const TAG: &str = "Account";

/// An address that is reserved for documentation (RFC 5737).
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

fn audit_entry() -> Json {
    let key = key();
    audit_entry_json(&AuditEntry {
        id: AuditId::new(NOW, random_bytes("audit entry")),
        action: Action::WebhookCreated,
        actor: Actor::Key { id: key.id, prefix: key.prefix, address: Some(ADDRESS) },
        subject: subscription().id.into(),
        business: None,
        statuses: None,
        at: NOW,
    })
}

/// Returns every operation on the account, and the health of the service.
pub(super) fn operations() -> Vec<Operation> {
    let tenant = tenant_json(&examples::tenant(), Mode::Live, key_json(&key(), None, Some(NOW), NOW));
    vec![
        Operation::get("/me", "getMe", Access::AnyKey)
            .texts(TAG, "Retrieve your account", "Returns the tenant, the mode and the key of the request.")
            .json::<TenantJson<'_>>(200, "The account.", tenant),
        Operation::get("/audit-log", "listAuditLog", Access::Scope(Scope::AuditRead))
            .texts(
                TAG,
                "List the audit log",
                "Lists who did what in the key's mode, the newest first, with every filter that is sent. A key that \
                 is bound to a business sees the entries of that business.",
            )
            .parameters(|query| {
                AuditListQuery::read(query);
            })
            .page_of::<EntryJson<'_>>(PAGE_LIMITS, audit_entry()),
        Operation::delete("/test-data", "purgeTestData", Access::Scope(Scope::KeysWrite))
            .texts(
                TAG,
                "Delete the test data",
                "Deletes the leads of the test environment with everything that belongs to them, its subscriptions \
                 and its counters. Keys, businesses, the inbound secret and the audit log stay, and live data is not \
                 touched. A key that is bound to a business may not do this (403).",
            )
            .json::<PurgeJson>(202, "Much is deleted, and the rest will be within minutes.", purge_under_way_json())
            .empty(204, "All test data is deleted."),
        Operation::get("/health", "getHealth", Access::Public)
            .texts(TAG, "Check the health of the service", "Returns that the service works, and its version.")
            .json::<HealthJson>(200, "The service works.", health_json()),
    ]
}
