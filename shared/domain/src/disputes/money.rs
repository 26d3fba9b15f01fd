//! Amounts of money.

use crate::accounts::business::Currency;
use serde::{Deserialize, Serialize};

/// The largest amount: 2^53 − 1, which every reader of JSON keeps exact (RFC 8259, section 6).
pub const MAX_CENTS: i64 = 9_007_199_254_740_991;

/// So many hundredths of a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Hundredths, at least one.
    pub cents: i64,
    /// Of what.
    pub currency: Currency,
}
