//! The lead itself, and the input that creates one.

use super::attributes::{AttributeValue, Attributes};
use super::category::Category;
use super::consent::{Consent, NewConsent};
use super::contact::{Email, Name, Phone};
use super::photo::Photo;
use super::scoring::{CreationTime, Score, ScoringInput};
use super::source::{Source, Utm};
use super::status::LeadStatus;
use super::visitor_id::VisitorId;
use crate::accounts::business::TimeZone;
use crate::contract::Contract;
use crate::id::{BusinessId, LeadId};
use crate::retention;
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the attribute that holds the model of the car that a person test-drove.
pub const CAR_MODEL: &str = "car_model";

/// The validated input that creates a lead.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLead {
    /// Business that the lead belongs to.
    pub business: BusinessId,
    /// Name of the person.
    pub name: Name,
    /// E-mail address.
    pub email: Option<Email>,
    /// Telephone number.
    pub phone: Option<Phone>,
    /// Message of the person.
    pub message: Option<MultiLine>,
    /// Service that the person asked for.
    pub service_interest: Option<SingleLine>,
    /// Source of the lead.
    pub source: Source,
    /// Kind of request.
    pub category: Category,
    /// Marketing campaign.
    pub utm: Utm,
    /// Consent to receive messages.
    pub consent: Option<NewConsent>,
    /// Id of the person as a visitor of the website.
    pub visitor: Option<VisitorId>,
    /// Further attributes.
    pub attributes: Attributes,
}

/// A stored lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lead {
    /// Id of the lead.
    pub id: LeadId,
    /// Business that the lead belongs to.
    pub business: BusinessId,
    /// Contract through which the lead was created.
    pub contract: Contract,
    /// Name of the person.
    pub name: Name,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<Email>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Phone>,
    /// Message of the person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<MultiLine>,
    /// Service that the person asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service_interest: Option<SingleLine>,
    /// Source of the lead.
    pub source: Source,
    /// Kind of request.
    pub category: Category,
    /// Marketing campaign.
    #[serde(skip_serializing_if = "Utm::is_empty", default)]
    pub utm: Utm,
    /// Consent to receive messages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub consent: Option<Consent>,
    /// Id of the person as a visitor of the website, if the request had one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub visitor: Option<VisitorId>,
    /// Further attributes.
    #[serde(flatten)]
    pub attributes: Attributes,
    /// Photo that came with the lead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub photo: Option<Photo>,
    /// Score, as of creation or of the last change that affected it.
    #[serde(default)]
    pub score: Score,
    /// Status of the lead.
    pub status: LeadStatus,
    /// Time at which the person opted out. Recorded apart from the status, so that no later status lifts it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opted_out_at: Option<Timestamp>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Number of the last change, from one.
    pub version: u64,
}

impl Lead {
    /// Creates a lead at `now` through `contract`, for a business in the time zone `zone`.
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
        Self { score: Score::new(&lead.input(CreationTime::of(now, zone))), ..lead }
    }

    /// Returns the score of this lead, which was `old` before a change.
    pub(super) fn score_after_change_of(&self, old: &Self) -> Score {
        // The time of creation does not change, even if the business has moved to another time zone since.
        let created = old.score.creation_time();
        old.score.after_change(&old.input(created), &self.input(created))
    }

    fn input(&self, created: CreationTime) -> ScoringInput<'_> {
        ScoringInput {
            name: &self.name,
            email: self.email.as_ref(),
            phone: self.phone.as_ref(),
            message: self.message.as_ref(),
            service_interest: self.service_interest.as_ref(),
            source: &self.source,
            consented: self.consent.as_ref().is_some_and(|consent| consent.given),
            attributes: &self.attributes,
            created,
        }
    }

    /// Returns the id of the person as a visitor: the one in the request, or one that is derived from the lead's id.
    pub fn visitor_id(&self) -> VisitorId {
        self.visitor.clone().unwrap_or_else(|| VisitorId::for_lead(self.id))
    }

    /// Returns the model of the car that the person test-drove, if known.
    pub fn car_model(&self) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| *name == CAR_MODEL).and_then(|(_, value)| match value {
            AttributeValue::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Returns the time at which the lead and its child records expire.
    pub fn expires_at(&self) -> Timestamp {
        retention::lead_expires_at(self.created_at)
    }
}
