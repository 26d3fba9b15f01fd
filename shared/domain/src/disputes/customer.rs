//! Customers: people who bought something.

use crate::id::{BusinessId, CustomerId, LeadId};
use crate::leads::contact::{Email, Name, Phone};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A customer as a caller hands one in, already checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCustomer {
    /// Whose.
    pub business: BusinessId,
    /// The lead that became this customer.
    pub lead: Option<LeadId>,
    /// Who.
    pub name: Name,
    /// How to reach them.
    pub email: Option<Email>,
    /// How to reach them.
    pub phone: Option<Phone>,
}

/// A stored customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// Whose.
    pub business: BusinessId,
    /// The lead that became this customer: erasing that erases this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// Who.
    pub name: Name,
    /// How to reach them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<Email>,
    /// How to reach them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Phone>,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Customer {
    /// A customer that is added at `now`.
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
