//! `key create`, `key list`, `key limit` and `key revoke`

use crate::audit::key_audit_write;
use crate::data_location::usage;
use crate::output::Columns;
use crate::value_parsers::{
    LimitArg, business_id, contract, key_id, key_name, limit, scopes, tenant_id, tier, timestamp,
};
use crate::{CommandError, CommandOutput, DataLocation};
use auth::{IssuedKey, NewKey as NewApiKey};
use clap::{Args, Subcommand, ValueEnum};
use contract::profile;
use domain::accounts::rate_limit::Limits;
use domain::audit::Action;
use domain::{BusinessId, Clock, Contract, KeyId, KeyRecord, Mode, Scope, Scopes, TenantId, Tier, Timestamp};
use serde_json::{Value, json};
use store::{CommitError, Condition, ConflictRetries, KeyRoom, PageRequest, Store};

/// A command for API keys.
#[derive(Subcommand, Clone, Debug)]
pub enum KeyCommand {
    /// Create a key and print it; it cannot be shown again
    #[command(override_usage = usage!("key create", "--tenant <TENANT_ID> [OPTIONS]"))]
    Create(Box<NewKey>),
    /// List the keys of a tenant
    #[command(override_usage = usage!("key list", "--tenant <TENANT_ID> [OPTIONS]"))]
    List {
        /// The tables.
        #[command(flatten)]
        location: DataLocation,
        /// Tenant whose keys to list
        #[arg(long, value_name = "TENANT_ID", value_parser = tenant_id)]
        tenant: TenantId,
    },
    /// Set the rate limits of a key, independently of its tier
    #[command(override_usage = usage!(
        "key limit",
        "--tenant <TENANT_ID> --key <KEY_ID> --per-minute <LIMIT> --per-day <LIMIT> [OPTIONS]"
    ))]
    Limit {
        /// The key.
        #[command(flatten)]
        key: KeyRef,
        /// Maximum number of requests per minute, or none
        #[arg(long, value_name = "LIMIT", value_parser = limit)]
        per_minute: LimitArg,
        /// Maximum number of requests per day, or none
        #[arg(long, value_name = "LIMIT", value_parser = limit)]
        per_day: LimitArg,
    },
    /// Revoke a key; it stops working immediately
    #[command(override_usage = usage!("key revoke", "--tenant <TENANT_ID> --key <KEY_ID> [OPTIONS]"))]
    Revoke(KeyRef),
}

/// Options that name a key.
#[derive(Args, Clone, Debug)]
pub struct KeyRef {
    #[command(flatten)]
    location: DataLocation,
    /// Tenant that the key belongs to
    #[arg(long, value_name = "TENANT_ID", value_parser = tenant_id)]
    tenant: TenantId,
    /// Id of the key, as `key list` shows it
    #[arg(long, value_name = "KEY_ID", value_parser = key_id)]
    key: KeyId,
}

/// Options of `key create`.
#[derive(Args, Clone, Debug)]
pub struct NewKey {
    #[command(flatten)]
    location: DataLocation,
    /// Tenant to create the key for
    #[arg(long, value_name = "TENANT_ID", value_parser = tenant_id)]
    tenant: TenantId,
    /// Name of the key
    #[arg(long, default_value = "operator", value_parser = key_name)]
    name: String,
    /// Scopes of the key
    #[arg(long, default_value = "all", value_parser = scopes, help = scopes_help())]
    scopes: Scopes,
    /// Mode of the key: live or test data
    #[arg(long, value_enum, default_value_t = ModeArg::Live)]
    mode: ModeArg,
    /// Contract that determines the key's prefix: native, revenueDefenders, leadRescue or vendorPad
    #[arg(long, default_value = "native", value_parser = contract)]
    contract: Contract,
    /// Business to bind the key to; the key then has no access outside it
    #[arg(long, value_name = "BUSINESS_ID", value_parser = business_id)]
    business: Option<BusinessId>,
    /// Tier of the key: free, premium, pro or enterprise [default: the contract's or the tenant's]
    #[arg(long, value_parser = tier)]
    tier: Option<Tier>,
    /// Maximum number of requests per minute, or none [default: the tier's]
    #[arg(long, value_name = "LIMIT", value_parser = limit)]
    per_minute: Option<LimitArg>,
    /// Maximum number of requests per day, or none [default: the tier's]
    #[arg(long, value_name = "LIMIT", value_parser = limit)]
    per_day: Option<LimitArg>,
    /// Time at which the key expires (RFC 3339) [default: never]
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    expires_at: Option<Timestamp>,
}

/// Returns the help of `--scopes`, which lists every scope.
fn scopes_help() -> String {
    let names: Vec<_> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    format!("Scopes of the key: all, which is every scope there is, or a comma-separated list of {}", names.join(", "))
}

/// A mode as an option's value.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum ModeArg {
    Live,
    Test,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Live => Self::Live,
            ModeArg::Test => Self::Test,
        }
    }
}

impl KeyCommand {
    pub(crate) fn location(&self) -> &DataLocation {
        match self {
            Self::Create(new) => &new.location,
            Self::List { location, .. } => location,
            Self::Limit { key, .. } | Self::Revoke(key) => &key.location,
        }
    }

