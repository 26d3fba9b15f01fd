//! Keys, businesses and the account itself.

use crate::accounts::BusinessBinding;
use crate::fields::Fields;
use crate::json::Json;
use crate::lead::business_id;
use crate::profile::profile;
use domain::accounts::business::{Channel, Country, Currency, TimeZone};
use domain::leads::FieldChange;
use domain::text::single_line;
use domain::{
    Business, BusinessId, Contract, EventType, FieldErrors, KeyRecord, Mode, Scope, Scopes, Tenant, Tier, Timestamp,
};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireKey<'a> {
    id: String,
    name: &'a str,
    prefix: &'a str,
    scopes: Scopes,
    mode: &'static str,
    contract: &'static str,
    business_id: Option<String>,
    tier: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    status: &'static str,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    rotated_to: Option<String>,
    last_used_at: Option<String>,
}

/// A key; `secret` is the key itself, only where it is shown for the one time.
pub fn key(record: &KeyRecord, secret: Option<&str>, last_used: Option<Timestamp>, now: Timestamp) -> Json {
    let status = match (record.revoked_at, record.expires_at) {
        (Some(_), _) => "REVOKED",
        (None, Some(expires)) if expires <= now => "EXPIRED",
        _ => "ACTIVE",
    };
    Json::of(&WireKey {
        id: record.id.to_string(),
        name: &record.name,
        prefix: &record.prefix,
        scopes: record.scopes,
        mode: record.mode.name(),
        contract: record.contract.name(),
        business_id: record.business.map(|business| business.to_string()),
        tier: record.tier.name(),
        key: secret,
        status,
        created_at: record.created_at.to_string(),
        expires_at: record.expires_at.map(|at| at.to_string()),
        revoked_at: record.revoked_at.map(|at| at.to_string()),
        rotated_to: record.rotated_to.map(|key| key.to_string()),
        last_used_at: last_used.map(|at| at.to_string()),
    })
}

/// What a caller says of a new key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyDraft {
    /// What to call it.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The world it opens; the caller's own if absent.
    pub mode: Option<Mode>,
    /// The contract whose prefix it has.
    pub contract: Contract,
    /// The business it is bound to.
    pub business: Option<BusinessId>,
    /// The tier it is issued with.
    pub tier: Option<Tier>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// Reads a new key. Whether it expires in the future is looked at only when the call is new.
pub fn read_key(body: &Map<String, Value>) -> Result<KeyDraft, FieldErrors> {
    let mut fields = Fields::new(body);
    let name = fields.required("name", |text| single_line(text, 100));
    let scopes = fields.many_of("scopes", Scope::ALL, Scope::name);
    if fields.value("scopes").is_none() {
        fields.add_error("scopes", "is required");
    }
    if scopes.as_ref().is_some_and(Vec::is_empty) {
        fields.add_error("scopes", "must not be empty");
    }
    let mode = fields.one_of("mode", &[Mode::Live, Mode::Test], Mode::name);
    let contract = fields.one_of("contract", &Contract::ALL, Contract::name).unwrap_or(Contract::Native);
    let business = fields.optional("businessId", business_id);
    let profile = profile(contract);
    if profile.key_rules().business == BusinessBinding::Required && fields.value("businessId").is_none() {
        let reason = format!("is required: {} keys are always bound to a business", profile.display_name());
        fields.add_error("businessId", reason);
    }
    let tier = fields.one_of("tier", &Tier::ALL, Tier::name);
    let expires_at = fields.time("expiresAt");
    fields.finish()?;
    let name = name.ok_or_else(|| FieldErrors::single("name", "is required"))?;
    let scopes = scopes.unwrap_or_default().into_iter().collect();
    Ok(KeyDraft { name, scopes, mode, contract, business, tier, expires_at })
}

