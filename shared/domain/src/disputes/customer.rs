//! Customers of a business.

use crate::id::{BusinessId, CustomerId, LeadId};
use crate::leads::contact::{Email, Name, Phone};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The validated input that creates a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCustomer {
    /// Business that the customer belongs to.
    pub business: BusinessId,
    /// Lead that became this customer.
    pub lead: Option<LeadId>,
    /// Name of the person.
    pub name: Name,
    /// E-mail address.
    pub email: Option<Email>,
    /// Telephone number.
    pub phone: Option<Phone>,
}

/// A stored customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Id of the customer.
    pub id: CustomerId,
    /// Business that the customer belongs to.
    pub business: BusinessId,
    /// Lead that became this customer. Erasing the lead erases the customer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// Name of the person.
    pub name: Name,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<Email>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Phone>,
    /// Time of creation.
    pub created_at: Timestamp,
}

impl Customer {
    /// Creates a customer at `now`.
    pub fn new(id: CustomerId, new: NewCustomer, now: Timestamp) -> Self {
        Self {
            id,
            business: new.business,
            lead: new.lead,
            name: new.name,
            email: new.email,
            phone: new.phone,
            created_at: now,
        }
    }
}
