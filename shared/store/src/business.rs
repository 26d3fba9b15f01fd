//! A tenant's businesses, in the order in which they were added: the first is the one meant where none is named.

use crate::Store;
use crate::commit::{CommitError, Table, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Item, from_item, number, text, to_item};
use crate::keys::{self, BUSINESS_PREFIX, PK, SK};
use domain::{Business, TenantId, accounts::business::MAX_BUSINESSES};

impl Store {
    /// Every business of the tenant, the oldest first; at most [`MAX_BUSINESSES`].
    pub async fn businesses(&self, tenant: TenantId) -> Result<Vec<Business>, StoreError> {
        let mut businesses = Vec::new();
        let mut from = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
                .expression_attribute_values(":pk", text(keys::tenant(tenant).pk))
                .expression_attribute_values(":prefix", text(BUSINESS_PREFIX))
                .set_exclusive_start_key(from)
                .consistent_read(true)
                .send()
                .await?;
            for item in page.items.unwrap_or_default() {
                businesses.push(from_item(item, "a business")?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(businesses);
            }
        }
    }

    /// The writes of a new business, which fail at the second one when the tenant has as many as it may, and at the
    /// third when another has its number.
    pub fn put_business(&self, tenant: TenantId, business: &Business) -> Result<Vec<Write>, StoreError> {
        let item = keys::business(tenant, business.id).with(to_item(business)?);
        let count = Write::update(&keys::business_count(tenant), "ADD n :one")
            .require(Condition::BusinessLimit, "attribute_not_exists(n) OR n < :most")
            .value(":one", number(1))
            .value(":most", number(MAX_BUSINESSES));
        let claimed = business.brand_id.map(|brand| claim_brand(tenant, business, brand));
        Ok([Write::put(Table::Main, item).require_absent(), count].into_iter().chain(claimed).collect())
    }

    /// Adds a business; one that is there already stays as it is.
    pub async fn add_business(&self, tenant: TenantId, business: &Business) -> Result<(), StoreError> {
        match self.commit(self.put_business(tenant, business)?).await {
            Ok(()) | Err(CommitError::ConditionFailed { condition: Condition::Absent, .. }) => Ok(()),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// The writes that put `new` in the place of `old`, which fail at the first one when it has changed since, and at
    /// the second when another business has the new number.
    pub fn replace_business(&self, tenant: TenantId, old: &Business, new: &Business) -> Result<Vec<Write>, StoreError> {
        let item = keys::business(tenant, new.id).with(to_item(new)?);
        let replaced = Write::put(Table::Main, item).require_version(old.version);
        if new.brand_id == old.brand_id {
            return Ok(vec![replaced]);
        }
        let claimed = new.brand_id.map(|brand| claim_brand(tenant, new, brand));
        let released = old.brand_id.map(|brand| Write::delete(&keys::brand(tenant, brand)));
        Ok(std::iter::once(replaced).chain(claimed).chain(released).collect())
    }
}

/// The write that gives a number to `business`, if no other has it.
fn claim_brand(tenant: TenantId, business: &Business, brand: u32) -> Write {
    let mark = keys::brand(tenant, brand).with(Item::from([("business".to_owned(), text(business.id.simple()))]));
    Write::put(Table::Main, mark).require(Condition::BrandIdUnused, "attribute_not_exists(pk)")
}
