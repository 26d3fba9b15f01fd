//! `tenant create`

use crate::audit::audit_write;
use crate::random::random_bytes;
use crate::value_parsers::{country, currency, tenant_name, tier, time_zone};
use crate::{CommandError, DataLocation};
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
    Create(NewTenant),
}

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
        let Self::Create(new) = self;
        &new.location
    }

    pub(crate) async fn run(self, store: &Store, clock: &dyn Clock) -> Result<Value, CommandError> {
        let Self::Create(new) = self;
        new.create(store, clock).await
    }
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
