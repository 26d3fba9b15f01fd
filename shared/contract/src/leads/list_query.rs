//! The filter of a list of leads.

use domain::leads::{Category, Source};
use domain::time_range::TimeRange;
use domain::{BusinessId, LeadStatus};

/// The filter of a list of leads: every parameter that at least one contract has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadListQuery {
    /// Business named by its id.
    pub business: Option<BusinessId>,
    /// Business named by the number that the tenant gave it.
    pub brand: Option<u32>,
    /// Only leads in this status.
    pub status: Option<LeadStatus>,
    /// Only leads of this category.
    pub category: Option<Category>,
    /// Only leads from this source.
    pub source: Option<Source>,
    /// Only leads with this normalised e-mail address.
    pub email: Option<String>,
    /// Only leads created in this range.
    pub created: TimeRange,
}
