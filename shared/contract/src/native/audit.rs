//! The audit log.

use crate::fields::text_format;
use crate::json::Json;
use crate::query::Query;
use crate::schema::{ActionName, LeadStatusName, Time, Uuid, names};
use domain::KeyId;
use domain::audit::{Action, Actor, AuditEntry, SubjectId};
use domain::time_range::TimeRange;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "ActionName")]
    action: &'static str,
    #[schemars(with = "Uuid")]
    subject_id: String,
    #[schemars(with = "Option<Uuid>")]
    business_id: Option<String>,
    actor: ActorJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "StatusChangeJson")]
    change: Option<StatusChangeJson>,
    #[schemars(with = "Time")]
    created_at: String,
}

/// The types of actors: a key, the operator, the system itself.
const KEY: &str = "KEY";
const OPERATOR: &str = "OPERATOR";
const SYSTEM: &str = "SYSTEM";

names! {
    /// The type of an actor.
    ActorTypeName = [KEY, OPERATOR, SYSTEM], str::to_owned;
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Actor")]
#[serde(rename_all = "camelCase")]
struct ActorJson<'a> {
    #[serde(rename = "type")]
    #[schemars(with = "ActorTypeName")]
    actor_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Uuid")]
    key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    key_prefix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    source_ip: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StatusChange")]
struct StatusChangeJson {
    #[schemars(with = "LeadStatusName")]
    from: &'static str,
    #[schemars(with = "LeadStatusName")]
    to: &'static str,
}

/// Returns an entry of the audit log.
pub fn audit_entry_json(entry: &AuditEntry) -> Json {
    let without_key = |actor_type| ActorJson { actor_type, key_id: None, key_prefix: None, source_ip: None };
    let actor = match &entry.actor {
        Actor::Key { id, prefix, address } => ActorJson {
            actor_type: KEY,
            key_id: Some(id.to_string()),
            key_prefix: Some(prefix),
            source_ip: address.map(|address| address.to_string()),
        },
        Actor::Operator => without_key(OPERATOR),
        Actor::System => without_key(SYSTEM),
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
        let key = query.optional("keyId", text_format::id(KeyId::parse));
        let subject = query.optional("subjectId", text_format::id(SubjectId::parse));
        let created = query.range("createdFrom", "createdTo");
        Self { action, key, subject, created }
    }
}
