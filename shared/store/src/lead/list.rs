//! Listing leads by business, or by business and status; other filters pass over what is read.

use crate::Store;
use crate::business_record::RecordFilter;
use crate::error::StoreError;
use crate::list::{Page, PageRequest};
use domain::leads::{Category, Source};
use domain::{BusinessId, Environment, Lead, LeadStatus, Timestamp};

/// Which leads are meant.
#[derive(Clone, Debug, Default)]
pub struct LeadFilter {
    /// Only in this status.
    pub status: Option<LeadStatus>,
    /// Only of this category.
    pub category: Option<Category>,
    /// Only from this source.
    pub source: Option<Source>,
    /// Only with this address, in its normal form.
    pub email: Option<String>,
    /// Only made at or after this.
    pub created_from: Option<Timestamp>,
    /// Only made at or before this.
    pub created_to: Option<Timestamp>,
}

impl LeadFilter {
    /// Whether anything is passed over that the index gives.
    fn passes_over(&self) -> bool {
        self.category.is_some() || self.source.is_some() || self.email.is_some()
    }

    fn passes(&self, lead: &Lead) -> bool {
        self.category.is_none_or(|category| lead.category == category)
            && self.source.as_ref().is_none_or(|source| lead.source == *source)
            && self.email.as_ref().is_none_or(|email| lead.email.as_ref().is_some_and(|own| own.normalized() == *email))
    }
}

impl Store {
    /// A page of the leads of `businesses`, newest first.
    pub async fn leads(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        filter: &LeadFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Lead>, StoreError> {
        let passes = |lead: &Lead| filter.passes(lead);
        let filter = RecordFilter {
            index_value: filter.status.map(LeadStatus::name),
            created_from: filter.created_from,
            created_to: filter.created_to,
            predicate: if filter.passes_over() { Some(&passes) } else { None },
        };
        self.records(environment, businesses, &filter, page, now).await
    }
}
