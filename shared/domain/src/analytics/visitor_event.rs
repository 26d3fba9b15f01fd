//! Events of a website's visitors, such as page views.

use crate::id::{BusinessId, TenantId, VisitorEventId};
use crate::leads::VisitorId;
use crate::retention;
use crate::text::SingleLine;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The type of a visitor event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VisitorEventType {
    /// A page view.
    Pageview,
    /// A conversion, such as a completed form.
    Conversion,
    /// Any other event.
    Custom,
}

impl VisitorEventType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Pageview, Self::Conversion, Self::Custom];

    /// Returns the name in API requests and responses of every contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pageview => "pageview",
            Self::Conversion => "conversion",
            Self::Custom => "custom",
        }
    }
}

/// The properties of an event: a JSON object as text, of up to 8 KiB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventProps(String);

impl EventProps {
    /// Maximum size in bytes, without insignificant whitespace.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Accepts `object`, the text of a JSON object, or returns the reason as a sentence fragment if it is too long.
    pub fn parse(object: String) -> Result<Self, String> {
        if object.len() > Self::MAX_BYTES {
            return Err(format!("must be at most {} bytes as JSON", Self::MAX_BYTES));
        }
        Ok(Self(object))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The validated input that creates a visitor event.
#[derive(Clone, Debug, PartialEq)]
pub struct NewVisitorEvent {
    /// Id of the visitor. Derived from the event by default.
    pub visitor: Option<VisitorId>,
    /// Type of the event.
    pub event_type: VisitorEventType,
    /// Name of the event, chosen by the website.
    pub name: Option<SingleLine>,
    /// Properties of the event.
    pub props: Option<EventProps>,
}

/// A stored visitor event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VisitorEvent {
    /// Id of the event.
    pub id: VisitorEventId,
    /// Business whose website was visited.
    pub business: BusinessId,
    /// Id of the visitor.
    pub visitor: VisitorId,
    /// Key of the visitor in the database.
    pub visitor_key: String,
    /// Type of the event.
    pub event_type: VisitorEventType,
    /// Name of the event, chosen by the website.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event_name: Option<SingleLine>,
    /// Properties of the event.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub props: Option<EventProps>,
    /// Time of recording.
    pub created_at: Timestamp,
}

impl VisitorEvent {
    /// Creates an event of `tenant` at `now`.
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

    /// Returns the time at which the event expires. Events are kept as long as leads.
    pub fn expires_at(&self) -> Timestamp {
        retention::lead_expires_at(self.created_at)
    }
}
