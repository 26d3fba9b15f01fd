//! Resolves the business that a call is about: the one it names, the one its key is bound to, or the tenant's first.

use crate::api_error::ApiError;
use crate::caller::Identity;
use crate::state::ApiState;
use contract::{ErrorKind, ListScope};
use domain::accounts::business::{LeadBusiness, TimeZone};
use domain::time_range::TimeRange;
use domain::{Business, BusinessId, Timestamp};
use store::MAX_BUSINESS_COPY_AGE;

/// The businesses of a caller's tenant, limited to the one that its key is bound to, if it is bound to one.
pub struct Businesses<'a> {
    state: &'a ApiState,
    caller: &'a Identity,
}

impl ApiState {
    /// Returns the businesses that `caller` may access.
    pub fn businesses<'a>(&'a self, caller: &'a Identity) -> Businesses<'a> {
        Businesses { state: self, caller }
    }
}

impl Businesses<'_> {
    /// Returns the error for a business that is not the tenant's, or that the key is not bound to.
    fn foreign_business_error(&self) -> ApiError {
        self.caller.profile().foreign_business_error().into()
    }

    async fn first(&self, accepts: impl Fn(&Business) -> bool) -> Result<Option<Business>, ApiError> {
        let cache = self.state.business_cache();
        Ok(cache.first(self.caller.environment().tenant, self.state.now(), accepts).await?)
    }

    /// Returns the business that a new object belongs to.
    pub async fn resolve(&self, named: Option<BusinessId>) -> Result<Business, ApiError> {
        if let Some(id) = named.or(self.caller.key.business) {
            if !self.caller.may_access(Some(id)) {
                return Err(self.foreign_business_error());
            }
            return self.first(|business| business.id == id).await?.ok_or_else(|| self.foreign_business_error());
        }
        self.first(|_| true).await?.ok_or_else(|| {
            ErrorKind::Conflict("The tenant has no business yet. Create one with POST /v2/businesses.".to_owned())
                .into()
        })
    }

    /// Returns what a new lead needs of its business. Where that is the key's own or the tenant's first, the key has a copy
    /// of it, and nothing is read.
    pub async fn resolve_for_lead(&self, named: Option<BusinessId>) -> Result<LeadBusiness, ApiError> {
        let (key, now) = (&self.caller.key, self.state.now());
        let copy = key.business_copy.as_ref().filter(|copy| now < copy.copied_at.after(MAX_BUSINESS_COPY_AGE));
        if let Some(copy) = copy
            && named.is_none_or(|named| named == copy.business.id)
        {
            return Ok(copy.business.clone());
        }
        let business = self.resolve(named).await?;
        if copy.is_none() {
            self.copy_for_next_call().await;
        }
        Ok(LeadBusiness::from(&business))
    }

    /// Copies the key's business to its item. Once for each key in a day: this trip saves one of every later call.
    async fn copy_for_next_call(&self) {
        let Identity { key, key_hash, .. } = self.caller;
        let store = self.state.store();
        let copied = async {
            // Not from the cache, which may hold what a change has just replaced.
            let businesses = store.businesses(key.environment.tenant).await?;
            store.copy_business(key_hash, key.business, &businesses, self.state.now()).await
        };
        if let Err(error) = copied.await {
            tracing::warn!(%error, "the business of a key was not copied to its item: the next call tries again");
        }
    }

    /// Returns the business with the number that the tenant gave it.
    pub async fn resolve_brand_id(&self, brand_id: u32) -> Result<Business, ApiError> {
        let found = self.first(|business| business.brand_id == Some(brand_id)).await?;
        found.filter(|business| self.caller.may_access(Some(business.id))).ok_or_else(|| self.foreign_business_error())
    }

    /// Returns the businesses that a list covers: the one that is named or that the key is bound to, or else those that
    /// the called contract's lists cover.
    pub async fn in_scope(&self, named: Option<BusinessId>) -> Result<Vec<Business>, ApiError> {
        let named = named.or(self.caller.key.business);
        match (named, self.caller.profile().list_scope()) {
            (None, ListScope::AllBusinesses) => {
                let cache = self.state.business_cache();
                Ok(cache.all(self.caller.environment().tenant, self.state.now()).await?.to_vec())
            }
            (Some(_), _) | (None, ListScope::FirstBusiness) => Ok(vec![self.resolve(named).await?]),
        }
    }

    /// Returns the first and the last instant of a range. Its plain dates are days in the time zone of the business that
    /// is asked for: the one that is named, that the key is bound to, or that the called contract's lists cover; else
    /// in UTC.
    pub async fn instants(
        &self,
        range: TimeRange,
        named: Option<BusinessId>,
    ) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
        let asked_for = named.or(self.caller.key.business);
        let zone = match (asked_for, self.caller.profile().list_scope()) {
            _ if !range.has_dates() => TimeZone::default(),
            (None, ListScope::AllBusinesses) => TimeZone::default(),
            (Some(_), _) | (None, ListScope::FirstBusiness) => self.resolve(asked_for).await?.time_zone,
        };
        Ok(range.in_zone(&zone))
    }

    /// Returns the ids of [`Businesses::in_scope`].
    pub async fn ids_in_scope(&self, named: Option<BusinessId>) -> Result<Vec<BusinessId>, ApiError> {
        Ok(self.in_scope(named).await?.iter().map(|business| business.id).collect())
    }
}
