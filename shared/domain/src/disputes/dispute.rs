//! Disputes: customers who want their money back.

use crate::disputes::money::Money;
use crate::id::{BusinessId, CustomerId, DisputeId, LeadId, TransactionId};
use crate::leads::MultiLine;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long there is for evidence where nobody says: three weeks, the middle of what card schemes give (ten days to
/// forty-five).
pub const DEFAULT_EVIDENCE_PERIOD: Duration = Duration::from_hours(21 * 24);

/// Why a customer disputes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeReason {
    /// It was another thing than promised.
    NotAsDescribed,
    /// It never came.
    NotReceived,
    /// The customer knows nothing of it.
    Fraudulent,
    /// It was charged twice.
    Duplicate,
    /// A credit that was promised was not given.
    CreditNotProcessed,
    /// It had been cancelled.
    Cancelled,
    /// What came was no good.
    ProductUnacceptable,
    /// Anything else.
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

    /// The name on the wire.
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
}

/// Where a dispute stands. Any status may become any other: a bank may open what it had decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeStatus {
    /// It wants an answer.
    Open,
    /// It was answered, and somebody is to decide.
    UnderReview,
    /// The business keeps the money.
    Won,
    /// The customer gets it back.
    Lost,
}

impl DisputeStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Open, Self::UnderReview, Self::Won, Self::Lost];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::UnderReview => "UNDER_REVIEW",
            Self::Won => "WON",
            Self::Lost => "LOST",
        }
    }
}

/// A dispute as a caller hands one in, already checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDispute {
    /// Whose.
    pub business: BusinessId,
    /// Why.
    pub reason: DisputeReason,
    /// How much.
    pub money: Money,
    /// Who disputes.
    pub customer: Option<CustomerId>,
    /// What is disputed.
    pub transaction: Option<TransactionId>,
    /// The lead that it began with.
    pub lead: Option<LeadId>,
    /// What the customer says.
    pub customer_claim: Option<MultiLine>,
    /// Until when evidence is taken.
    pub evidence_due_by: Option<Timestamp>,
}

/// A stored dispute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// Whose.
    pub business: BusinessId,
    /// Why.
    pub reason: DisputeReason,
    /// How much.
    pub money: Money,
    /// Who disputes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<CustomerId>,
    /// What is disputed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transaction: Option<TransactionId>,
    /// The lead that it began with: erasing that erases this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// What the customer says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer_claim: Option<MultiLine>,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Until when evidence is taken.
    pub evidence_due_by: Timestamp,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes, from one.
    pub version: u64,
}

impl Dispute {
    /// A dispute that is opened at `now`.
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

    /// The dispute in `status` since `now`, or the dispute itself, version and all, when it is in that already.
    pub fn in_status(&self, status: DisputeStatus, now: Timestamp) -> Self {
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
    fn the_same_status_again_changes_nothing() {
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
        assert_eq!(opened.in_status(DisputeStatus::Open, later), opened);
        let won = opened.in_status(DisputeStatus::Won, later);
        assert_eq!((won.version, won.updated_at), (2, later));
    }
}
