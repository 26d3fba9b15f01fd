//! Payment transactions of customers.

use crate::disputes::money::Money;
use crate::id::{BusinessId, CustomerId, LeadId, TransactionId};
use crate::text::MultiLine;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The status of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransactionStatus {
    /// The payment has not arrived.
    #[default]
    Pending,
    /// The payment has arrived.
    Paid,
    /// The payment was refunded.
    Refunded,
    /// The payment is disputed.
    Disputed,
}

impl TransactionStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Paid, Self::Refunded, Self::Disputed];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Paid => "PAID",
            Self::Refunded => "REFUNDED",
            Self::Disputed => "DISPUTED",
        }
    }

    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Paid => "Paid",
            Self::Refunded => "Refunded",
            Self::Disputed => "Disputed",
        }
    }
}

/// The validated input that creates a transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTransaction {
    /// Business that the transaction belongs to.
    pub business: BusinessId,
    /// Customer who paid.
    pub customer: Option<CustomerId>,
    /// Lead of the customer.
    pub lead: Option<LeadId>,
    /// Amount paid.
    pub money: Money,
    /// Status of the transaction.
    pub status: TransactionStatus,
    /// Description of the payment.
    pub description: Option<MultiLine>,
    /// Time of the payment. The time of creation by default.
    pub occurred_at: Option<Timestamp>,
}

/// A stored transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// Id of the transaction.
    pub id: TransactionId,
    /// Business that the transaction belongs to.
    pub business: BusinessId,
    /// Customer who paid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<CustomerId>,
    /// Lead of the customer. Erasing the lead erases the transaction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// Amount paid.
    pub money: Money,
    /// Status of the transaction.
    pub status: TransactionStatus,
    /// Description of the payment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<MultiLine>,
    /// Time of the payment.
    pub occurred_at: Timestamp,
    /// Time of creation.
    pub created_at: Timestamp,
}

impl Transaction {
    /// Creates a transaction at `now`.
    pub fn new(id: TransactionId, new: NewTransaction, now: Timestamp) -> Self {
        Self {
            id,
            business: new.business,
            customer: new.customer,
            lead: new.lead,
            money: new.money,
            status: new.status,
            description: new.description,
            occurred_at: new.occurred_at.unwrap_or(now),
            created_at: now,
        }
    }
}
