//! Demo tenants: made once, the same at every start on the same data.

use crate::credentials::{Credentials, LeadRescue, Native, RevenueDefenders, VendorPad};
use auth::{ApiKey, KeyPrefix};
use contract::{BusinessBinding, profile};
use domain::accounts::business::{Channel, Country, Currency, TimeZone};
use domain::accounts::tenant::Limits;
use domain::{
    Business, BusinessId, Contract, Environment, InboundSecret, KeyId, KeyRecord, Mode, Scopes, Tenant, TenantId, Tier,
    Timestamp,
};
use store::Store;
use webhook::master_keys::MasterKeys;

/// A demo tenant as it is laid out here.
struct Demo {
    name: &'static str,
    contract: Contract,
    tier: Tier,
    country: &'static str,
    time_zone: &'static str,
    currency: &'static str,
    channels: &'static [Channel],
    brand_id: Option<u32>,
    modes: &'static [Mode],
}

const NATIVE: Demo = Demo {
    name: "Harbour Homes",
    contract: Contract::Native,
    tier: Tier::Enterprise,
    country: "GB",
    time_zone: "Europe/London",
    currency: "GBP",
    channels: &[Channel::Email],
    brand_id: None,
    modes: &[Mode::Live, Mode::Test],
};

const REVENUE_DEFENDERS: Demo = Demo {
    name: "Summit Roofing",
    contract: Contract::RevenueDefenders,
    tier: Tier::Premium,
    country: "US",
    time_zone: "America/New_York",
    currency: "USD",
    channels: &[Channel::Email],
    brand_id: None,
    modes: &[Mode::Live],
};

const LEAD_RESCUE: Demo = Demo {
    name: "Mälaren Motors",
    contract: Contract::LeadRescue,
    tier: Tier::Pro,
    country: "SE",
    time_zone: "Europe/Stockholm",
    currency: "SEK",
    channels: &[Channel::Whatsapp, Channel::Sms, Channel::Email],
    brand_id: None,
    modes: &[Mode::Live, Mode::Test],
};

/// The number of the VendorPad tenant's business.
const BRAND: u32 = 1;

const VENDOR_PAD: Demo = Demo {
    name: "Marigold Weddings",
    contract: Contract::VendorPad,
    tier: Tier::Pro,
    country: "GB",
    time_zone: "Europe/London",
    currency: "GBP",
    channels: &[Channel::Email],
    brand_id: Some(BRAND),
    modes: &[Mode::Live, Mode::Test],
};

