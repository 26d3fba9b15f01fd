//! An amount of money in a request.

use crate::fields::{Fields, required_value, text_format};
use domain::accounts::business::Currency;
use domain::disputes::money::{MAX_CENTS, Money};
use domain::{Business, FieldErrors};

const AMOUNT: &str = "amountCents";

/// An amount, in the business's currency if the request has none.
#[derive(Clone, Debug, PartialEq)]
pub struct MoneyRequest {
    cents: i64,
    currency: Option<Currency>,
}

impl MoneyRequest {
    /// Returns the amount with its currency.
    pub fn in_business(self, business: &Business) -> Money {
        Money { cents: self.cents, currency: self.currency.unwrap_or_else(|| business.currency.clone()) }
    }
}

/// The amount and currency as far as they could be read.
pub(super) struct MoneyFields {
    cents: Option<i64>,
    currency: Option<Currency>,
}

impl MoneyFields {
    /// Reads the required `amountCents`, and `currency`.
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        fields.require(AMOUNT);
        Self {
            cents: fields.integer(AMOUNT, 1..=MAX_CENTS),
            currency: fields.optional("currency", text_format::currency()),
        }
    }

    /// Returns the amount, after [`Fields::finish`].
    pub(super) fn finish(self) -> Result<MoneyRequest, FieldErrors> {
        Ok(MoneyRequest { cents: required_value(AMOUNT, self.cents)?, currency: self.currency })
    }
}
