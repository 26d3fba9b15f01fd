//! The evidence that each reason of a dispute asks for.
//!
//! A reason stands for several codes of the card networks, which ask for about the same:
//!
//! | reason | Visa | Mastercard | American Express |
//! | --- | --- | --- | --- |
//! | `NOT_AS_DESCRIBED` | 13.3 | 4853 | C31 |
//! | `NOT_RECEIVED` | 13.1 | 4853 | C08 |
//! | `FRAUDULENT` | 10.4 | 4837 | F29 |
//! | `DUPLICATE` | 12.6.1 | 4834 | P08 |
//! | `CREDIT_NOT_PROCESSED` | 13.6, 13.7 | 4853 | C02 |
//! | `CANCELLED` | 13.2, 13.7 | 4853 | C28, C05 |
//! | `PRODUCT_UNACCEPTABLE` | 13.3, 13.5 | 4853 | C32 |
//!
//! Sources: Visa, "Dispute Management Guidelines for Visa Merchants" (how to respond, for each condition); Mastercard,
//! "Chargeback Guide, Merchant Edition" (second presentment, supporting documents for each reason); American Express,
//! "Merchant Operating Guide", chapter 11 (support required for each code).

use crate::disputes::dispute::DisputeReason;
use crate::disputes::evidence::EvidenceCategory::{
    self, Consent, Contract, Delivery, Invoice, Message, Other, Photo, Receipt,
};
use crate::id::EvidenceId;

/// A kind of evidence that a reason asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedEvidence {
    /// Code in API responses.
    pub code: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// The facts that those who decide look for.
    pub explanation: &'static str,
    /// Categories of evidence that are of this kind.
    pub categories: &'static [EvidenceCategory],
}

const fn wanted(
    code: &'static str,
    title: &'static str,
    categories: &'static [EvidenceCategory],
    explanation: &'static str,
) -> WantedEvidence {
    WantedEvidence { code, title, explanation, categories }
}

const TERMS: WantedEvidence = wanted(
    "AGREED_TERMS",
    "Agreed terms or description",
    &[Contract],
    "The contract, quote or description that the customer accepted before the payment.",
);
const WORK: WantedEvidence =
    wanted("RESULT", "Result as delivered", &[Photo], "Photos that show that what was delivered is what was agreed.");
const DELIVERED: WantedEvidence = wanted(
    "PROOF_OF_DELIVERY",
    "Proof of delivery or completion",
    &[Delivery],
    "A signed delivery note, tracking record or completion report, with its date and address.",
);
const CONVERSATION: WantedEvidence = wanted(
    "COMMUNICATION",
    "Communication with the customer",
    &[Message],
    "Messages in which the customer orders, confirms, accepts or asks.",
);
const BILL: WantedEvidence = wanted(
    "INVOICE",
    "Invoice or receipt",
    &[Invoice, Receipt],
    "The itemised invoice or the receipt of the disputed payment.",
);
const AUTHORIZATION: WantedEvidence = wanted(
    "AUTHORIZATION",
    "Authorization by the customer",
    &[Consent, Contract],
    "A signature, a recorded consent or an accepted order that ties the customer to the purchase.",
);
const CANCELLATION_POLICY: WantedEvidence = wanted(
    "CANCELLATION_POLICY",
    "Cancellation policy as accepted",
    &[Contract, Consent],
    "The terms of cancellation, and that the customer accepted them before the payment.",
);
const REFUND_POLICY: WantedEvidence = wanted(
    "REFUND_POLICY",
    "Refund policy as accepted",
    &[Contract],
    "The terms of refunds, and that the customer accepted them before the payment.",
);
const REFUND: WantedEvidence = wanted(
    "REFUND_RECORD",
    "Record of the refund",
    &[Receipt],
    "The record of a refund that was made, with its date and amount, if there was one.",
);
const BOTH_BILLS: WantedEvidence = wanted(
    "SEPARATE_INVOICES",
    "Invoices of both payments",
    &[Invoice],
    "An invoice of each payment, which shows that two things were bought.",
);
const BOTH_RECEIPTS: WantedEvidence = wanted(
    "SEPARATE_RECEIPTS",
    "Receipts of both payments",
    &[Receipt],
    "A receipt of each payment, with different numbers or times.",
);
const CONDITION: WantedEvidence = wanted(
    "CONDITION",
    "Condition at delivery",
    &[Photo],
    "Photos of the condition in which the customer received it.",
);