    pub(crate) async fn run(self, store: &Store, clock: &dyn Clock) -> Result<CommandOutput, CommandError> {
        let object = match self {
            Self::List { tenant, .. } => return list(store, tenant, clock.now()).await,
            Self::Create(new) => new.create(store, clock).await?,
            Self::Limit { key, per_minute, per_day } => {
                key.limit(store, Limits { minute: per_minute.0, day: per_day.0 }, clock).await?
            }
            Self::Revoke(key) => key.revoke(store, clock).await?,
        };
        Ok(CommandOutput::Object(object))
    }
}

impl NewKey {
    async fn create(self, store: &Store, clock: &dyn Clock) -> Result<Value, CommandError> {
        let tenant = store.tenant(self.tenant).await?.ok_or(CommandError::TenantNotFound(self.tenant))?;
        if let Some(business) = self.business {
            let businesses = store.businesses(self.tenant).await?;
            if !businesses.iter().any(|existing| existing.id == business) {
                return Err(CommandError::BusinessNotFound(business));
            }
        }
        let tier = self.tier.unwrap_or_else(|| profile(self.contract).key_rules().tier(tenant.tier));
        let limits = Limits {
            minute: self.per_minute.map_or(tier.limits().minute, |limit| limit.0),
            day: self.per_day.map_or(tier.limits().day, |limit| limit.0),
        };
        let now = clock.now();
        if let Some(at) = self.expires_at.filter(|at| *at <= now) {
            return Err(CommandError::ExpiresInThePast(at));
        }
        let new = NewApiKey {
            tenant: self.tenant,
            name: self.name,
            mode: self.mode.into(),
            contract: self.contract,
            scopes: self.scopes,
            business: self.business,
            tier,
            limits,
            expires_at: self.expires_at,
        };
        let IssuedKey { key, record } = new.issue(now)?;
        let mut retries = ConflictRetries::default();
        loop {
            let mut writes = store.put_key(&record)?;
            writes.push(key_audit_write(store, Action::KeyCreated, &record, clock)?);
            match store.commit(writes).await {
                Ok(()) => break,
                Err(CommitError::ConditionFailed { condition: Condition::KeyLimit, .. }) => {
                    if let KeyRoom::Full(max) = store.make_room_for_key(record.environment(), now).await? {
                        return Err(CommandError::TooManyKeys(max));
                    }
                }
                Err(error) => return Err(error.into()),
            }
            retries.next_attempt()?;
        }
        store.copy_business_to_new_key(&record).await?;
        let mut created = key_json(&record, None, now);
        created["key"] = key.reveal().into();
        Ok(created)
    }
}

impl KeyRef {
    async fn find(&self, store: &Store) -> Result<KeyRecord, CommandError> {
        store.key(self.tenant, self.key).await?.ok_or(CommandError::KeyNotFound(self.key))
    }

    async fn limit(&self, store: &Store, limits: Limits, clock: &dyn Clock) -> Result<Value, CommandError> {
        let record = self.find(store).await?;
        let mut writes = store.set_key_limits(&record, limits)?;
        writes.push(key_audit_write(store, Action::KeyLimited, &record, clock)?);
        store.commit(writes).await?;
        Ok(json!({ "id": self.key.to_string(), "perMinute": limits.minute, "perDay": limits.day }))
    }

    /// Revokes the key. A key that is revoked already is left as it is, without another audit entry.
    async fn revoke(&self, store: &Store, clock: &dyn Clock) -> Result<Value, CommandError> {
        let record = self.find(store).await?;
        if record.revoked_at.is_none() {
            let mut writes = store.revoke_key(&record, clock.now())?;
            writes.push(key_audit_write(store, Action::KeyRevoked, &record, clock)?);
            store.commit(writes).await?;
        }
        Ok(json!({ "id": self.key.to_string(), "status": "REVOKED" }))
    }
}

/// Columns of the list of keys.
const COLUMNS: Columns = &[
    ("KEY", "id"),
    ("PREFIX", "prefix"),
    ("STATUS", "status"),
    ("TIER", "tier"),
    ("PER MINUTE", "perMinute"),
    ("PER DAY", "perDay"),
    ("LAST USED", "lastUsedAt"),
    ("CREATED", "createdAt"),
    ("EXPIRES", "expiresAt"),
    ("NAME", "name"),
    ("SCOPES", "scopes"),
];

async fn list(store: &Store, tenant: TenantId, now: Timestamp) -> Result<CommandOutput, CommandError> {
    store.tenant(tenant).await?.ok_or(CommandError::TenantNotFound(tenant))?;
    let mut items = Vec::new();
    let mut after = None;
    loop {
        let page = store.keys(tenant, &PageRequest { limit: 100, after }).await?;
        let hashes: Vec<_> = page.items.iter().map(|record| record.hash.clone()).collect();
        let last_used = store.last_used(&hashes).await?;
        items.extend(page.items.iter().zip(last_used).map(|(record, last_used)| key_json(record, last_used, now)));
        after = page.next;
        if after.is_none() {
            return Ok(CommandOutput::List { items, columns: COLUMNS });
        }
    }
}

/// Returns a key as the native contract shows it, without the secret, and with its limits.
fn key_json(record: &KeyRecord, last_used: Option<Timestamp>, now: Timestamp) -> Value {
    let shown = contract::native::key_json(record, None, last_used, now);
    let mut key: Value = serde_json::from_str(shown.as_str()).unwrap_or_default();
    key["perMinute"] = record.limits.minute.into();
    key["perDay"] = record.limits.day.into();
    key
}
