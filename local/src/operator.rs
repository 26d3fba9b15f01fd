//! The operator's commands: tenants and keys, in a local house's data or in an AWS account's tables.

use crate::local_server::{DATABASE_FILE, store_in};
use auth::{ApiKey, KeyPrefix};
use clap::{Args, Subcommand, ValueEnum};
use contract::{BusinessBinding, profile};
use domain::accounts::business::{Channel, Country, Currency, TimeZone};
use domain::accounts::tenant::Limits;
use domain::audit::{Action, Actor, AuditEntry, SubjectId};
use domain::text::multi_line;
use domain::time::SystemClock;
use domain::{
    AuditId, Business, BusinessId, Clock, Contract, Environment, KeyId, KeyRecord, Mode, Scope, Scopes, Tenant,
    TenantId, Tier, Timestamp,
};
use emulator::Database;
use serde_json::{Value, json};
use std::path::PathBuf;
use store::{Connection, PageRequest, Store, Write};

/// Where the tables are.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true)]
pub struct Place {
    /// The data folder of a local house; it may be running.
    #[arg(long, conflicts_with_all = ["table", "access_table"])]
    data: Option<PathBuf>,
    /// The single table of a deployment, in the AWS account and region of the environment.
    #[arg(long, requires = "access_table", env = "LEADHOUSE_TABLE")]
    table: Option<String>,
    /// The access table of a deployment.
    #[arg(long, requires = "table", env = "LEADHOUSE_ACCESS_TABLE")]
    access_table: Option<String>,
}

/// What an operator does.
#[derive(Subcommand, Clone, Debug)]
pub enum Operator {
    /// Tenants
    Tenant {
        /// What to do
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// API keys
    Key {
        /// What to do
        #[command(subcommand)]
        command: KeyCommand,
    },
}

/// What is done to tenants.
#[derive(Subcommand, Clone, Debug)]
pub enum TenantCommand {
    /// Make a tenant with its first business
    Create {
        /// Where
        #[command(flatten)]
        place: Place,
        /// What it calls itself
        #[arg(long, value_parser = name)]
        name: String,
        /// What its keys may spend: free, premium, pro, enterprise
        #[arg(long, default_value = "free", value_parser = tier)]
        tier: Tier,
        /// Its first business's country (ISO 3166-1)
        #[arg(long, default_value = "US", value_parser = country)]
        country: Country,
        /// Its first business's time zone (IANA)
        #[arg(long, default_value = "UTC", value_parser = time_zone)]
        time_zone: TimeZone,
        /// Its first business's currency (ISO 4217)
        #[arg(long, default_value = "USD", value_parser = currency)]
        currency: Currency,
    },
}

/// What is done to keys.
#[derive(Subcommand, Clone, Debug)]
pub enum KeyCommand {
    /// Make a key; it is shown once
    Create(Box<NewKey>),
    /// List a tenant's keys
    List {
        /// Where
        #[command(flatten)]
        place: Place,
        /// Whose
        #[arg(long, value_parser = tenant_id)]
        tenant: TenantId,
    },
    /// Set a key's limits apart from its tier
    Limit {
        /// Where
        #[command(flatten)]
        place: Place,
        /// Whose
        #[arg(long, value_parser = tenant_id)]
        tenant: TenantId,
        /// Which
        #[arg(long, value_parser = key_id)]
        key: KeyId,
        /// Calls a minute: a number or none
        #[arg(long, value_parser = limit)]
        per_minute: Limit,
        /// Calls a day: a number or none
        #[arg(long, value_parser = limit)]
        per_day: Limit,
    },
    /// Revoke a key: dead at once
    Revoke {
        /// Where
        #[command(flatten)]
        place: Place,
        /// Whose
        #[arg(long, value_parser = tenant_id)]
        tenant: TenantId,
        /// Which
        #[arg(long, value_parser = key_id)]
        key: KeyId,
    },
}

/// A key to be made.
#[derive(Args, Clone, Debug)]
pub struct NewKey {
    #[command(flatten)]
    place: Place,
    /// Whose
    #[arg(long, value_parser = tenant_id)]
    tenant: TenantId,
    /// What to call it
    #[arg(long, default_value = "operator", value_parser = key_name)]
    name: String,
    /// What it may do: all, or names with commas between them
    #[arg(long, default_value = "all", value_parser = scopes)]
    scopes: Scopes,
    /// The world it opens
    #[arg(long, value_enum, default_value_t = ModeName::Live)]
    mode: ModeName,
    /// The contract whose prefix it has: native, revenueDefenders, leadRescue, vendorPad
    #[arg(long, default_value = "native", value_parser = contract)]
    contract: Contract,
    /// The business it is bound to
    #[arg(long, value_parser = business_id)]
    business: Option<BusinessId>,
    /// What it may spend, where not its contract's or its tenant's tier
    #[arg(long, value_parser = tier)]
    tier: Option<Tier>,
    /// Calls a minute, apart from the tier: a number or none
    #[arg(long, value_parser = limit)]
    per_minute: Option<Limit>,
    /// Calls a day, apart from the tier: a number or none
    #[arg(long, value_parser = limit)]
    per_day: Option<Limit>,
    /// When it stops working (RFC 3339)
    #[arg(long, value_parser = timestamp)]
    expires_at: Option<Timestamp>,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum ModeName {
    Live,
    Test,
}

/// A limit on the command line; `none` is no limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit(Option<u64>);

fn limit(text: &str) -> Result<Limit, String> {
    match text {
        "none" => Ok(Limit(None)),
        text => text.parse().map(|number| Limit(Some(number))).map_err(|_| "a whole number or none".to_owned()),
    }
}

fn name(text: &str) -> Result<String, String> {
    multi_line(text, 200)
}

fn key_name(text: &str) -> Result<String, String> {
    multi_line(text, 100)
}

fn tier(text: &str) -> Result<Tier, String> {
    Tier::parse(text).ok_or_else(|| "free, premium, pro or enterprise".to_owned())
}

fn country(text: &str) -> Result<Country, String> {
    Country::parse(text)
}

fn time_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::parse(text)
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text)
}

