//! Filters of list requests: the parameters that at least one contract accepts. Each contract's profile reads those
//! that its own document has.

use crate::page::Query;
use crate::record::id;
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::transaction::TransactionStatus;
use domain::leads::{Category, Source};
use domain::{BusinessId, DisputeId, DisputeStatus, LeadId, LeadStatus, Timestamp};

/// The filter of a list of leads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadListQuery {
    /// The business that the caller named by its id.
    pub business: Option<BusinessId>,
    /// The business that the caller named by the number that the tenant gave it.
    pub brand: Option<u32>,
    /// Only leads of this status.
    pub status: Option<LeadStatus>,
    /// Only leads of this category.
    pub category: Option<Category>,
    /// Only leads of this source.
    pub source: Option<Source>,
    /// Only leads with this normalized e-mail address.
    pub email: Option<String>,
    /// Only leads created at or after this time.
    pub created_from: Option<Timestamp>,
    /// Only leads created at or before this time.
    pub created_to: Option<Timestamp>,
}

/// The filter of a list of customers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerListQuery {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// Only customers created at or after this time.
    pub created_from: Option<Timestamp>,
    /// Only customers created at or before this time.
    pub created_to: Option<Timestamp>,
}

/// The filter of a list of transactions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionListQuery {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// Only transactions of this status.
    pub status: Option<TransactionStatus>,
    /// Only transactions created at or after this time.
    pub created_from: Option<Timestamp>,
    /// Only transactions created at or before this time.
    pub created_to: Option<Timestamp>,
}

/// The filter of a list of disputes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DisputeListQuery {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// Only disputes of this status.
    pub status: Option<DisputeStatus>,
    /// Only disputes created at or after this time.
    pub created_from: Option<Timestamp>,
    /// Only disputes created at or before this time.
    pub created_to: Option<Timestamp>,
}

/// The filter of a list of evidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvidenceListQuery {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// Only evidence of this category.
    pub category: Option<EvidenceCategory>,
    /// Only evidence in this dispute.
    pub dispute: Option<DisputeId>,
    /// Only evidence about this lead.
    pub lead: Option<LeadId>,
    /// Only evidence created at or after this time.
    pub created_from: Option<Timestamp>,
    /// Only evidence created at or before this time.
    pub created_to: Option<Timestamp>,
}

/// The parameters of a KPI report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KpiQuery {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// The range of days; the default range if absent.
    pub range: domain::analytics::kpi::DayRange,
}

/// Reads `businessId`.
pub(crate) fn business_parameter(query: &mut Query) -> Option<BusinessId> {
    query.optional("businessId", id(BusinessId::parse))
}

/// Reads `brand_id`, the number that the tenant gave a business.
pub(crate) fn brand_parameter(query: &mut Query) -> Option<u32> {
    query.optional("brand_id", |text| {
        let number = text.parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| format!("must be a whole number from 1 to {}", u32::MAX))
    })
}