/// Checks that `contract` has keys in `mode`.
pub fn check_key_mode(contract: Contract, mode: Mode) -> Result<(), FieldErrors> {
    let profile = profile(contract);
    match profile.key_rules().prefix(mode) {
        Some(_) => Ok(()),
        None => Err(FieldErrors::single("mode", format!("must be live: {} has no test keys", profile.display_name()))),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireBusiness<'a> {
    id: String,
    name: &'a str,
    country: &'a str,
    time_zone: &'a str,
    currency: &'a str,
    channels: Vec<&'static str>,
    brand_id: Option<u32>,
    created_at: String,
    updated_at: String,
}

/// A business.
pub fn business(business: &Business) -> Json {
    Json::of(&WireBusiness {
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

/// What a caller changes in a business.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BusinessChange {
    /// What it calls itself.
    pub name: Option<String>,
    /// Where it is.
    pub country: Option<Country>,
    /// Its time zone.
    pub time_zone: Option<TimeZone>,
    /// What it charges in.
    pub currency: Option<Currency>,
    /// How it writes to people.
    pub channels: Option<Vec<Channel>>,
    /// The number that `VendorPad`'s callers know it by.
    pub brand_id: FieldChange<u32>,
}

impl BusinessChange {
    /// The business after this change at `now`.
    pub fn apply(self, business: &Business, now: Timestamp) -> Business {
        let brand_id = match self.brand_id {
            FieldChange::Unchanged => business.brand_id,
            FieldChange::Cleared => None,
            FieldChange::Set(number) => Some(number),
        };
        let changed = Business {
            id: business.id,
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

fn read_fields(fields: &mut Fields<'_>) -> BusinessChange {
    let brand_id = match (fields.has("brandId"), fields.value("brandId")) {
        (false, _) => FieldChange::Unchanged,
        (true, None) => FieldChange::Cleared,
        (true, Some(_)) => fields
            .whole("brandId", 1..=i64::from(u32::MAX))
            .and_then(|number| u32::try_from(number).ok())
            .map_or(FieldChange::Unchanged, FieldChange::Set),
    };
    BusinessChange {
        name: fields.optional("name", |text| single_line(text, 200)),
        country: fields.optional("country", Country::parse),
        time_zone: fields.optional("timeZone", TimeZone::parse),
        currency: fields.optional("currency", Currency::parse),
        channels: fields.many_of("channels", &Channel::ALL, Channel::name),
        brand_id,
    }
}

/// Reads a change of a business.
pub fn read_business_change(body: &Map<String, Value>) -> Result<BusinessChange, FieldErrors> {
    const KNOWN: [&str; 6] = ["name", "country", "timeZone", "currency", "channels", "brandId"];
    let mut fields = Fields::new(body);
    if !KNOWN.iter().any(|name| fields.has(name)) {
        return Err(FieldErrors::single("body", format!("must have at least one of {}", KNOWN.join(", "))));
    }
    for fixed in &KNOWN[..5] {
        if fields.has(fixed) && fields.value(fixed).is_none() {
            fields.add_error(fixed, "must not be null");
        }
    }
    let change = read_fields(&mut fields);
    fields.finish()?;
    Ok(change)
}

/// Reads a new business: `name` and `country` are required; UTC, EUR and every channel, e-mail first, where nothing
/// else is said.
pub fn read_new_business(body: &Map<String, Value>, id: BusinessId, now: Timestamp) -> Result<Business, FieldErrors> {
    let mut fields = Fields::new(body);
    for required in ["name", "country"] {
        if fields.value(required).is_none() {
            fields.add_error(required, "is required");
        }
    }
    let change = read_fields(&mut fields);
    fields.finish()?;
    let (Some(name), Some(country)) = (change.name, change.country) else {
        return Err(FieldErrors::single("name", "is required"));
    };
    Ok(Business {
        id,
        name,
        country,
        time_zone: change
            .time_zone
            .map_or_else(|| TimeZone::parse("UTC"), Ok)
            .map_err(|why| FieldErrors::single("timeZone", why))?,
        currency: change
            .currency
            .map_or_else(|| Currency::parse("EUR"), Ok)
            .map_err(|why| FieldErrors::single("currency", why))?,
        channels: change.channels.unwrap_or_else(|| vec![Channel::Email, Channel::Sms, Channel::Whatsapp]),
        brand_id: match change.brand_id {
            FieldChange::Set(number) => Some(number),
            FieldChange::Unchanged | FieldChange::Cleared => None,
        },
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireAccount<'a> {
    tenant_id: String,
    tenant_name: &'a str,
    tier: &'static str,
    mode: &'static str,
    key: Json,
}

/// Who calls: the tenant, the mode and the key.
pub fn tenant(tenant: &Tenant, mode: Mode, key: Json) -> Json {
    Json::of(&WireAccount {
        tenant_id: tenant.id.to_string(),
        tenant_name: &tenant.name,
        tier: tenant.tier.name(),
        mode: mode.name(),
        key,
    })
}

#[derive(Serialize)]
struct WireEventType {
    name: &'static str,
    description: &'static str,
}

/// Every event type with what it means.
pub fn event_types() -> Vec<Json> {
    EventType::ALL
        .iter()
        .map(|event| Json::of(&WireEventType { name: event.name(), description: event.description() }))
        .collect()
}
