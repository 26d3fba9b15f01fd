//! The audit log.

use crate::fields::parse_id;
use crate::json::Json;
use crate::query::Query;
use domain::KeyId;
use domain::audit::{Action, Actor, AuditEntry, SubjectId};
use domain::time_range::TimeRange;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryJson<'a> {
    id: String,
    action: &'static str,
    subject_id: String,
    business_id: Option<String>,
    actor: ActorJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<StatusChangeJson>,
    created_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActorJson<'a> {
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
struct StatusChangeJson {
    from: &'static str,
    to: &'static str,
}

/// Returns an entry of the audit log.
pub fn audit_entry_json(entry: &AuditEntry) -> Json {
    let without_key = |actor_type| ActorJson { actor_type, key_id: None, key_prefix: None, source_ip: None };
    let actor = match &entry.actor {
        Actor::Key { id, prefix, address } => ActorJson {
            actor_type: "KEY",
            key_id: Some(id.to_string()),
            key_prefix: Some(prefix),
            source_ip: address.map(|address| address.to_string()),
        },
        Actor::Operator => without_key("OPERATOR"),
        Actor::System => without_key("SYSTEM"),
    };
    Json::of(&EntryJson {
        id: entry.id.to_string(),
        action: entry.action.name(),
        subject_id: entry.subject.to_string(),
        business_id: entry.business.map(|business| business.to_string()),
        actor,
        change: entry.statuses.map(|(from, to)| StatusChangeJson { from: from.name(), to: to.name() }),
        created_at: entry.at.to_string(),
    })
}

/// The filter of a list of audit entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditListQuery {
    /// Only entries of this action.
    pub action: Option<Action>,
    /// Only entries of actions by this key.
    pub key: Option<KeyId>,
    /// Only entries about this entity.
    pub subject: Option<SubjectId>,
    /// Only entries of actions in this range of time.
    pub created: TimeRange,
}

impl AuditListQuery {
    /// Reads every parameter. Errors are collected in `query`.
    pub fn read(query: &mut Query) -> Self {
        let action = query.one_of("action", Action::ALL, Action::name);
        let key = query.optional("keyId", parse_id(KeyId::parse));
        let subject = query.optional("subjectId", parse_id(SubjectId::parse));
        let created = query.range("createdFrom", "createdTo");
        Self { action, key, subject, created }
    }
}
