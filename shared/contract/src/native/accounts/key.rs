//! API keys.

use crate::accounts::BusinessBinding;
use crate::accounts::business::read_business_id;
use crate::fields::{Fields, required_value, text_format};
use crate::json::Json;
use crate::profile::ContractProfile;
use crate::schema::{ContractName, ModeName, ScopeName, TierName, Time, Uuid, names};
use domain::{BusinessId, Contract, FieldErrors, KeyRecord, KeyRights, Mode, Scope, Scopes, Tier, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Maximum length of a key's name, in characters.
const MAX_NAME_LENGTH: usize = 100;

/// Status of a key.
#[derive(Clone, Copy)]
enum KeyStatus {
    Active,
    Expired,
    Revoked,
}

impl KeyStatus {
    const ALL: [Self; 3] = [Self::Active, Self::Expired, Self::Revoked];

    fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
        }
    }
}

names! {
    /// The status of a key.
    KeyStatusName = KeyStatus::ALL, KeyStatus::name;
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Key")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct KeyJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    name: &'a str,
    prefix: &'a str,
    #[schemars(with = "Vec<ScopeName>")]
    scopes: Scopes,
    #[schemars(with = "ModeName")]
    mode: &'static str,
    #[schemars(with = "ContractName")]
    contract: &'static str,
    #[schemars(with = "Option<Uuid>")]
    business_id: Option<String>,
    #[schemars(with = "TierName")]
    tier: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    key: Option<&'a str>,
    #[schemars(with = "KeyStatusName")]
    status: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Option<Time>")]
    expires_at: Option<String>,
    #[schemars(with = "Option<Time>")]
    revoked_at: Option<String>,
    #[schemars(with = "Option<Uuid>")]
    rotated_to: Option<String>,
    #[schemars(with = "Option<Time>")]
    last_used_at: Option<String>,
}

/// Returns a key. `secret` is the key itself: only the response that creates it shows it.
pub fn key_json(record: &KeyRecord, secret: Option<&str>, last_used: Option<Timestamp>, now: Timestamp) -> Json {
    let status = match (record.revoked_at, record.expires_at) {
        (Some(_), _) => KeyStatus::Revoked,
        (None, Some(expires)) if expires <= now => KeyStatus::Expired,
        _ => KeyStatus::Active,
    };
    Json::of(&KeyJson {
        id: record.id.to_string(),
        name: &record.name,
        prefix: &record.prefix,
        scopes: record.scopes,
        mode: record.mode.name(),
        contract: record.contract.name(),
        business_id: record.business.map(|business| business.to_string()),
        tier: record.tier.name(),
        key: secret,
        status: status.name(),
        created_at: record.created_at.to_string(),
        expires_at: record.expires_at.map(|at| at.to_string()),
        revoked_at: record.revoked_at.map(|at| at.to_string()),
        rotated_to: record.rotated_to.map(|key| key.to_string()),
        last_used_at: last_used.map(|at| at.to_string()),
    })
}

/// Seconds that a rotated key stays valid if the request does not say: 24 hours.
const DEFAULT_GRACE_SECONDS: i64 = 24 * 60 * 60;

/// Maximum number of seconds that a rotated key stays valid: thirty days.
const MAX_GRACE_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Parses `graceSeconds`: how long a rotated key stays valid.
pub fn parse_rotation_grace(fields: Fields<'_>) -> Result<Duration, FieldErrors> {
    let mut fields = fields.with_blank_values();
    let seconds = fields.integer("graceSeconds", 0..=MAX_GRACE_SECONDS).unwrap_or(DEFAULT_GRACE_SECONDS);
    fields.finish()?;
    Ok(Duration::from_secs(seconds.unsigned_abs()))
}

/// Returns the rights of the API key that a response of this module holds; `None` if the body holds none.
///
/// Responses that the release before stored for a replay do not state the rights of their key. The limits are those of
/// its tier.
pub fn rights_of_shown_key(body: &[u8]) -> Option<KeyRights> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ShownKey {
        #[serde(rename = "key")]
        _key: String,
        scopes: Scopes,
        mode: Mode,
        business_id: Option<BusinessId>,
        tier: Tier,
        expires_at: Option<String>,
    }
    let shown: ShownKey = serde_json::from_slice(body).ok()?;
    Some(KeyRights {
        mode: shown.mode,
        scopes: shown.scopes,
        business: shown.business_id,
        limits: shown.tier.limits(),
        expires_at: shown.expires_at.and_then(|at| Timestamp::parse(&at).ok()),
    })
}

/// A request that creates a key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRequest {
    /// Name of the key.
    pub name: String,
    /// Scopes.
    pub scopes: Scopes,
    /// Mode; that of the caller's key if absent.
    pub mode: Option<Mode>,
    /// Contract that the key is issued for.
    pub contract: Contract,
    /// Business that the key is bound to.
    pub business: Option<BusinessId>,
    /// Tier; decided by the contract or the tenant if absent.
    pub tier: Option<Tier>,
    /// Time at which the key expires.
    pub expires_at: Option<Timestamp>,
}

impl KeyRequest {
    /// Parses a request; `name` and `scopes` are required, `contract` defaults to native.
    ///
    /// `profile` is [`crate::profile()`]; it is passed because this module is a part of what that function knows.
    /// That `expiresAt` is in the future is checked later, since it must not fail when the request is replayed.
    pub fn parse(
        fields: Fields<'_>,
        profile: impl FnOnce(Contract) -> &'static dyn ContractProfile,
    ) -> Result<Self, FieldErrors> {
        let mut fields = fields.with_blank_values();
        let name = fields.required("name", text_format::line(MAX_NAME_LENGTH));
        let scopes = fields.many_of("scopes", Scope::ALL, Scope::name);
        fields.require("scopes");
        fields.describe_as_not_empty("scopes");
        if scopes.as_ref().is_some_and(Vec::is_empty) {
            fields.add_error("scopes", "must not be empty");
        }
        let mode = fields.one_of("mode", &[Mode::Live, Mode::Test], Mode::name);
        let contract = fields.one_of("contract", &Contract::ALL, Contract::name).unwrap_or(Contract::Native);
        let business = read_business_id(&mut fields);
        let profile = profile(contract);
        if profile.key_rules().business == BusinessBinding::Required && fields.value("businessId").is_none() {
            let reason = format!("is required: {} keys are always bound to a business", profile.display_name());
            fields.add_error("businessId", reason);
        }
        let tier = fields.one_of("tier", &Tier::ALL, Tier::name);
        let expires_at = fields.timestamp("expiresAt");
        fields.finish()?;
        let scopes = scopes.unwrap_or_default().into_iter().collect();
        Ok(Self { name: required_value("name", name)?, scopes, mode, contract, business, tier, expires_at })
    }
}
