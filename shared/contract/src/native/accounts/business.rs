//! Businesses.

use crate::fields::{Fields, required_value, text_format};
use crate::json::Json;
use crate::schema::{ChannelName, Time, Uuid};
use domain::accounts::business::{Channel, Country, Currency, TimeZone};
use domain::leads::FieldChange;
use domain::{Business, BusinessId, FieldErrors, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

/// Maximum length of a business's name, in characters.
const MAX_NAME_LENGTH: usize = 200;

/// Channels of a business that is created without any, in the order of preference.
const DEFAULT_CHANNELS: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Whatsapp];

/// The fields that can be changed.
const FIELDS: [&str; 6] = ["name", "country", "timeZone", "currency", "channels", "brandId"];

/// The fields that a change may send back as they were fetched.
const READ_ONLY: [&str; 3] = ["id", "createdAt", "updatedAt"];

/// The fields that can be changed but not cleared.
const NOT_NULL: [&str; 5] = ["name", "country", "timeZone", "currency", "channels"];

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Business")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct BusinessJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    name: &'a str,
    country: &'a str,
    time_zone: &'a str,
    currency: &'a str,
    #[schemars(with = "Vec<ChannelName>")]
    channels: Vec<&'static str>,
    brand_id: Option<u32>,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

/// Returns a business.
pub fn business_json(business: &Business) -> Json {
    Json::of(&BusinessJson {
        id: business.id.to_string(),
        name: &business.name,
        country: business.country.as_str(),
        time_zone: business.time_zone.as_str(),
        currency: business.currency.as_str(),
        channels: business.channels.iter().map(|channel| channel.name()).collect(),
        brand_id: business.brand_id,
        created_at: business.created_at.to_string(),
        updated_at: business.updated_at.to_string(),
    })
}

/// A request that changes a business.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BusinessChange {
    /// Name.
    pub name: Option<String>,
    /// Country.
    pub country: Option<Country>,
    /// Time zone.
    pub time_zone: Option<TimeZone>,
    /// Currency of amounts that have none.
    pub currency: Option<Currency>,
    /// Channels of follow-up messages, in the order of preference.
    pub channels: Option<Vec<Channel>>,
    /// Number that VendorPad's callers name the business by.
    pub brand_id: FieldChange<u32>,
}

impl BusinessChange {
    /// Parses a request; at least one field is required.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        fields.require_one_of(&FIELDS);
        fields.read_only(&READ_ONLY);
        fields.reject_null(&NOT_NULL);
        let change = Self::read(&mut fields);
        fields.finish()?;
        Ok(change)
    }

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            name: fields.optional("name", text_format::line(MAX_NAME_LENGTH)),
            country: fields.optional("country", text_format::country()),
            time_zone: fields.optional("timeZone", text_format::time_zone()),
            currency: fields.optional("currency", text_format::currency()),
            channels: fields.many_of("channels", &Channel::ALL, Channel::name),
            brand_id: fields.number_change("brandId"),
        }
    }

    /// Returns the changed business. Time and version of the change are set only if something differs.
    pub fn apply(self, business: &Business, now: Timestamp) -> Business {
        let brand_id = match self.brand_id {
            FieldChange::Unchanged => business.brand_id,
            FieldChange::Cleared => None,
            FieldChange::Set(number) => Some(number),
        };
        let changed = Business {
            name: self.name.unwrap_or_else(|| business.name.clone()),
            country: self.country.unwrap_or_else(|| business.country.clone()),
            time_zone: self.time_zone.unwrap_or_else(|| business.time_zone.clone()),
            currency: self.currency.unwrap_or_else(|| business.currency.clone()),
            channels: self.channels.unwrap_or_else(|| business.channels.clone()),
            brand_id,
            ..business.clone()
        };
        if changed == *business {
            return changed;
        }
        Business { updated_at: now.max(business.updated_at), version: business.version + 1, ..changed }
    }
}

/// Checks that a change sends back the read-only fields of a business, which `current` shows, as they are.
pub fn check_read_only_business_fields(fields: &Fields<'_>, current: &Json) -> Result<(), FieldErrors> {
    fields.check_read_only(&READ_ONLY, current, "is read-only: leave it out, or send it back as it is")
}

/// A request that creates a business.
#[derive(Clone, Debug, PartialEq)]
pub struct BusinessRequest {
    name: String,
    country: Country,
    time_zone: TimeZone,
    currency: Currency,
    channels: Vec<Channel>,
    brand_id: Option<u32>,
}

impl BusinessRequest {
    /// Parses a request; `name` and `country` are required. Time zone and currency default to the country's, the
    /// channels to all.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        fields.require("name");
        fields.require("country");
        let given = BusinessChange::read(&mut fields);
        fields.finish()?;
        let country = required_value("country", given.country)?;
        Ok(Self {
            name: required_value("name", given.name)?,
            time_zone: given.time_zone.unwrap_or_else(|| country.default_time_zone()),
            currency: given.currency.unwrap_or_else(|| country.default_currency()),
            country,
            channels: given.channels.unwrap_or_else(|| DEFAULT_CHANNELS.to_vec()),
            brand_id: match given.brand_id {
                FieldChange::Set(number) => Some(number),
                FieldChange::Unchanged | FieldChange::Cleared => None,
            },
        })
    }

    /// Returns the business to create.
    pub fn create(self, id: BusinessId, now: Timestamp) -> Business {
        Business {
            id,
            name: self.name,
            country: self.country,
            time_zone: self.time_zone,
            currency: self.currency,
            channels: self.channels,
            brand_id: self.brand_id,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}