/// What keeps the demo from being made.
type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Demo {
    fn tenant(&self) -> TenantId {
        TenantId::derived(&[b"demo", self.contract.name().as_bytes()])
    }

    /// As if made before all others: whatever is added later, it stays the tenant's first.
    fn business(&self) -> BusinessId {
        let derived = BusinessId::derived(&[b"demo", self.contract.name().as_bytes()]);
        BusinessId::new(Timestamp::EPOCH, *derived.bytes())
    }

    /// As if made before all others, so that newer keys are listed before it.
    fn key_id(key: &ApiKey) -> KeyId {
        KeyId::new(Timestamp::EPOCH, *KeyId::derived(&[b"demo", key.prefix().as_bytes()]).bytes())
    }

    /// The same key from the same master keys.
    fn key(&self, masters: &MasterKeys, mode: Mode) -> Result<ApiKey, Failed> {
        let half = |part: &str| {
            let context: [&[u8]; 3] = [self.contract.name().as_bytes(), mode.name().as_bytes(), part.as_bytes()];
            masters.derive(masters.current(), "demo key", &context)
        };
        let mut random = [0; 64];
        random[..32].copy_from_slice(&half("first")?);
        random[32..].copy_from_slice(&half("second")?);
        Ok(ApiKey::from_random(KeyPrefix::of(self.contract, mode), &random))
    }

    /// Makes what is not there yet and answers with its keys, in the order of its modes.
    async fn make(
        &self,
        store: &Store,
        masters: &MasterKeys,
        limits: Option<Limits>,
        now: Timestamp,
    ) -> Result<Vec<String>, Failed> {
        let tenant = Tenant { id: self.tenant(), name: self.name.to_owned(), tier: self.tier, created_at: now };
        store.add_tenant(&tenant).await?;
        let business = Business {
            id: self.business(),
            name: self.name.to_owned(),
            country: Country::parse(self.country)?,
            time_zone: TimeZone::parse(self.time_zone)?,
            currency: Currency::parse(self.currency)?,
            channels: self.channels.to_vec(),
            brand_id: self.brand_id,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        store.add_business(tenant.id, &business).await?;
        let mut keys = Vec::new();
        for mode in self.modes {
            let key = self.key(masters, *mode)?;
            let limits = limits.unwrap_or(self.tier.limits());
            let record = KeyRecord {
                id: Self::key_id(&key),
                tenant: tenant.id,
                name: format!("demo ({})", mode.name()),
                prefix: key.prefix().to_owned(),
                hash: key.hash(),
                mode: *mode,
                contract: self.contract,
                scopes: Scopes::all(),
                // A dealership's key opens that dealership.
                business: (profile(self.contract).key_rules().business == BusinessBinding::Required)
                    .then(|| self.business()),
                tier: self.tier,
                limits,
                created_at: now,
                expires_at: None,
                revoked_at: None,
                rotated_to: None,
            };
            store.add_key(&record).await?;
            // Another start may ask for other limits.
            store.commit(store.set_key_limits(&record, limits)?).await?;
            keys.push(key.reveal().to_owned());
        }
        Ok(keys)
    }

    /// Makes its inbound secret in `mode` if there is none, and answers with the one that there is.
    async fn inbound_secret(
        &self,
        store: &Store,
        masters: &MasterKeys,
        mode: Mode,
        now: Timestamp,
    ) -> Result<String, Failed> {
        let environment = Environment { tenant: self.tenant(), mode };
        let first = InboundSecret::first(masters.current(), now);
        let made = store.add_inbound_secret(environment, &first).await?;
        Ok(masters.inbound_secret(&environment, made.secret)?.reveal())
    }
}

/// Makes the demo tenants where they are missing. `limits` takes the place of their tiers'.
pub(crate) async fn make(
    store: &Store,
    masters: &MasterKeys,
    limits: Option<Limits>,
    base_url: String,
    now: Timestamp,
) -> Result<Credentials, Failed> {
    let mut native = NATIVE.make(store, masters, limits, now).await?.into_iter();
    let mut revenue_defenders = REVENUE_DEFENDERS.make(store, masters, limits, now).await?.into_iter();
    let mut lead_rescue = LEAD_RESCUE.make(store, masters, limits, now).await?.into_iter();
    let mut vendor_pad = VENDOR_PAD.make(store, masters, limits, now).await?.into_iter();
    Ok(Credentials {
        base_url,
        native: Native {
            api_key: native.next().unwrap_or_default(),
            test_api_key: native.next().unwrap_or_default(),
            business_id: NATIVE.business().to_string(),
        },
        revenue_defenders: RevenueDefenders {
            api_key: revenue_defenders.next().unwrap_or_default(),
            business_id: REVENUE_DEFENDERS.business().to_string(),
        },
        lead_rescue: LeadRescue {
            api_key: lead_rescue.next().unwrap_or_default(),
            test_api_key: lead_rescue.next().unwrap_or_default(),
            business_id: LEAD_RESCUE.business().to_string(),
            inbound_secret: LEAD_RESCUE.inbound_secret(store, masters, Mode::Live, now).await?,
            test_inbound_secret: LEAD_RESCUE.inbound_secret(store, masters, Mode::Test, now).await?,
        },
        vendor_pad: VendorPad {
            api_key: vendor_pad.next().unwrap_or_default(),
            test_api_key: vendor_pad.next().unwrap_or_default(),
            brand_id: BRAND,
        },
    })
}
