//! Visitors of a business's site, and what they did there.

use crate::id::{BusinessId, LeadId, TenantId, VisitorEventId, digest};
use crate::leads::SingleLine;
use crate::retention;
use crate::text::single_line;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How a site knows a visitor: one line of at most 100 characters, whatever the site makes up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitorId(String);

impl VisitorId {
    /// Checks the length.
    pub fn parse(text: &str) -> Result<Self, String> {
        single_line(text, 100).map(Self)
    }

    /// The visitor that a lead was, where nobody said: the same lead always gives the same.
    pub fn for_lead(lead: LeadId) -> Self {
        Self(crate::id::derived(&[b"visitor", lead.bytes()]).hyphenated().to_string())
    }

    /// The visitor of an event, where nobody said.
    pub fn for_event(event: VisitorEventId) -> Self {
        Self(crate::id::derived(&[b"visitor of event", event.bytes()]).hyphenated().to_string())
    }

    /// The id as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for the id in keys, which take no free text: SHA-256, salted with the tenant's id.
    pub fn key(&self, tenant: TenantId) -> String {
        digest(&[b"visitor", tenant.bytes(), self.0.as_bytes()])
    }
}

/// What kind of thing a visitor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VisitorEventType {
    /// Looked at a page.
    Pageview,
    /// Did what the site is there for.
    Conversion,
    /// Anything else.
    Custom,
}

impl VisitorEventType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Pageview, Self::Conversion, Self::Custom];

    /// The name on the wire, which the contracts share.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pageview => "pageview",
            Self::Conversion => "conversion",
            Self::Custom => "custom",
        }
    }
}

/// What else is told of an event: the text of a JSON object, at most 8 KB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventProps(String);

impl EventProps {
    /// Most bytes of the text without spaces between its parts.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Checks the length of `object`, which is the text of a JSON object.
    pub fn parse(object: String) -> Result<Self, String> {
        if object.len() > Self::MAX_BYTES {
            return Err(format!("must be at most {} bytes as JSON", Self::MAX_BYTES));
        }
        Ok(Self(object))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An event as a caller hands it in, already checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewVisitorEvent {
    /// Whose it is; made up where nobody said.
    pub visitor: Option<VisitorId>,
    /// What kind of thing happened.
    pub event_type: VisitorEventType,
    /// What the site calls it.
    pub name: Option<SingleLine>,
    /// What else is told of it.
    pub props: Option<EventProps>,
}

/// Something that a visitor did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VisitorEvent {
    /// Its id.
    pub id: VisitorEventId,
    /// On whose site.
    pub business: BusinessId,
    /// Who.
    pub visitor: VisitorId,
    /// What stands for the visitor in keys.
    pub visitor_key: String,
    /// What kind of thing happened.
    pub event_type: VisitorEventType,
    /// What the site calls it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event_name: Option<SingleLine>,
    /// What else is told of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub props: Option<EventProps>,
    /// When it was recorded.
    pub created_at: Timestamp,
}

impl VisitorEvent {
    /// An event of `tenant` that is recorded at `now`.
    pub fn new(
        id: VisitorEventId,
        tenant: TenantId,
        business: BusinessId,
        new: NewVisitorEvent,
        now: Timestamp,
    ) -> Self {
        let visitor = new.visitor.unwrap_or_else(|| VisitorId::for_event(id));
        Self {
            id,
            business,
            visitor_key: visitor.key(tenant),
            visitor,
            event_type: new.event_type,
            event_name: new.name,
            props: new.props,
            created_at: now,
        }
    }

    /// When it is no longer shown: kept as long as a lead.
    pub fn expires_at(&self) -> Timestamp {
        retention::lead_expires_at(self.created_at)
    }
}
