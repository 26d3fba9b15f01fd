//! Ids of a website's visitors, chosen by the website.

use crate::id::{LeadId, TenantId, VisitorEventId, derived, digest};
use crate::text::single_line;
use serde::{Deserialize, Serialize};

/// The id by which a website knows a visitor: any single line of up to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitorId(String);

impl VisitorId {
    /// Maximum length of an id, in characters.
    pub const MAX_CHARS: usize = 100;

    /// Parses an id. Returns the reason as a sentence fragment if it is empty, too long or not a single line.
    pub fn parse(text: &str) -> Result<Self, String> {
        single_line(text, Self::MAX_CHARS).map(Self)
    }

    /// Returns the id, derived from the lead's, of a lead whose request had none.
    pub fn for_lead(lead: LeadId) -> Self {
        Self(derived(&[b"visitor", lead.bytes()]).hyphenated().to_string())
    }

    /// Returns the id, derived from the event's, of a visitor event whose request had none.
    pub fn for_event(event: VisitorEventId) -> Self {
        Self(derived(&[b"visitor of event", event.bytes()]).hyphenated().to_string())
    }

    /// Returns the id as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 of the id, salted with the tenant's id, to be used in database keys.
    pub fn key(&self, tenant: TenantId) -> String {
        digest(&[b"visitor", tenant.bytes(), self.0.as_bytes()])
    }
}
