//! Disputes: customers who claim their money back through their bank.

use crate::disputes::money::Money;
use crate::id::{BusinessId, CustomerId, DisputeId, LeadId, TransactionId};
use crate::text::MultiLine;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Default time in which evidence is accepted, if the request has none: three weeks. Card schemes give between 10 and
/// 45 days.
pub const DEFAULT_EVIDENCE_PERIOD: Duration = Duration::from_hours(21 * 24);

/// The reason of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeReason {
    /// The product differs from its description.
    NotAsDescribed,
    /// The product was not received.
    NotReceived,
    /// The customer did not make the purchase.
    Fraudulent,
    /// The payment was charged twice.
    Duplicate,
    /// A promised refund was not made.
    CreditNotProcessed,
    /// The purchase had been cancelled.
    Cancelled,
    /// The product was defective or unsuitable.
    ProductUnacceptable,
    /// Any other reason.
    General,
}

impl DisputeReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::NotAsDescribed,
        Self::NotReceived,
        Self::Fraudulent,
        Self::Duplicate,
        Self::CreditNotProcessed,
        Self::Cancelled,
        Self::ProductUnacceptable,
        Self::General,
    ];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAsDescribed => "NOT_AS_DESCRIBED",
            Self::NotReceived => "NOT_RECEIVED",
            Self::Fraudulent => "FRAUDULENT",
            Self::Duplicate => "DUPLICATE",
            Self::CreditNotProcessed => "CREDIT_NOT_PROCESSED",
            Self::Cancelled => "CANCELLED",
            Self::ProductUnacceptable => "PRODUCT_UNACCEPTABLE",
            Self::General => "GENERAL",
        }
    }

    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotAsDescribed => "Product not as described",
            Self::NotReceived => "Product not received",
            Self::Fraudulent => "Purchase not made by the customer",
            Self::Duplicate => "Charged twice",
            Self::CreditNotProcessed => "Refund not made",
            Self::Cancelled => "Purchase cancelled",
            Self::ProductUnacceptable => "Product defective or unsuitable",
            Self::General => "Other reason",
        }
    }
}

/// The status of a dispute. Every transition is allowed, because a bank may reopen a dispute that it had decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeStatus {
    /// Awaiting the response of the business.
    Open,
    /// Awaiting the decision of the bank.
    UnderReview,
    /// Decided for the business.
    Won,
    /// Decided for the customer.
    Lost,
}

impl DisputeStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Open, Self::UnderReview, Self::Won, Self::Lost];

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::UnderReview => "UNDER_REVIEW",
            Self::Won => "WON",
            Self::Lost => "LOST",
        }
    }

    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::UnderReview => "Under review",
            Self::Won => "Decided for the merchant",
            Self::Lost => "Decided for the customer",
        }
    }
}

/// The validated input that creates a dispute.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDispute {
    /// Business that the dispute is with.
    pub business: BusinessId,
    /// Reason of the dispute.
    pub reason: DisputeReason,
    /// Disputed amount.
    pub money: Money,
    /// Customer who disputes.
    pub customer: Option<CustomerId>,
    /// Disputed transaction.
    pub transaction: Option<TransactionId>,
    /// Lead of the customer.
    pub lead: Option<LeadId>,
    /// Statement of the customer.
    pub customer_claim: Option<MultiLine>,
    /// Time until which evidence is accepted.
    pub evidence_due_by: Option<Timestamp>,
}

/// A stored dispute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    /// Id of the dispute.
    pub id: DisputeId,
    /// Business that the dispute is with.
    pub business: BusinessId,
    /// Reason of the dispute.
    pub reason: DisputeReason,
    /// Disputed amount.
    pub money: Money,
    /// Customer who disputes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<CustomerId>,
    /// Disputed transaction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transaction: Option<TransactionId>,
    /// Lead of the customer. Erasing the lead erases the dispute.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// Statement of the customer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer_claim: Option<MultiLine>,
    /// Status of the dispute.
    pub status: DisputeStatus,
    /// Time until which evidence is accepted.
    pub evidence_due_by: Timestamp,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Number of the last change, from one.
    pub version: u64,
}

impl Dispute {
    /// Creates an open dispute at `now`.
    pub fn new(id: DisputeId, new: NewDispute, now: Timestamp) -> Self {
        Self {
            id,
            business: new.business,
            reason: new.reason,
            money: new.money,
            customer: new.customer,
            transaction: new.transaction,
            lead: new.lead,
            customer_claim: new.customer_claim,
            status: DisputeStatus::Open,
            evidence_due_by: new.evidence_due_by.unwrap_or_else(|| now.after(DEFAULT_EVIDENCE_PERIOD)),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Returns the dispute with `status` as of `now`. Returns an equal dispute, with the same version, if it already
    /// has that status.
    pub fn with_status(&self, status: DisputeStatus, now: Timestamp) -> Self {
        if status == self.status {
            return self.clone();
        }
        let updated_at = now.max(self.updated_at);
        Self { status, updated_at, version: self.version + 1, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::business::Currency;

    #[test]
    fn setting_the_same_status_changes_nothing() {
        let new = NewDispute {
            business: BusinessId::derived(&[b"b"]),
            reason: DisputeReason::General,
            money: Money { cents: 1, currency: Currency::parse("EUR").expect("a code") },
            customer: None,
            transaction: None,
            lead: None,
            customer_claim: None,
            evidence_due_by: None,
        };
        let opened = Dispute::new(DisputeId::derived(&[b"d"]), new, Timestamp::from_millis(5));
        assert_eq!(opened.evidence_due_by, Timestamp::from_millis(5).after(DEFAULT_EVIDENCE_PERIOD));
        let later = Timestamp::from_millis(9);
        assert_eq!(opened.with_status(DisputeStatus::Open, later), opened);
        let won = opened.with_status(DisputeStatus::Won, later);
        assert_eq!((won.version, won.updated_at), (2, later));
    }
}
