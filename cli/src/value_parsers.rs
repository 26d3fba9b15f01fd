//! Parsers of option values. Their errors say which values are accepted.

use domain::accounts::business::{Country, Currency, TimeZone};
use domain::text::multi_line;
use domain::{BusinessId, Contract, KeyId, Scope, Scopes, TenantId, Tier, Timestamp};

/// Maximum length of a tenant's name, in characters, as `POST /v2/businesses` has it.
const MAX_TENANT_NAME: usize = 200;

/// Maximum length of a key's name, in characters, as `POST /v2/keys` has it.
const MAX_KEY_NAME: usize = 100;

/// A rate limit; `none` is no limit.
#[derive(Clone, Copy, Debug)]
pub struct LimitArg(pub(crate) Option<u64>);

pub(crate) fn limit(text: &str) -> Result<LimitArg, String> {
    match text {
        "none" => Ok(LimitArg(None)),
        text => match text.parse() {
            Ok(number) if number > 0 => Ok(LimitArg(Some(number))),
            // A key that may do nothing is revoked instead.
            _ => Err("must be a whole number from 1, or none".to_owned()),
        },
    }
}

pub(crate) fn tenant_name(text: &str) -> Result<String, String> {
    multi_line(text, MAX_TENANT_NAME)
}

pub(crate) fn key_name(text: &str) -> Result<String, String> {
    multi_line(text, MAX_KEY_NAME)
}

pub(crate) fn tier(text: &str) -> Result<Tier, String> {
    Tier::parse(text).ok_or_else(|| "must be one of free, premium, pro, enterprise".to_owned())
}

pub(crate) fn country(text: &str) -> Result<Country, String> {
    Country::parse(text)
}

pub(crate) fn time_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::parse(text)
}

pub(crate) fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text)
}

pub(crate) fn contract(text: &str) -> Result<Contract, String> {
    Contract::parse(text).ok_or_else(|| format!("must be one of {}", Contract::ALL.map(Contract::name).join(", ")))
}

pub(crate) fn tenant_id(text: &str) -> Result<TenantId, String> {
    TenantId::parse(text).ok_or_else(must_be_uuid)
}

pub(crate) fn business_id(text: &str) -> Result<BusinessId, String> {
    BusinessId::parse(text).ok_or_else(must_be_uuid)
}

pub(crate) fn key_id(text: &str) -> Result<KeyId, String> {
    KeyId::parse(text).ok_or_else(must_be_uuid)
}

pub(crate) fn timestamp(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
}

pub(crate) fn scopes(text: &str) -> Result<Scopes, String> {
    if text == "all" {
        return Ok(Scopes::all());
    }
    text.split(',').map(|name| Scope::parse(name.trim())).collect()
}

fn must_be_uuid() -> String {
    "must be a UUID".to_owned()
}

pub(crate) fn item_limit(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "must be a whole number from 1".to_owned())
}

/// Parses the name of a stack, which becomes part of the names of its functions.
pub(crate) fn stack_name(text: &str) -> Result<String, String> {
    let is_valid = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && text.len() <= 128;
    is_valid
        .then(|| text.to_owned())
        .ok_or_else(|| "must be letters, digits and hyphens, and begin with a letter".to_owned())
}
