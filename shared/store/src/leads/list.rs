//! Listing leads: the indexes find them by business, status and time; other filters are applied to what was read.

use crate::business_record::RecordFilter;
use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::pagination::{Page, PageRequest};
use domain::leads::{Category, Source};
use domain::{BusinessId, Environment, Lead, LeadStatus, Timestamp};

/// A filter of a list of leads.
#[derive(Clone, Debug, Default)]
pub struct LeadFilter {
    /// Only leads with this status.
    pub status: Option<LeadStatus>,
    /// Only leads with this category.
    pub category: Option<Category>,
    /// Only leads from this source.
    pub source: Option<Source>,
    /// Only leads with this e-mail address, in its normalised form.
    pub email: Option<String>,
    /// Only leads created at this time or later.
    pub created_from: Option<Timestamp>,
    /// Only leads created at this time or earlier.
    pub created_to: Option<Timestamp>,
}

impl LeadFilter {
    /// Returns whether the filter has a part that no index covers.
    fn has_predicate(&self) -> bool {
        self.category.is_some() || self.source.is_some() || self.email.is_some()
    }

    /// Returns whether a lead passes the parts that no index covers.
    fn matches(&self, lead: &Lead) -> bool {
        self.category.is_none_or(|category| lead.category == category)
            && self.source.as_ref().is_none_or(|source| lead.source == *source)
            && self.email.as_ref().is_none_or(|email| lead.email.as_ref().is_some_and(|own| own.normalized() == *email))
    }
}

impl Store {
    /// Reads a page of the leads of `businesses`, newest first.
    pub async fn leads(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        filter: &LeadFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Lead>, StoreError> {
        let matches = |lead: &Lead| filter.matches(lead);
        let filter = RecordFilter {
            index_value: filter.status.map(LeadStatus::name),
            created_from: filter.created_from,
            created_to: filter.created_to,
            predicate: if filter.has_predicate() { Some(&matches) } else { None },
        };
        self.records(environment, businesses, &filter, page, now).await
    }
}
