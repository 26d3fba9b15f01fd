//! Copies of businesses with API keys.
//!
//! A request that creates a lead and names no business means that of its key: the one that the key is bound to, or else
//! the tenant's first. Authentication does not know the tenant before it has written the key's item, so that reading the
//! business would be a trip more for every process that has not read it in the last seconds. The key's item therefore has
//! a copy of what a lead needs of it ([`LeadBusiness`]), and authentication returns it.
//!
//! **A copy is never older than an acknowledged change.** A change of a business is committed, then copied to every
//! active key of the tenant, and only then acknowledged; a repetition of the request copies again. A copy never replaces
//! that of a later version, so that neither racing changes nor a slow reader can bring an old one back. A key that was
//! issued in between gets its copy after it was stored: either it is among the keys that the change finds, or it reads
//! the changed business.
//!
//! Keys of earlier releases get their copy at their first request. Copies are renewed once a day
//! ([`MAX_BUSINESS_COPY_AGE`]), in case an earlier release, which knows none, has changed a business.

use crate::accounts::key_item::partition_key;
use crate::table::Store;
use crate::table::batch::join_bounded;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{from_item, number, text};
use crate::table::key_schema::{self as keys, API_KEY_PREFIX};
use crate::table::query::Source;
use crate::table::write::Write;
use domain::{Business, BusinessId, KeyRecord, TenantId, Timestamp};
use std::time::Duration;

/// Maximum age of a copy that is used.
pub const MAX_BUSINESS_COPY_AGE: Duration = Duration::from_secs(24 * 3_600);

/// Returns the business that a key means where a request names none; `businesses` has the oldest first.
fn business_of_key(bound: Option<BusinessId>, businesses: &[Business]) -> Option<&Business> {
    match bound {
        Some(id) => businesses.iter().find(|business| business.id == id),
        None => businesses.first(),
    }
}

/// Returns the write of a copy with the key that has this SHA-256; its condition fails for a copy of an earlier version.
fn put_copy(hash: &str, business: &Business, now: Timestamp) -> Write {
    // A tenant's first business may be another one later, but only one that sorts before it.
    let is_newer = "attribute_exists(pk) AND (attribute_not_exists(bi) OR bi > :id OR (bi = :id AND bv <= :version))";
    Write::update_access(&partition_key(hash), "SET bi = :id, bv = :version, bc = :country, bz = :zone, bt = :now")
        .require(Condition::Unchanged, is_newer)
        .value(":id", text(business.id.simple()))
        .value(":version", number(business.version))
        .value(":country", text(business.country.as_str()))
        .value(":zone", text(business.time_zone.as_str()))
        .value(":now", number(now.millis()))
}

impl Store {
    /// Copies the business of a key to its item: of the key with this SHA-256, which is bound to `bound` if that is a
    /// business. `businesses` were read after the key was stored.
    pub async fn copy_business(
        &self,
        hash: &str,
        bound: Option<BusinessId>,
        businesses: &[Business],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(business) = business_of_key(bound, businesses) {
            self.commit_if(vec![put_copy(hash, business, now)]).await?;
        }
        Ok(())
    }

    /// Copies the business of a key that was just stored to its item.
    pub async fn copy_business_to_new_key(&self, key: &KeyRecord) -> Result<(), StoreError> {
        let businesses = self.businesses(key.tenant).await?;
        self.copy_business(&key.hash, key.business, &businesses, key.created_at).await
    }

    /// Copies the businesses of a tenant to all its active keys. To be called after a change of a business, before the
    /// change is acknowledged.
    pub async fn copy_businesses(&self, tenant: TenantId, now: Timestamp) -> Result<(), StoreError> {
        let businesses = self.businesses(tenant).await?;
        let query = self.query(Source::Table, keys::tenant(tenant).pk).sort_key_prefix(API_KEY_PREFIX);
        let mut pages = query.pages();
        while let Some(items) = pages.next().await? {
            let mut active = Vec::new();
            for item in items {
                match from_item::<KeyRecord>(item, "a key record") {
                    Ok(key) if key.revoked_at.is_some() || key.expires_at.is_some_and(|at| at <= now) => {}
                    Ok(key) => active.push(key),
                    // One that a newer release wrote hinders no other; its copy is renewed within a day.
                    Err(error) => tracing::error!(%error, "the business of a key was not copied to its item"),
                }
            }
            let copies = active.iter().map(|key| self.copy_business(&key.hash, key.business, &businesses, now));
            join_bounded(copies).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }
}
