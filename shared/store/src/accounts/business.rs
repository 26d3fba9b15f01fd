//! The businesses of a tenant, in the order in which they were added. The first is the one that is meant where a
//! request names none.
//!
//! Two rules hold across businesses, and each is an item of its own that is written in the same transaction: the
//! number of businesses is a counter with a limit, and a brand id, which is unique within its tenant, is claimed by an
//! item whose key it is.

use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, number, text, to_item};
use crate::table::key_schema::{self as keys, BUSINESS_PREFIX};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::accounts::business::MAX_BUSINESSES;
use domain::{Business, TenantId};

impl Store {
    /// Reads all businesses of a tenant, the oldest first: at most [`MAX_BUSINESSES`].
    pub async fn businesses(&self, tenant: TenantId) -> Result<Vec<Business>, StoreError> {
        let query = self.query(Source::Table, keys::tenant(tenant).pk).sort_key_prefix(BUSINESS_PREFIX);
        query.all().await?.into_iter().map(|item| from_item(item, "a business")).collect()
    }

    /// Returns the writes of a new business. They fail with [`Condition::BusinessLimit`] if the tenant has
    /// [`MAX_BUSINESSES`], and with [`Condition::BrandIdUnused`] if another business has its brand id.
    pub fn put_business(&self, tenant: TenantId, business: &Business) -> Result<Vec<Write>, StoreError> {
        let item = keys::business(tenant, business.id).with(to_item(business)?);
        let count = Write::update(&keys::business_count(tenant), "ADD n :one")
            .require(Condition::BusinessLimit, "attribute_not_exists(n) OR n < :max")
            .value(":one", number(1))
            .value(":max", number(MAX_BUSINESSES));
        let claim = business.brand_id.map(|brand_id| claim_brand_id(tenant, business, brand_id));
        Ok([Write::put(Table::Main, item).require_absent(), count].into_iter().chain(claim).collect())
    }

    /// Stores a business, unless it exists.
    pub async fn add_business(&self, tenant: TenantId, business: &Business) -> Result<(), StoreError> {
        match self.commit(self.put_business(tenant, business)?).await {
            Ok(()) | Err(CommitError::ConditionFailed { condition: Condition::Absent, .. }) => Ok(()),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// Returns the writes that replace the business `old` by `new`. They fail with [`Condition::Unchanged`] if it has
    /// changed since it was read, and with [`Condition::BrandIdUnused`] if another business has its new brand id.
    pub fn replace_business(&self, tenant: TenantId, old: &Business, new: &Business) -> Result<Vec<Write>, StoreError> {
        let item = keys::business(tenant, new.id).with(to_item(new)?);
        let replace = Write::put(Table::Main, item).require_version(old.version);
        if new.brand_id == old.brand_id {
            return Ok(vec![replace]);
        }
        let claim = new.brand_id.map(|brand_id| claim_brand_id(tenant, new, brand_id));
        let release = old.brand_id.map(|brand_id| Write::delete(&keys::brand_id(tenant, brand_id)));
        Ok(std::iter::once(replace).chain(claim).chain(release).collect())
    }
}

/// Returns the write by which a business claims a brand id.
fn claim_brand_id(tenant: TenantId, business: &Business, brand_id: u32) -> Write {
    let owner = Item::from([("business".to_owned(), text(business.id.simple()))]);
    Write::put(Table::Main, keys::brand_id(tenant, brand_id).with(owner)).require_absent_as(Condition::BrandIdUnused)
}