fn contract(text: &str) -> Result<Contract, String> {
    Contract::parse(text).ok_or_else(|| format!("must be one of {}", Contract::ALL.map(Contract::name).join(", ")))
}

fn tenant_id(text: &str) -> Result<TenantId, String> {
    TenantId::parse(text).ok_or_else(|| "a UUID".to_owned())
}

fn business_id(text: &str) -> Result<BusinessId, String> {
    BusinessId::parse(text).ok_or_else(|| "a UUID".to_owned())
}

fn key_id(text: &str) -> Result<KeyId, String> {
    KeyId::parse(text).ok_or_else(|| "a UUID".to_owned())
}

fn timestamp(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(str::to_owned)
}

fn scopes(text: &str) -> Result<Scopes, String> {
    if text == "all" {
        return Ok(Scopes::all());
    }
    text.split(',').map(|name| Scope::parse("scope", name.trim()).map_err(|fault| fault.reason)).collect()
}

/// What keeps a command from being carried out.
type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Place {
    async fn store(&self) -> Result<Store, Failed> {
        if let (Some(table), Some(access_table)) = (&self.table, &self.access_table) {
            return aws_store(table, access_table).await;
        }
        let Some(folder) = &self.data else { return Err("either --data or --table is needed".into()) };
        std::fs::create_dir_all(folder)?;
        let store = store_in(&Database::open(&folder.join(DATABASE_FILE), None, None)?);
        store.create_tables().await?;
        Ok(store)
    }
}

/// The tables of a deployment, with whatever credentials the AWS command line would use.
async fn aws_store(table: &str, access_table: &str) -> Result<Store, Failed> {
    let http = Connection::https();
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http.clone()).load().await;
    let connection = Connection {
        region: config.region().ok_or("the environment names no AWS region")?.to_string(),
        credentials: config.credentials_provider().ok_or("the environment holds no AWS credentials")?,
        endpoint: config.endpoint_url().map(str::to_owned),
        http,
    };
    Ok(Store::new(connection, table, access_table))
}

