//! Tenants.

use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, text, to_item};
use crate::table::key_schema::{self as keys, AT, BUSINESS_PK, PK, SK, TENANT_PREFIX, TENANT_SORT_KEY, TENANTS};
use crate::table::pagination::Position;
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::{Tenant, TenantId};

/// Names a tenant in errors.
const DESCRIPTION: &str = "a tenant";

impl Store {
    /// Returns the write of a new tenant; it fails with [`Condition::Absent`](crate::Condition::Absent) if the tenant
    /// exists.
    pub fn put_tenant(&self, tenant: &Tenant) -> Result<Write, StoreError> {
        let mut item = keys::tenant(tenant.id).with(to_item(tenant)?);
        item.insert(BUSINESS_PK.to_owned(), text(TENANTS));
        item.insert(AT.to_owned(), text(list_position(tenant).as_str()));
        Ok(Write::put(Table::Main, item).require_absent())
    }

    /// Stores a tenant, unless it exists.
    pub async fn add_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        self.commit_if(vec![self.put_tenant(tenant)?]).await?;
        Ok(())
    }

    /// Reads a tenant.
    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.entity(&keys::tenant(tenant), DESCRIPTION).await
    }

    /// Reads all tenants, newest first. Those of earlier releases are missing until [`index_tenants`] has found them.
    ///
    /// [`index_tenants`]: Self::index_tenants
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let found = self.query(Source::BusinessIndex, TENANTS).descending().all().await?;
        found.into_iter().map(|item| from_item(item, DESCRIPTION)).collect()
    }

    /// Adds the tenants to the index that earlier releases have written without it.
    ///
    /// This reads the whole table, as nothing else finds them. It is for the operator alone and no part of any call.
    pub async fn index_tenants(&self) -> Result<(), StoreError> {
        let mut start = None;
        loop {
            let page = Box::pin(
                self.database
                    .sdk()
                    .scan()
                    .table_name(&self.table)
                    .filter_expression("#sk = :sk AND begins_with(#pk, :pk) AND attribute_not_exists(#bp)")
                    .expression_attribute_names("#pk", PK)
                    .expression_attribute_names("#sk", SK)
                    .expression_attribute_names("#bp", BUSINESS_PK)
                    .expression_attribute_values(":pk", text(TENANT_PREFIX))
                    .expression_attribute_values(":sk", text(TENANT_SORT_KEY))
                    .set_exclusive_start_key(start)
                    .send(),
            )
            .await?;
            for item in page.items.unwrap_or_default() {
                self.index_tenant(item).await?;
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    async fn index_tenant(&self, item: Item) -> Result<(), StoreError> {
        let tenant: Tenant = from_item(item, DESCRIPTION)?;
        let update = Write::update(&keys::tenant(tenant.id), "SET #bp = :bp, #at = :at")
            .require_exists()
            .name("#bp", BUSINESS_PK)
            .name("#at", AT)
            .value(":bp", text(TENANTS))
            .value(":at", text(list_position(&tenant).as_str()));
        self.commit_if(vec![update]).await?;
        Ok(())
    }
}

/// Returns the position of a tenant in the list of all.
fn list_position(tenant: &Tenant) -> Position {
    Position::new(tenant.created_at, &tenant.id.simple())
}
