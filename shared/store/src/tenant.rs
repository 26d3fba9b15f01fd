//! Tenants.

use crate::Store;
use crate::commit::{CommitError, Table, Write};
use crate::error::StoreError;
use crate::item::{from_item, to_item};
use crate::keys;
use domain::{Tenant, TenantId};

impl Store {
    /// The write of a new tenant.
    pub fn put_tenant(&self, tenant: &Tenant) -> Result<Write, StoreError> {
        Ok(Write::put(Table::Main, keys::tenant(tenant.id).with(to_item(tenant)?)).require_absent())
    }

    /// Adds a tenant; one that is there already stays as it is.
    pub async fn add_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        match self.commit(vec![self.put_tenant(tenant)?]).await {
            Ok(()) | Err(CommitError::ConditionFailed { .. }) => Ok(()),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// The tenant, if there is one.
    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        let found = self.item(&keys::tenant(tenant)).await?;
        found.map(|item| from_item(item, "a tenant")).transpose()
    }
}
