//! Entries of the audit log.

use crate::json::Json;
use domain::audit::{Actor, AuditEntry};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireEntry<'a> {
    id: String,
    action: &'static str,
    subject_id: String,
    business_id: Option<String>,
    actor: WireActor<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<WireChange>,
    created_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireActor<'a> {
    #[serde(rename = "type")]
    actor_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_prefix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
}

#[derive(Serialize)]
struct WireChange {
    from: &'static str,
    to: &'static str,
}

/// An entry: what was done, to what, by whom.
pub fn audit_entry(entry: &AuditEntry) -> Json {
    let nobody = |actor_type| WireActor { actor_type, key_id: None, key_prefix: None, source_ip: None };
    let actor = match &entry.actor {
        Actor::Key { id, prefix, address } => WireActor {
            actor_type: "KEY",
            key_id: Some(id.to_string()),
            key_prefix: Some(prefix),
            source_ip: address.map(|address| address.to_string()),
        },
        Actor::Operator => nobody("OPERATOR"),
        Actor::System => nobody("SYSTEM"),
    };
    Json::of(&WireEntry {
        id: entry.id.to_string(),
        action: entry.action.name(),
        subject_id: entry.subject.to_string(),
        business_id: entry.business.map(|business| business.to_string()),
        actor,
        change: entry.statuses.map(|(from, to)| WireChange { from: from.name(), to: to.name() }),
        created_at: entry.at.to_string(),
    })
}