impl DisputeReason {
    /// Returns the kinds of evidence that the reason asks for, the most important first.
    pub const fn wanted_evidence(self) -> &'static [WantedEvidence] {
        match self {
            Self::NotAsDescribed => &[TERMS, WORK, DELIVERED, CONVERSATION, BILL],
            Self::NotReceived => &[DELIVERED, CONVERSATION, BILL, TERMS],
            Self::Fraudulent => &[AUTHORIZATION, CONVERSATION, DELIVERED, BILL],
            Self::Duplicate => &[BOTH_BILLS, BOTH_RECEIPTS, DELIVERED, CONVERSATION],
            Self::CreditNotProcessed => &[REFUND, REFUND_POLICY, CONVERSATION, BILL],
            Self::Cancelled => &[CANCELLATION_POLICY, CONVERSATION, DELIVERED, BILL],
            Self::ProductUnacceptable => &[CONDITION, TERMS, CONVERSATION, DELIVERED, BILL],
            Self::General => &[TERMS, BILL, DELIVERED, CONVERSATION],
        }
    }

    /// Returns the importance of evidence of `category`, from one, the most important: its place in
    /// [`Self::wanted_evidence`]; what the reason does not ask for comes last.
    pub fn priority(self, category: EvidenceCategory) -> u32 {
        let wanted = self.wanted_evidence();
        let place = wanted.iter().position(|wanted| wanted.categories.contains(&category));
        let last = wanted.len() + usize::from(category == Other);
        u32::try_from(place.unwrap_or(last)).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// Presence of wanted evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecklistStatus {
    /// There is such evidence.
    Present,
    /// Such evidence was declared, and its file has not been uploaded.
    AwaitingUpload,
    /// There is no such evidence.
    Missing,
}

impl ChecklistStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Present, Self::AwaitingUpload, Self::Missing];

    /// Returns the name in API responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Present => "PRESENT",
            Self::AwaitingUpload => "AWAITING_UPLOAD",
            Self::Missing => "MISSING",
        }
    }
}

/// A kind of evidence that a dispute's reason asks for, and whether it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChecklistItem {
    /// The kind.
    pub wanted: &'static WantedEvidence,
    /// Its presence.
    pub status: ChecklistStatus,
    /// The evidence of this kind that is there, oldest first.
    pub evidence: Vec<EvidenceId>,
    /// Set if the history of the dispute's lead is such evidence, which the timeline of a package shows.
    pub in_timeline: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_asks_for_something_once() {
        for reason in DisputeReason::ALL {
            let wanted = reason.wanted_evidence();
            let codes: BTreeSet<_> = wanted.iter().map(|wanted| wanted.code).collect();
            assert!(codes.len() == wanted.len() && wanted.len() >= 3, "{reason:?}");
            assert!(wanted.iter().all(|wanted| !wanted.categories.is_empty()));
        }
    }

    #[test]
    fn wanted_categories_come_first() {
        for reason in DisputeReason::ALL {
            let first = reason.wanted_evidence()[0].categories[0];
            assert_eq!(reason.priority(first), 1, "{reason:?}");
            let last = EvidenceCategory::ALL.into_iter().map(|category| reason.priority(category)).max();
            assert_eq!(last, Some(reason.priority(Other)), "{reason:?}");
        }
        assert!(DisputeReason::NotReceived.priority(Delivery) < DisputeReason::NotReceived.priority(Photo));
    }
}
