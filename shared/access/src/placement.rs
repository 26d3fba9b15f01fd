//! Which business a call is about: the one it names, the one its key is bound to, or the tenant's first.

use crate::caller::Caller;
use crate::gate::Gate;
use crate::refused::Refused;
use contract::Refusal;
use domain::{Business, BusinessId, Contract, TenantId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a process may go on with what it knows of a tenant's businesses.
const FRESH: Duration = Duration::from_secs(5);

/// Tenants whose businesses are remembered at once.
const MOST: usize = 1_000;

/// What a process knows of tenants' businesses. They seldom change, and every created lead needs them.
#[derive(Debug, Default)]
pub(crate) struct KnownBusinesses(Mutex<HashMap<TenantId, ReadAt>>);

/// Businesses, and when they were read.
type ReadAt = (Timestamp, Arc<Vec<Business>>);

impl KnownBusinesses {
    fn find(&self, tenant: TenantId, now: Timestamp) -> Option<Arc<Vec<Business>>> {
        let known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (read_at, businesses) = known.get(&tenant)?;
        (now < read_at.after(FRESH) && now >= *read_at).then(|| Arc::clone(businesses))
    }

    fn remember(&self, tenant: TenantId, businesses: &Arc<Vec<Business>>, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(tenant, (now, Arc::clone(businesses)));
    }
}

impl Gate {
    /// The tenant's businesses, the first one first; some seconds old at most.
    async fn businesses(&self, tenant: TenantId) -> Result<Arc<Vec<Business>>, Refused> {
        match self.known_businesses().find(tenant, self.now()) {
            Some(known) => Ok(known),
            None => self.businesses_now(tenant).await,
        }
    }

    async fn businesses_now(&self, tenant: TenantId) -> Result<Arc<Vec<Business>>, Refused> {
        let now = self.now();
        let businesses = Arc::new(self.store().businesses(tenant).await?);
        self.known_businesses().remember(tenant, &businesses, now);
        Ok(businesses)
    }

    /// The tenant's business of this id; one that was added a moment ago is found too.
    async fn business(&self, tenant: TenantId, id: BusinessId) -> Result<Option<Business>, Refused> {
        let find = |all: &[Business]| all.iter().find(|business| business.id == id).cloned();
        match find(&self.businesses(tenant).await?) {
            Some(business) => Ok(Some(business)),
            None => Ok(find(&self.businesses_now(tenant).await?)),
        }
    }
}

impl<S> Caller<S> {
    /// A business that is not the tenant's, or that the key is not bound to.
    fn foreign_business(&self) -> Refused {
        match self.contract {
            Contract::RevenueDefenders => {
                Refusal::Forbidden("The business does not belong to this key's tenant.".to_owned()).into()
            }
            _ => Refusal::NotFound("business").into(),
        }
    }

    /// Whether the key may touch what belongs to `business`.
    pub fn sees(&self, business: Option<BusinessId>) -> bool {
        self.key.business.is_none() || self.key.business == business
    }

    /// The business that something new goes to.
    pub async fn place(&self, named: Option<BusinessId>) -> Result<Business, Refused> {
        let tenant = self.world().tenant;
        if let Some(id) = named.or(self.key.business) {
            if !self.sees(Some(id)) {
                return Err(self.foreign_business());
            }
            return self.gate.business(tenant, id).await?.ok_or_else(|| self.foreign_business());
        }
        let first = match self.gate.businesses(tenant).await?.first().cloned() {
            Some(first) => Some(first),
            None => self.gate.businesses_now(tenant).await?.first().cloned(),
        };
        first.ok_or_else(|| Refusal::Conflict("The tenant has no business yet: POST /v2/businesses.".to_owned()).into())
    }

    /// The business that the tenant gave this number.
    pub async fn place_brand(&self, brand: u32) -> Result<Business, Refused> {
        let tenant = self.world().tenant;
        let find = |all: &[Business]| all.iter().find(|business| business.brand_id == Some(brand)).cloned();
        let found = match find(&self.gate.businesses(tenant).await?) {
            Some(business) => Some(business),
            None => find(&self.gate.businesses_now(tenant).await?),
        };
        found.filter(|business| self.sees(Some(business.id))).ok_or_else(|| self.foreign_business())
    }

    /// The businesses that a list goes over: the one named or bound to; else the first in the contracts that know
    /// one business for each key, or all.
    pub async fn places(&self, named: Option<BusinessId>) -> Result<Vec<BusinessId>, Refused> {
        Ok(self.placed(named).await?.iter().map(|business| business.id).collect())
    }

    /// The same, with what is known of each.
    pub async fn placed(&self, named: Option<BusinessId>) -> Result<Vec<Business>, Refused> {
        let knows_one = matches!(self.contract, Contract::RevenueDefenders | Contract::LeadRescue);
        if named.is_some() || self.key.business.is_some() || knows_one {
            return Ok(vec![self.place(named).await?]);
        }
        Ok(self.gate.businesses(self.world().tenant).await?.to_vec())
    }
}
