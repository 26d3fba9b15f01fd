//! Which business a call is about: the one it names, the one its key is bound to, or the tenant's first.

use crate::api_error::ApiError;
use crate::caller::Caller;
use contract::ErrorKind;
use domain::{Business, BusinessId, Contract};

impl<S> Caller<S> {
    /// A business that is not the tenant's, or that the key is not bound to.
    fn foreign_business(&self) -> ApiError {
        match self.contract {
            Contract::RevenueDefenders => {
                ErrorKind::Forbidden("The business does not belong to this key's tenant.".to_owned()).into()
            }
            _ => ErrorKind::NotFound("business").into(),
        }
    }

    /// The tenant's first business that is `wanted`.
    async fn first_business(&self, wanted: impl Fn(&Business) -> bool) -> Result<Option<Business>, ApiError> {
        Ok(self.state.businesses().first(self.environment().tenant, self.state.now(), wanted).await?)
    }

    /// Whether the key may touch what belongs to `business`.
    pub fn sees(&self, business: Option<BusinessId>) -> bool {
        self.key.business.is_none() || self.key.business == business
    }

    /// The business that something new goes to.
    pub async fn place(&self, named: Option<BusinessId>) -> Result<Business, ApiError> {
        if let Some(id) = named.or(self.key.business) {
            if !self.sees(Some(id)) {
                return Err(self.foreign_business());
            }
            let found = self.first_business(|business| business.id == id).await?;
            return found.ok_or_else(|| self.foreign_business());
        }
        self.first_business(|_| true).await?.ok_or_else(|| {
            ErrorKind::Conflict("The tenant has no business yet: POST /v2/businesses.".to_owned()).into()
        })
    }

    /// The business that the tenant gave this number.
    pub async fn place_brand(&self, brand: u32) -> Result<Business, ApiError> {
        let found = self.first_business(|business| business.brand_id == Some(brand)).await?;
        found.filter(|business| self.sees(Some(business.id))).ok_or_else(|| self.foreign_business())
    }

    /// The businesses that a list goes over: the one named or bound to; else the first in the contracts that know
    /// one business for each key, or all.
    pub async fn places(&self, named: Option<BusinessId>) -> Result<Vec<BusinessId>, ApiError> {
        Ok(self.placed(named).await?.iter().map(|business| business.id).collect())
    }

    /// The same, with what is known of each.
    pub async fn placed(&self, named: Option<BusinessId>) -> Result<Vec<Business>, ApiError> {
        let knows_one = matches!(self.contract, Contract::RevenueDefenders | Contract::LeadRescue);
        if named.is_some() || self.key.business.is_some() || knows_one {
            return Ok(vec![self.place(named).await?]);
        }
        Ok(self.state.businesses().all(self.environment().tenant, self.state.now()).await?.to_vec())
    }
}
