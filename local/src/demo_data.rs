//! Demo tenants: one for each contract, created at the first start and unchanged by later ones.

use crate::StartError;
use crate::demo_credentials::{
    DemoCredentials, LeadRescueCredentials, NativeCredentials, RevenueDefendersCredentials, VendorPadCredentials,
};
use auth::ApiKey;
use contract::{BusinessBinding, profile};
use domain::accounts::business::{Channel, Country, Currency, TimeZone};
use domain::accounts::rate_limit::Limits;
use domain::{
    Business, BusinessId, Contract, Environment, InboundSecret, KeyId, KeyRecord, Mode, Scopes, Tenant, TenantId, Tier,
    Timestamp,
};
use store::Store;
use webhook::master_keys::MasterKeys;

/// Definition of a demo tenant and its business.
struct DemoTenant {
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

const NATIVE: DemoTenant = DemoTenant {
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

const REVENUE_DEFENDERS: DemoTenant = DemoTenant {
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

const LEAD_RESCUE: DemoTenant = DemoTenant {
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

/// Brand id of the VendorPad tenant's business.
const BRAND_ID: u32 = 1;

const VENDOR_PAD: DemoTenant = DemoTenant {
    name: "Marigold Weddings",
    contract: Contract::VendorPad,
    tier: Tier::Pro,
    country: "GB",
    time_zone: "Europe/London",
    currency: "GBP",
    channels: &[Channel::Email],
    brand_id: Some(BRAND_ID),
    modes: &[Mode::Live, Mode::Test],
};

impl DemoTenant {
    fn tenant_id(&self) -> TenantId {
        TenantId::derived(&[b"demo", self.contract.name().as_bytes()])
    }

    /// Returns the id of the business. Its time is the epoch, so that it stays the tenant's first business.
    fn business_id(&self) -> BusinessId {
        let derived = BusinessId::derived(&[b"demo", self.contract.name().as_bytes()]);
        BusinessId::new(Timestamp::EPOCH, *derived.bytes())
    }

    /// Returns the id of a key. Its time is the epoch, so that newer keys are listed before it.
    fn key_id(key: &ApiKey) -> KeyId {
        KeyId::new(Timestamp::EPOCH, *KeyId::derived(&[b"demo", key.prefix().as_bytes()]).bytes())
    }

    /// Derives the key of `mode`. The same master keys give the same key, which is stored as a hash only.
    fn key(&self, master_keys: &MasterKeys, mode: Mode) -> Result<ApiKey, StartError> {
        let derive = |part: &str| {
            let context: [&[u8]; 3] = [self.contract.name().as_bytes(), mode.name().as_bytes(), part.as_bytes()];
            master_keys.derive(master_keys.current(), "demo key", &context)
        };
        let mut random = [0; 64];
        random[..32].copy_from_slice(&derive("first")?);
        random[32..].copy_from_slice(&derive("second")?);
        let no_keys = || StartError::InvalidDemoData(format!("{} has no {} keys", self.contract.name(), mode.name()));
        let prefix = profile(self.contract).key_rules().prefix(mode).ok_or_else(no_keys)?;
        Ok(ApiKey::from_random(prefix, &random))
    }

    fn new_business(&self, now: Timestamp) -> Result<Business, StartError> {
        Ok(Business {
            id: self.business_id(),
            name: self.name.to_owned(),
            country: Country::parse(self.country).map_err(StartError::InvalidDemoData)?,
            time_zone: TimeZone::parse(self.time_zone).map_err(StartError::InvalidDemoData)?,
            currency: Currency::parse(self.currency).map_err(StartError::InvalidDemoData)?,
            channels: self.channels.to_vec(),
            brand_id: self.brand_id,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }

    fn key_record(&self, key: &ApiKey, mode: Mode, limits: Limits, now: Timestamp) -> KeyRecord {
        let must_be_bound = profile(self.contract).key_rules().business == BusinessBinding::Required;
        KeyRecord {
            id: Self::key_id(key),
            tenant: self.tenant_id(),
            name: format!("demo ({})", mode.name()),
            prefix: key.prefix().to_owned(),
            hash: key.hash(),
            mode,
            contract: self.contract,
            scopes: Scopes::all(),
            business: must_be_bound.then(|| self.business_id()),
            tier: self.tier,
            limits,
            created_at: now,
            expires_at: None,
            revoked_at: None,
            rotated_to: None,
        }
    }

    /// Creates what does not exist yet, and returns the keys in the order of `modes`.
    async fn create(
        &self,
        store: &Store,
        master_keys: &MasterKeys,
        limits: Option<Limits>,
        now: Timestamp,
    ) -> Result<Vec<String>, StartError> {
        let tenant = Tenant { id: self.tenant_id(), name: self.name.to_owned(), tier: self.tier, created_at: now };
        store.add_tenant(&tenant).await?;
        store.add_business(tenant.id, &self.new_business(now)?).await?;
        let limits = limits.unwrap_or(self.tier.limits());
        let mut keys = Vec::new();
        for mode in self.modes {
            let key = self.key(master_keys, *mode)?;
            let record = self.key_record(&key, *mode, limits, now);
            store.add_key(&record).await?;
            // `add_key` leaves an existing key as it is, and the last start may have had other limits.
            store.commit(store.set_key_limits(&record, limits)?).await?;
            store.copy_business_to_new_key(&record).await?;
            keys.push(key.reveal().to_owned());
        }
        Ok(keys)
    }

    /// Returns the inbound secret of `mode`, creating it if there is none.
    async fn inbound_secret(
        &self,
        store: &Store,
        master_keys: &MasterKeys,
        mode: Mode,
        now: Timestamp,
    ) -> Result<String, StartError> {
        let environment = Environment { tenant: self.tenant_id(), mode };
        let first = InboundSecret::first(master_keys.current(), now);
        let current = store.add_inbound_secret(environment, &first).await?;
        Ok(master_keys.inbound_secret(&environment, current.secret)?.reveal())
    }
}

/// Creates the demo tenants that do not exist yet, and returns all credentials. `limits` replaces the limits of the
/// keys' tiers.
pub(crate) async fn create(
    store: &Store,
    master_keys: &MasterKeys,
    limits: Option<Limits>,
    base_url: String,
    now: Timestamp,
) -> Result<DemoCredentials, StartError> {
    let mut native = NATIVE.create(store, master_keys, limits, now).await?.into_iter();
    let mut revenue_defenders = REVENUE_DEFENDERS.create(store, master_keys, limits, now).await?.into_iter();
    let mut lead_rescue = LEAD_RESCUE.create(store, master_keys, limits, now).await?.into_iter();
    let mut vendor_pad = VENDOR_PAD.create(store, master_keys, limits, now).await?.into_iter();
    Ok(DemoCredentials {
        base_url,
        native: NativeCredentials {
            api_key: native.next().unwrap_or_default(),
            test_api_key: native.next().unwrap_or_default(),
            business_id: NATIVE.business_id().to_string(),
        },
        revenue_defenders: RevenueDefendersCredentials {
            api_key: revenue_defenders.next().unwrap_or_default(),
            business_id: REVENUE_DEFENDERS.business_id().to_string(),
        },
        lead_rescue: LeadRescueCredentials {
            api_key: lead_rescue.next().unwrap_or_default(),
            test_api_key: lead_rescue.next().unwrap_or_default(),
            business_id: LEAD_RESCUE.business_id().to_string(),
            inbound_secret: LEAD_RESCUE.inbound_secret(store, master_keys, Mode::Live, now).await?,
            test_inbound_secret: LEAD_RESCUE.inbound_secret(store, master_keys, Mode::Test, now).await?,
        },
        vendor_pad: VendorPadCredentials {
            api_key: vendor_pad.next().unwrap_or_default(),
            test_api_key: vendor_pad.next().unwrap_or_default(),
            brand_id: BRAND_ID,
        },
    })
}
