//! `tenant create`, `tenant list` and `tenant limit`

use crate::audit::audit_write;
use crate::data_location::usage;
use crate::key::ModeArg;
use crate::output::Columns;
use crate::random::random_bytes;
use crate::value_parsers::{country, currency, tenant_id, tenant_name, tier, time_zone};
use crate::{CommandError, CommandOutput, DataLocation, Location};
use clap::{Args, Subcommand};
use domain::accounts::business::{Channel, Country, Currency, TimeZone};
use domain::audit::Action;
use domain::{Business, BusinessId, Clock, Environment, Mode, Tenant, TenantId, Tier};
use serde_json::{Value, json};
use store::Store;

/// A command for tenants.
#[derive(Subcommand, Clone, Debug)]
pub enum TenantCommand {
    /// Create a tenant and its first business
    #[command(override_usage = usage!("tenant create", "--name <NAME> [OPTIONS]"))]
    Create(NewTenant),
    /// List all tenants, newest first
    #[command(override_usage = usage!("tenant list", "[OPTIONS]"))]
    List {
        /// The tables.
        #[command(flatten)]
        location: DataLocation,
        /// Read the whole main table of a deployment once, to find tenants of releases that had no list of them. This
        /// is charged like any scan; a data folder is always read so
        #[arg(long)]
        scan: bool,
    },
    /// Set the maximum number of active API keys of a tenant; keys beyond it keep working
    #[command(override_usage = usage!("tenant limit", "--tenant <TENANT_ID> --max-keys <NUMBER> [OPTIONS]"))]
    Limit(TenantLimits),
}

/// Options of `tenant limit`.
#[derive(Args, Clone, Debug)]
pub struct TenantLimits {
    #[command(flatten)]
    location: DataLocation,
    /// Tenant whose limit to set
    #[arg(long, value_name = "TENANT_ID", value_parser = tenant_id)]
    tenant: TenantId,
    /// Mode of the keys: live or test data
    #[arg(long, value_enum, default_value_t = ModeArg::Live)]
    mode: ModeArg,
    /// Maximum number of active keys: 1 to 10000; a new tenant has 50
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=MAX_MAX_KEYS))]
    max_keys: u64,
}

/// Maximum of `--max-keys`. The keys of a tenant are read to count those that are active: some megabytes for this many.
const MAX_MAX_KEYS: u64 = 10_000;

/// Columns of the list of tenants.
const COLUMNS: Columns = &[("TENANT", "tenantId"), ("TIER", "tier"), ("CREATED", "createdAt"), ("NAME", "name")];

/// Options of `tenant create`.
#[derive(Args, Clone, Debug)]
pub struct NewTenant {
    #[command(flatten)]
    location: DataLocation,
    /// Name of the tenant and of its first business
    #[arg(long, value_parser = tenant_name)]
    name: String,
    /// Default tier of the tenant's keys: free, premium, pro or enterprise
    #[arg(long, default_value = "free", value_parser = tier)]
    tier: Tier,
    /// Country of the first business (ISO 3166-1 alpha-2 code)
    #[arg(long, default_value = "US", value_parser = country)]
    country: Country,
    /// Time zone of the first business (IANA name); by default the country's, of several the most populous one
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    time_zone: Option<TimeZone>,
    /// Currency of the first business (ISO 4217 code); by default the country's
    #[arg(long, value_parser = currency)]
    currency: Option<Currency>,
}

impl TenantCommand {
    pub(crate) fn location(&self) -> &DataLocation {
        match self {
            Self::Create(new) => &new.location,
            Self::List { location, .. } => location,
            Self::Limit(limits) => &limits.location,
        }
    }

    pub(crate) async fn run(self, store: &Store, clock: &dyn Clock) -> Result<CommandOutput, CommandError> {
        match self {
            Self::Create(new) => new.create(store, clock).await.map(CommandOutput::Object),
            Self::List { location, scan } => {
                if scan || matches!(location.resolve()?, Location::DataFolder(_)) {
                    store.index_tenants().await?;
                }
                list(store).await
            }
            Self::Limit(limits) => limits.set(store, clock).await.map(CommandOutput::Object),
        }
    }
}

impl TenantLimits {
    async fn set(self, store: &Store, clock: &dyn Clock) -> Result<Value, CommandError> {
        let tenant = store.tenant(self.tenant).await?.ok_or(CommandError::TenantNotFound(self.tenant))?;
        let mode: Mode = self.mode.into();
        let environment = Environment { tenant: tenant.id, mode };
        let audit = audit_write(store, environment, Action::TenantLimited, tenant.id.into(), None, clock)?;
        store.commit(vec![store.set_max_keys(environment, self.max_keys), audit]).await?;
        Ok(json!({ "tenantId": tenant.id.to_string(), "mode": mode.name(), "maxKeys": self.max_keys }))
    }
}

async fn list(store: &Store) -> Result<CommandOutput, CommandError> {
    let tenants = store.tenants().await?;
    let items = tenants.iter().map(|tenant| {
        json!({
            "tenantId": tenant.id.to_string(),
            "name": tenant.name,
            "tier": tenant.tier.name(),
            "createdAt": tenant.created_at.to_string(),
        })
    });
    Ok(CommandOutput::List { items: items.collect(), columns: COLUMNS })
}

impl NewTenant {
    async fn create(self, store: &Store, clock: &dyn Clock) -> Result<Value, CommandError> {
        let now = clock.now();
        let tenant = Tenant {
            id: TenantId::new(now, random_bytes()?),
            name: self.name.clone(),
            tier: self.tier,
            created_at: now,
        };
        let business = Business {
            id: BusinessId::new(now, random_bytes()?),
            name: self.name,
            time_zone: self.time_zone.unwrap_or_else(|| self.country.default_time_zone()),
            currency: self.currency.unwrap_or_else(|| self.country.default_currency()),
            country: self.country,
            channels: vec![Channel::Email, Channel::Sms, Channel::Whatsapp],
            brand_id: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let environment = Environment { tenant: tenant.id, mode: Mode::Live };
        let audit = audit_write(store, environment, Action::TenantCreated, tenant.id.into(), None, clock)?;
        store.commit(vec![store.put_tenant(&tenant)?, audit]).await?;
        let mut writes = store.put_business(tenant.id, &business)?;
        writes.push(audit_write(
            store,
            environment,
            Action::BusinessCreated,
            business.id.into(),
            Some(business.id),
            clock,
        )?);
        store.commit(writes).await?;
        Ok(json!({
            "tenantId": tenant.id.to_string(),
            "businessId": business.id.to_string(),
            "name": tenant.name,
            "tier": self.tier.name(),
        }))
    }
}
