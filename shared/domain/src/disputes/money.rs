//! Amounts of money.

use crate::accounts::business::Currency;
use serde::{Deserialize, Serialize};

/// Maximum amount in cents: 2^53 − 1, up to which JSON numbers are exact in every parser (RFC 8259, section 6).
pub const MAX_CENTS: i64 = 9_007_199_254_740_991;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Amount in hundredths of the currency, at least one.
    pub cents: i64,
    /// Currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// Returns the amount as people read it: `EUR 1,234.50`.
    pub fn in_words(&self) -> String {
        let digits = (self.cents / 100).to_string();
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{} {grouped}.{:02}", self.currency.as_str(), self.cents % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_for_people() {
        let amount = |cents| Money { cents, currency: Currency::parse("EUR").expect("a code") }.in_words();
        assert_eq!(amount(5), "EUR 0.05");
        assert_eq!(amount(123_456_789), "EUR 1,234,567.89");
    }
}
