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
