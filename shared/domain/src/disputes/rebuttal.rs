//! The summary of a merchant's answer to a dispute, from nothing but recorded facts: what is not on record is not claimed.

use crate::disputes::case::DisputeCase;
use crate::disputes::dispute::DisputeReason;
use crate::disputes::transaction::{Transaction, TransactionStatus};
use crate::follow_up::message::{Direction, Message};

impl DisputeReason {
    /// Returns the claim of the reason, in words that complete "the customer claims that".
    pub const fn claim(self) -> &'static str {
        match self {
            Self::NotAsDescribed => "what was delivered differs from its description",
            Self::NotReceived => "what was paid for was not received",
            Self::Fraudulent => "the customer did not make the purchase",
            Self::Duplicate => "the payment was charged twice",
            Self::CreditNotProcessed => "a refund that was due was not made",
            Self::Cancelled => "the purchase had been cancelled",
            Self::ProductUnacceptable => "what was delivered was defective or unsuitable",
            Self::General => "the payment is not owed",
        }
    }
}

/// Returns `1 message` or `3 messages`.
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

impl DisputeCase {
    /// Returns the summary. A blank line separates paragraphs.
    pub fn rebuttal(&self) -> String {
        let merchant = self.business.as_ref().map_or("The merchant", |business| &business.name);
        let opening = format!(
            "{merchant} contests this dispute, in which the customer claims that {}.",
            self.dispute.reason.claim()
        );
        [Some(opening), self.history_in_words()].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    }

    /// Returns what is on record of the customer before the dispute.
    fn history_in_words(&self) -> Option<String> {
        let mut sentences = Vec::new();
        if let Some(lead) = &self.lead {
            let service = lead.service_interest.as_ref().map(|service| format!(" about \"{}\"", service.as_str()));
            let service = service.unwrap_or_default();
            sentences.push(format!("The customer first got in touch on {}{service}.", lead.created_at.day_in_words()));
            if let Some(consent) = lead.consent.as_ref().filter(|consent| consent.given) {
                sentences.push(format!("Consent to be contacted was recorded on {}.", consent.at.day_in_words()));
            }
        }
        sentences.extend(messages_in_words(&self.messages));
        sentences.extend(self.transaction.as_ref().map(payment_in_words));
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }
}

/// Returns how many messages went each way, and when.
fn messages_in_words(messages: &[Message]) -> Option<String> {
    let sent = || messages.iter().filter(|message| message.direction == Direction::Outbound && message.is_sent());
    let received = || messages.iter().filter(|message| message.direction == Direction::Inbound);
    let ways = match (sent().count(), received().count()) {
        (0, 0) => return None,
        (sent, 0) => format!("{} went to the customer", count(sent, "message")),
        (0, received) => format!("{} came from the customer", count(received, "message")),
        (sent, received) => {
            let (sent, received) = (count(sent, "message"), count(received, "message"));
            format!("{sent} went to the customer and {received} came from the customer")
        }
    };
    let days = || sent().chain(received()).map(|message| message.at.unwrap_or(message.created_at).day_in_words());
    let period = match (days().min()?, days().max()?) {
        (first, last) if first == last => format!("on {first}"),
        (first, last) => format!("between {first} and {last}"),
    };
    Some(format!("{ways}, {period}."))
}

/// Returns what is on record of the payment.
fn payment_in_words(transaction: &Transaction) -> String {
    let day = transaction.occurred_at.day_in_words();
    match transaction.status {
        TransactionStatus::Pending => format!("The payment was recorded as pending on {day}."),
        TransactionStatus::Paid | TransactionStatus::Disputed => format!("The payment was made on {day}."),
        TransactionStatus::Refunded => format!("The payment was made on {day}, and is recorded as refunded."),
    }
}
