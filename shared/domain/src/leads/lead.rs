//! Leads: people who asked for something, and what has become of it.

use super::{AttributeValue, Attributes, LeadStatus, Photo};
use crate::accounts::business::TimeZone;
use crate::analytics::visitor::VisitorId;
use crate::contract::Contract;
use crate::id::{BusinessId, LeadId};
use crate::leads::contact::{Email, Name, Phone};
use crate::leads::scoring::Score;
use crate::retention;
use crate::text::{multi_line, single_line, upper_snake};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The attribute that keeps the model of the car that a lead drove.
pub const CAR_MODEL: &str = "car_model";

/// What a lead is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    /// Anything.
    #[default]
    General,
    /// Someone looks for an agency.
    Agency,
    /// Someone looks for a property.
    PropertySearch,
    /// Someone drove a car.
    TestDrive,
    /// Someone plans an event.
    Event,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 5] = [Self::General, Self::Agency, Self::PropertySearch, Self::TestDrive, Self::Event];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "GENERAL",
            Self::Agency => "AGENCY",
            Self::PropertySearch => "PROPERTY_SEARCH",
            Self::TestDrive => "TEST_DRIVE",
            Self::Event => "EVENT",
        }
    }
}

/// Where a lead came from: an upper-snake word, `WEB_FORM` if nobody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Source(String);

impl Source {
    /// Checks the word.
    pub fn parse(text: &str) -> Result<Self, String> {
        upper_snake(text).map(Self)
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Source {
    fn default() -> Self {
        Self("WEB_FORM".to_owned())
    }
}

/// What the person wrote: at most 4,000 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MultiLine(String);

impl MultiLine {
    /// Checks the length.
    pub fn parse(text: &str) -> Result<Self, String> {
        multi_line(text, 4_000).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A short line, such as the service asked for: at most 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SingleLine(String);

impl SingleLine {
    /// Checks the length.
    pub fn parse(text: &str) -> Result<Self, String> {
        single_line(text, 200).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The campaign that brought the lead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utm {
    /// `utm_source`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SingleLine>,
    /// `utm_medium`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub medium: Option<SingleLine>,
    /// `utm_campaign`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub campaign: Option<SingleLine>,
    /// `utm_term`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub term: Option<SingleLine>,
    /// `utm_content`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content: Option<SingleLine>,
}

impl Utm {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether the person agreed to be written to, and to which words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Whether.
    pub given: bool,
    /// The words agreed to, at most 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// When it was recorded.
    pub at: Timestamp,
}

/// A lead as a caller hands it in, already checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLead {
    /// Whose.
    pub business: BusinessId,
    /// Who.
    pub name: Name,
    /// How to reach them.
    pub email: Option<Email>,
    /// How to reach them.
    pub phone: Option<Phone>,
    /// What they wrote.
    pub message: Option<MultiLine>,
    /// What they want.
    pub service_interest: Option<SingleLine>,
    /// Where they came from.
    pub source: Source,
    /// What it is about.
    pub category: Category,
    /// The campaign that brought them.
    pub utm: Utm,
    /// Whether they may be written to.
    pub consent: Option<NewConsent>,
    /// How the site knows them.
    pub visitor: Option<VisitorId>,
    /// Whatever else the caller keeps with it.
    pub attributes: Attributes,
}

/// A consent as a caller hands it in; the time is the moment it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConsent {
    /// Whether.
    pub given: bool,
    /// The words agreed to.
    pub text: Option<String>,
}

/// A stored lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lead {
    /// Its id.
    pub id: LeadId,
    /// Whose.
    pub business: BusinessId,
    /// The contract it came through.
    pub contract: Contract,
    /// Who.
    pub name: Name,
    /// How to reach them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<Email>,
    /// How to reach them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Phone>,
    /// What they wrote.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<MultiLine>,
    /// What they want.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service_interest: Option<SingleLine>,
    /// Where they came from.
    pub source: Source,
    /// What it is about.
    pub category: Category,
    /// The campaign that brought them.
    #[serde(skip_serializing_if = "Utm::is_empty", default)]
    pub utm: Utm,
    /// Whether they may be written to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub consent: Option<Consent>,
    /// How the site knows them, where it said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visitor: Option<VisitorId>,
    /// Whatever else the caller keeps with it.
    #[serde(skip_serializing_if = "Attributes::is_empty", default)]
    pub attributes: Attributes,
    /// The photo that came with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub photo: Option<Photo>,
    /// How promising it is, as it came in or since a change altered what counts.
    #[serde(default)]
    pub score: Score,
    /// What has become of it.
    pub status: LeadStatus,
    /// When the person asked not to be written to; a fact of its own that no later status lifts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opted_out_at: Option<Timestamp>,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes, from one.
    pub version: u64,
}

impl Lead {
    /// A lead that comes in at `now` through `contract` to a business in `zone`.
    pub fn new(id: LeadId, contract: Contract, new: NewLead, zone: &TimeZone, now: Timestamp) -> Self {
        let lead = Self {
            id,
            business: new.business,
            contract,
            name: new.name,
            email: new.email,
            phone: new.phone,
            message: new.message,
            service_interest: new.service_interest,
            source: new.source,
            category: new.category,
            utm: new.utm,
            consent: new.consent.map(|consent| Consent { given: consent.given, text: consent.text, at: now }),
            visitor: new.visitor,
            attributes: new.attributes,
            photo: None,
            score: Score::default(),
            status: LeadStatus::New,
            opted_out_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        Self { score: Score::of(&lead, zone), ..lead }
    }

    /// How the site knows the person: as it said, or an id that only this lead gives.
    pub fn visitor_id(&self) -> VisitorId {
        self.visitor.clone().unwrap_or_else(|| VisitorId::for_lead(self.id))
    }

    /// The model of the car that the person drove, where somebody said.
    pub fn car_model(&self) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| *name == CAR_MODEL).and_then(|(_, value)| match value {
            AttributeValue::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// When it is no longer shown.
    pub fn expires_at(&self) -> Timestamp {
        retention::lead_expires_at(self.created_at)
    }
}