impl Operator {
    /// Carries the command out and tells what came of it, as JSON.
    pub async fn run(self) -> Result<Value, Failed> {
        match self {
            Self::Tenant { command: TenantCommand::Create { place, name, tier, country, time_zone, currency } } => {
                let now = SystemClock.now();
                let tenant = Tenant { id: TenantId::new(now, random()?), name: name.clone(), tier, created_at: now };
                let business = Business {
                    id: BusinessId::new(now, random()?),
                    name,
                    country,
                    time_zone,
                    currency,
                    channels: vec![Channel::Email, Channel::Sms, Channel::Whatsapp],
                    brand_id: None,
                    created_at: now,
                    updated_at: now,
                    version: 1,
                };
                let store = place.store().await?;
                let environment = Environment { tenant: tenant.id, mode: Mode::Live };
                let traced = trace(&store, environment, Action::TenantCreated, tenant.id.into(), None)?;
                store.commit(vec![store.put_tenant(&tenant)?, traced]).await?;
                let mut writes = store.put_business(tenant.id, &business)?;
                writes.push(trace(
                    &store,
                    environment,
                    Action::BusinessCreated,
                    business.id.into(),
                    Some(business.id),
                )?);
                store.commit(writes).await?;
                Ok(json!({
                    "tenantId": tenant.id.to_string(),
                    "businessId": business.id.to_string(),
                    "name": tenant.name,
                    "tier": tier.name(),
                }))
            }
            Self::Key { command: KeyCommand::Create(new) } => new.create().await,
            Self::Key { command: KeyCommand::List { place, tenant } } => list(&place.store().await?, tenant).await,
            Self::Key { command: KeyCommand::Limit { place, tenant, key, per_minute, per_day } } => {
                let store = place.store().await?;
                let record = store.key(tenant, key).await?.ok_or("no such key")?;
                let mut writes = store.set_key_limits(&record, Limits { minute: per_minute.0, day: per_day.0 })?;
                writes.push(trace_key(&store, Action::KeyLimited, &record)?);
                store.commit(writes).await?;
                Ok(json!({ "id": key.to_string(), "perMinute": per_minute.0, "perDay": per_day.0 }))
            }
            Self::Key { command: KeyCommand::Revoke { place, tenant, key } } => {
                let store = place.store().await?;
                let record = store.key(tenant, key).await?.ok_or("no such key")?;
                if record.revoked_at.is_none() {
                    let mut writes = store.revoke_key(&record, SystemClock.now())?;
                    writes.push(trace_key(&store, Action::KeyRevoked, &record)?);
                    store.commit(writes).await?;
                }
                Ok(json!({ "id": key.to_string(), "status": "REVOKED" }))
            }
        }
    }
}

impl NewKey {
    async fn create(self) -> Result<Value, Failed> {
        let store = self.place.store().await?;
        let tenant = store.tenant(self.tenant).await?.ok_or("no such tenant")?;
        let profile = profile(self.contract);
        let key_rules = profile.key_rules();
        if key_rules.business == BusinessBinding::Required && self.business.is_none() {
            let product = profile.display_name();
            return Err(format!("{product} keys are always bound to a business: --business is required").into());
        }
        let mode = match self.mode {
            ModeName::Live => Mode::Live,
            ModeName::Test => Mode::Test,
        };
        if key_rules.prefix(mode).is_none() {
            return Err(format!("{} has no test keys: --mode must be live", profile.display_name()).into());
        }
        if let Some(business) = self.business {
            let known = store.businesses(self.tenant).await?;
            if !known.iter().any(|known| known.id == business) {
                return Err("no such business".into());
            }
        }
        let usual = key_rules.tier(tenant.tier);
        let tier = self.tier.unwrap_or(usual);
        let limits = Limits {
            minute: self.per_minute.map_or(tier.limits().minute, |limit| limit.0),
            day: self.per_day.map_or(tier.limits().day, |limit| limit.0),
        };
        let now = SystemClock.now();
        let key = ApiKey::generate(KeyPrefix::of(self.contract, mode)).ok_or("no randomness")?;
        let record = KeyRecord {
            id: KeyId::new(now, random()?),
            tenant: self.tenant,
            name: self.name,
            prefix: key.prefix().to_owned(),
            hash: key.hash(),
            mode,
            contract: self.contract,
            scopes: self.scopes,
            business: self.business,
            tier,
            limits,
            created_at: now,
            expires_at: self.expires_at,
            revoked_at: None,
            rotated_to: None,
        };
        let mut writes = store.put_key(&record)?;
        writes.push(trace_key(&store, Action::KeyCreated, &record)?);
        store.commit(writes).await?;
        let mut shown = shown(&record, now);
        shown["key"] = key.reveal().into();
        Ok(shown)
    }
}

/// What the audit log says of something that the operator does, in the mode that it is done in.
fn trace(
    store: &Store,
    environment: Environment,
    action: Action,
    subject: SubjectId,
    business: Option<BusinessId>,
) -> Result<Write, Failed> {
    let at = SystemClock.now();
    let id = AuditId::new(at, random()?);
    let entry = AuditEntry { id, action, actor: Actor::Operator, subject, business, statuses: None, at };
    Ok(store.put_audit_entry(environment, &entry)?)
}

fn trace_key(store: &Store, action: Action, key: &KeyRecord) -> Result<Write, Failed> {
    trace(store, Environment { tenant: key.tenant, mode: key.mode }, action, key.id.into(), key.business)
}

async fn list(store: &Store, tenant: TenantId) -> Result<Value, Failed> {
    let now = SystemClock.now();
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = store.keys(tenant, &PageRequest { limit: 100, after }).await?;
        all.extend(page.items.iter().map(|record| shown(record, now)));
        after = page.next;
        if after.is_none() {
            return Ok(Value::Array(all));
        }
    }
}

fn shown(record: &KeyRecord, now: Timestamp) -> Value {
    serde_json::from_str(contract::native::key(record, None, None, now).as_str()).unwrap_or_default()
}

fn random() -> Result<domain::id::RandomBytes, Failed> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}
