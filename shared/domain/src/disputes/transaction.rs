//! Transactions: what customers paid, or were to pay.

use crate::disputes::money::Money;
use crate::id::{BusinessId, CustomerId, LeadId, TransactionId};
use crate::leads::MultiLine;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransactionStatus {
    /// The money has not come in yet.
    #[default]
    Pending,
    /// It has.
    Paid,
    /// It was given back.
    Refunded,
    /// It is in dispute.
    Disputed,
}

impl TransactionStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Paid, Self::Refunded, Self::Disputed];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Paid => "PAID",
            Self::Refunded => "REFUNDED",
            Self::Disputed => "DISPUTED",
        }
    }
}

/// A transaction as a caller hands one in, already checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTransaction {
    /// Whose.
    pub business: BusinessId,
    /// Who paid.
    pub customer: Option<CustomerId>,
    /// The lead that the customer was.
    pub lead: Option<LeadId>,
    /// How much.
    pub money: Money,
    /// Where it stands.
    pub status: TransactionStatus,
    /// What for.
    pub description: Option<MultiLine>,
    /// When it took place; when it was added where nobody said.
    pub occurred_at: Option<Timestamp>,
}

/// A stored transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// Its id.
    pub id: TransactionId,
    /// Whose.
    pub business: BusinessId,
    /// Who paid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<CustomerId>,
    /// The lead that the customer was: erasing that erases this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// How much.
    pub money: Money,
    /// Where it stands.
    pub status: TransactionStatus,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<MultiLine>,
    /// When it took place.
    pub occurred_at: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Transaction {
    /// A transaction that is added at `now`.
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
