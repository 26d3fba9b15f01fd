//! A tenant's businesses.

use crate::id::BusinessId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Businesses that a tenant may have: a list over all of them merges one query for each.
pub const MAX_BUSINESSES: usize = 100;

/// How a business writes to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// `WhatsApp`.
    Whatsapp,
    /// Text messages.
    Sms,
    /// E-mail.
    Email,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Whatsapp, Self::Sms, Self::Email];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whatsapp => "WHATSAPP",
            Self::Sms => "SMS",
            Self::Email => "EMAIL",
        }
    }
}

/// One business of a tenant: a dealership, a brand, a branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Business {
    /// Its id.
    pub id: BusinessId,
    /// What it calls itself.
    pub name: String,
    /// Where it is.
    pub country: Country,
    /// Its IANA time zone.
    pub time_zone: TimeZone,
    /// What it charges in.
    pub currency: Currency,
    /// How it writes to people, the preferred one first.
    pub channels: Vec<Channel>,
    /// The number that VendorPad's callers know it by.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub brand_id: Option<u32>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts changes.
    pub version: u64,
}

/// An ISO 3166-1 alpha-2 code that telephone numbers can be read with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Country(String);

impl Country {
    /// The code, in upper case.
    pub fn parse(text: &str) -> Result<Self, String> {
        let known = text.len() == 2 && text.parse::<phonenumber::country::Id>().is_ok();
        if known { Ok(Self(text.to_owned())) } else { Err("must be an ISO 3166-1 code such as SE".to_owned()) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An IANA time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeZone(String);

impl Default for TimeZone {
    /// UTC.
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

impl TimeZone {
    /// A name of the zone database, such as `Europe/Stockholm`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match jiff::tz::TimeZone::get(text) {
            Ok(zone) => Ok(Self(zone.iana_name().unwrap_or("UTC").to_owned())),
            Err(_) => Err("must be an IANA time zone such as Europe/Stockholm".to_owned()),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `at` lies between Monday and Friday, from nine o'clock until before five, here.
    pub fn is_in_office_hours(&self, at: Timestamp) -> bool {
        use jiff::civil::Weekday::{Saturday, Sunday};
        let (Ok(zone), Ok(instant)) =
            (jiff::tz::TimeZone::get(&self.0), jiff::Timestamp::from_millisecond(at.millis()))
        else {
            return false;
        };
        let local = instant.to_zoned(zone);
        !matches!(local.weekday(), Saturday | Sunday) && (9..17).contains(&local.hour())
    }
}

/// An ISO 4217 code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// The code, in upper case. Checked for form: the list of codes changes more often than this program.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be an ISO 4217 code such as EUR".to_owned())
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
