//! The summary of a merchant's answer to a dispute, from nothing but recorded facts: what is not on record is not claimed.

use crate::disputes::case::DisputeCase;
use crate::disputes::checklist::{ChecklistItem, ChecklistStatus};
use crate::disputes::dispute::DisputeReason;
use crate::follow_up::message::{Direction, Message};
use crate::time::Timestamp;

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

/// Returns the date of a time in UTC, `2026-05-25`.
fn date(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// Returns `1 message` or `3 messages`.
fn count(number: usize, what: &str) -> String {
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
        [Some(opening), self.history_in_words(), evidence_in_words(&self.checklist())]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    /// Returns what is on record of the customer before the dispute.
    fn history_in_words(&self) -> Option<String> {
        let mut sentences = Vec::new();
        if let Some(lead) = &self.lead {
            let service = lead.service_interest.as_ref().map(|service| format!(" about \"{}\"", service.as_str()));
            let service = service.unwrap_or_default();
            sentences.push(format!("The customer first got in touch on {}{service}.", date(lead.created_at)));
            if let Some(consent) = lead.consent.as_ref().filter(|consent| consent.given) {
                sentences.push(format!("Consent to be contacted was recorded on {}.", date(consent.at)));
            }
        }
        let of = |direction| self.messages.iter().filter(move |message| message.direction == direction);
        let (sent, replies) =
            (of(Direction::Outbound).filter(|message| message.is_sent()).count(), of(Direction::Inbound).count());
        if sent + replies > 0 {
            let (sent, replies) = (count(sent, "message"), count(replies, "message"));
            let period = self.period_of_messages().unwrap_or_default();
            sentences.push(format!("{sent} went to the customer and {replies} came from the customer{period}."));
        }
        if let Some(transaction) = &self.transaction {
            sentences.push(format!("The payment was made on {}.", date(transaction.occurred_at)));
        }
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    fn period_of_messages(&self) -> Option<String> {
        let at = |message: &Message| message.at.unwrap_or(message.created_at);
        let (first, last) = (self.messages.first().map(at)?, self.messages.last().map(at)?);
        Some(format!(", between {} and {}", date(first), date(last)))
    }
}

/// Returns what the exhibits contain of what the reason asks for.
fn evidence_in_words(checklist: &[ChecklistItem]) -> Option<String> {
    let present: Vec<_> = checklist
        .iter()
        .filter(|item| item.status == ChecklistStatus::Present)
        .map(|item| match item.evidence.len() {
            0 => format!("{} (see the timeline)", item.wanted.title.to_lowercase()),
            number => format!("{} ({})", item.wanted.title.to_lowercase(), count(number, "exhibit")),
        })
        .collect();
    (!present.is_empty()).then(|| format!("This document contains: {}.", present.join("; ")))
}
