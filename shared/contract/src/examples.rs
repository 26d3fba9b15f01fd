//! Objects that the examples of API descriptions show, made from the examples of requests.

pub(crate) mod records;

use crate::body::parse_body;
use crate::fields::{Fields, UnknownFields};
use crate::leads::LeadRequest;
use crate::native::BusinessRequest;
use domain::accounts::business::LeadBusiness;
use domain::id::{RandomBytes, derived};
use domain::{
    Business, BusinessId, Contract, Environment, FieldErrors, Lead, LeadId, Mode, Tenant, TenantId, Tier, Timestamp,
};

/// The time of all examples: 2026-11-26T12:00:00.000Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_694_400_000);

/// Returns random bytes that are the same in every run, for an example of the kind `what`.
pub(crate) fn random_bytes(what: &str) -> RandomBytes {
    derived(&[b"example", what.as_bytes()]).into_bytes()
}

/// Reads the JSON text of an example with `read`.
///
/// # Panics
///
/// Panics if the example is not accepted: examples are constants.
pub(crate) fn read<T>(example: &str, read: impl FnOnce(Fields<'_>) -> Result<T, FieldErrors>) -> T {
    let object = parse_body(example.as_bytes()).unwrap_or_else(|errors| panic!("{example}: {errors}"));
    read(Fields::new(&object, UnknownFields::Rejected)).unwrap_or_else(|errors| panic!("{example}: {errors}"))
}

/// Returns the tenant of the examples.
pub(crate) fn tenant() -> Tenant {
    let id = TenantId::new(NOW, random_bytes("tenant"));
    Tenant { id, name: "Nordic Homes Group".to_owned(), tier: Tier::Pro, created_at: NOW }
}

/// Returns the live environment of the tenant.
pub(crate) fn environment() -> Environment {
    Environment { tenant: tenant().id, mode: Mode::Live }
}

/// Returns a business of the example.
pub(crate) fn business() -> Business {
    let request = read(BUSINESS, BusinessRequest::parse);
    request.create(BusinessId::new(NOW, random_bytes("business")), NOW)
}

/// A request that creates a business.
pub(crate) const BUSINESS: &str = r#"{
  "name": "Nordic Homes",
  "country": "SE",
  "channels": ["EMAIL", "SMS"]
}"#;

/// Returns the lead that a request through `contract` creates.
pub(crate) fn lead(
    contract: Contract,
    request: &str,
    parse: impl FnOnce(Fields<'_>) -> Result<LeadRequest, FieldErrors>,
) -> Lead {
    let business = business();
    let request =
        read(request, parse).in_business(&LeadBusiness::from(&business)).unwrap_or_else(|errors| panic!("{errors}"));
    Lead::new(LeadId::new(NOW, random_bytes("lead")), contract, request, &business.time_zone, NOW)
}

/// The text of a signing secret.
pub(crate) const SIGNING_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
