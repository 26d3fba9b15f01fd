//! Tenants.

use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::item::to_item;
use crate::table::key_schema as keys;
use crate::table::write::{Table, Write};
use domain::{Tenant, TenantId};

impl Store {
    /// Returns the write of a new tenant; it fails with [`Condition::Absent`](crate::Condition::Absent) if the tenant
    /// exists.
    pub fn put_tenant(&self, tenant: &Tenant) -> Result<Write, StoreError> {
        Ok(Write::put(Table::Main, keys::tenant(tenant.id).with(to_item(tenant)?)).require_absent())
    }

    /// Stores a tenant, unless it exists.
    pub async fn add_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        self.commit_if(vec![self.put_tenant(tenant)?]).await?;
        Ok(())
    }

    /// Reads a tenant.
    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.entity(&keys::tenant(tenant), "a tenant").await
    }
}
