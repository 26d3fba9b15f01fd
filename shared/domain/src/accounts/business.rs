//! Businesses of a tenant, with their country, time zone and currency.

use crate::accounts::currency_codes::CURRENCY_CODES;
use crate::id::BusinessId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::country::Country;
pub use super::time_zone::TimeZone;

/// Maximum number of businesses of a tenant. A list over all businesses needs one query for each.
pub const MAX_BUSINESSES: usize = 100;

/// A channel for messages to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// `WhatsApp` message.
    Whatsapp,
    /// Text message.
    Sms,
    /// E-mail message.
    Email,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Whatsapp, Self::Sms, Self::Email];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whatsapp => "WHATSAPP",
            Self::Sms => "SMS",
            Self::Email => "EMAIL",
        }
    }

    /// Returns the name for people, as it stands within a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Whatsapp => "WhatsApp",
            Self::Sms => "SMS",
            Self::Email => "e-mail",
        }
    }
}

/// A business of a tenant, such as a dealership, a brand or a branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Business {
    /// Id of the business.
    pub id: BusinessId,
    /// Name, which messages use as the sender.
    pub name: String,
    /// Country, used to read national telephone numbers.
    pub country: Country,
    /// IANA time zone, used for office hours, KPI days and quiet hours.
    pub time_zone: TimeZone,
    /// Currency of its transactions.
    pub currency: Currency,
    /// Channels for messages to people, the preferred one first.
    pub channels: Vec<Channel>,
    /// Number by which callers of the VendorPad contract refer to the business.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub brand_id: Option<u32>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Number of the last change, from one.
    pub version: u64,
}

/// The part of a business that a new lead depends on. API keys have a copy of it, so that creating a lead need not read
/// the business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadBusiness {
    /// Id of the business.
    pub id: BusinessId,
    /// Country, used to read national telephone numbers.
    pub country: Country,
    /// Time zone, used to score a lead by the office hours.
    pub time_zone: TimeZone,
}

impl From<&Business> for LeadBusiness {
    fn from(business: &Business) -> Self {
        Self { id: business.id, country: business.country.clone(), time_zone: business.time_zone.clone() }
    }
}

/// An ISO 4217 currency code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// Parses an assigned code in upper case. Returns the reason as a sentence fragment for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        if CURRENCY_CODES.contains(&text) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be an ISO 4217 code such as EUR".to_owned())
        }
    }

    /// Returns the currency of a code that is known to be assigned.
    pub(super) fn assigned(code: &'static str) -> Self {
        Self(code.to_owned())
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
