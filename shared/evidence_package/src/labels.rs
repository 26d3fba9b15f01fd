//! Names for people of what the domain knows by its own names.

use domain::Timestamp;
use domain::accounts::business::Channel;
use domain::disputes::dispute::{DisputeReason, DisputeStatus};
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::money::Money;
use domain::disputes::transaction::TransactionStatus;
use domain::follow_up::message::MessageStatus;

pub(crate) fn reason(reason: DisputeReason) -> &'static str {
    match reason {
        DisputeReason::NotAsDescribed => "Product not as described",
        DisputeReason::NotReceived => "Product not received",
        DisputeReason::Fraudulent => "Purchase not made by the customer",
        DisputeReason::Duplicate => "Charged twice",
        DisputeReason::CreditNotProcessed => "Refund not made",
        DisputeReason::Cancelled => "Purchase cancelled",
        DisputeReason::ProductUnacceptable => "Product defective or unsuitable",
        DisputeReason::General => "Other reason",
    }
}

pub(crate) fn dispute_status(status: DisputeStatus) -> &'static str {
    match status {
        DisputeStatus::Open => "Open",
        DisputeStatus::UnderReview => "Under review",
        DisputeStatus::Won => "Decided for the merchant",
        DisputeStatus::Lost => "Decided for the customer",
    }
}

pub(crate) fn transaction_status(status: TransactionStatus) -> &'static str {
    match status {
        TransactionStatus::Pending => "Pending",
        TransactionStatus::Paid => "Paid",
        TransactionStatus::Refunded => "Refunded",
        TransactionStatus::Disputed => "Disputed",
    }
}

pub(crate) fn category(category: EvidenceCategory) -> &'static str {
    match category {
        EvidenceCategory::Message => "Message",
        EvidenceCategory::Consent => "Consent",
        EvidenceCategory::Contract => "Contract",
        EvidenceCategory::Photo => "Photo",
        EvidenceCategory::Invoice => "Invoice",
        EvidenceCategory::Receipt => "Receipt",
        EvidenceCategory::Delivery => "Proof of delivery",
        EvidenceCategory::Other => "Other evidence",
    }
}

pub(crate) fn delivery(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Sending => "Being sent",
        MessageStatus::Sent => "Sent",
        MessageStatus::Delayed => "Delayed",
        MessageStatus::Failed => "Not sent: failed",
        MessageStatus::Cancelled => "Not sent: cancelled",
        MessageStatus::Unknown => "Possibly sent",
        MessageStatus::Simulated => "Simulated: test environment",
        MessageStatus::Received => "Received",
    }
}

pub(crate) fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "e-mail",
        Channel::Sms => "SMS",
        Channel::Whatsapp => "WhatsApp",
    }
}

/// Returns an amount such as "EUR 1,234.50".
pub(crate) fn money(money: &Money) -> String {
    let digits = (money.cents / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{} {grouped}.{:02}", money.currency.as_str(), money.cents % 100)
}

/// Returns a time such as "2026-05-25 12:00 UTC".
pub(crate) fn time(at: Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => text,
    }
}

/// Returns a size such as "1.4 MB".
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::accounts::business::Currency;

    #[test]
    fn amounts_and_times_are_written_for_people() {
        let amount = |cents| money(&Money { cents, currency: Currency::parse("EUR").expect("a code") });
        assert_eq!(amount(5), "EUR 0.05");
        assert_eq!(amount(123_456_789), "EUR 1,234,567.89");
        assert_eq!(time(Timestamp::from_millis(0)), "1970-01-01 00:00 UTC");
        assert_eq!(size(1_450_000), "1.4 MB");
    }
}
