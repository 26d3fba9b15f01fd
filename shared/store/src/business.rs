//! A tenant's businesses, in the order in which they were added: the first is the one meant where none is named.

use crate::Store;
use crate::commit::{CommitError, Place, Write};
use crate::error::StoreError;
use crate::item::{from_item, number, text, to_item};
use crate::keys::{self, BUSINESS_PREFIX, PK, SK};
use domain::{Business, TenantId, business::MOST_BUSINESSES};

impl Store {
    /// Every business of the tenant, the oldest first; at most [`MOST_BUSINESSES`].
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

    /// The writes of a new business, which fail at the second one when the tenant has as many as it may.
    pub fn put_business(&self, tenant: TenantId, business: &Business) -> Result<Vec<Write>, StoreError> {
        let item = keys::business(tenant, business.id).with(to_item(business)?);
        let count = Write::update(&keys::business_count(tenant), "ADD n :one")
            .when("attribute_not_exists(n) OR n < :most")
            .value(":one", number(1))
            .value(":most", number(MOST_BUSINESSES));
        Ok(vec![Write::put(Place::Main, item).if_absent(), count])
    }

    /// Adds a business; one that is there already stays as it is.
    pub async fn add_business(&self, tenant: TenantId, business: &Business) -> Result<(), StoreError> {
        match self.commit(self.put_business(tenant, business)?, None).await {
            Ok(()) | Err(CommitError::Condition { index: 0, .. }) => Ok(()),
            Err(error) => Err(error.contended()),
        }
    }

    /// The write that puts `business` in the place of its version before.
    pub fn replace_business(&self, tenant: TenantId, business: &Business) -> Result<Write, StoreError> {
        let item = keys::business(tenant, business.id).with(to_item(business)?);
        Ok(Write::put(Place::Main, item).when("version = :before").value(":before", number(business.version - 1)))
    }
}
