//! Numbers as JSON writes them, with every digit.

use std::fmt;

/// Maximum length of a number's text, in characters: beyond it a number is rejected as an attribute and equal to none.
pub const MAX_NUMBER_CHARS: usize = 1_000;

/// A number of a JSON text, as it was written: `1.50` and `1.5` are equal in value and differ in text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactNumber(String);

impl ExactNumber {
    /// Creates the number from its text, which a JSON parser has found valid (RFC 8259, section 6).
    pub fn from_json(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value if it is whole and fits: `15000`, `15000.0` and `1.5e4` are the same.
    pub fn as_whole(&self) -> Option<i64> {
        let Decimal { negative, digits, exponent } = Decimal::of(&self.0)?;
        // 2^63 has 19 digits.
        let zeros = usize::try_from(exponent).ok().filter(|zeros| digits.len() + zeros <= 19)?;
        let sign = if negative { "-" } else { "" };
        format!("{sign}{digits}{}", "0".repeat(zeros)).parse().ok()
    }

    /// Returns the nearest floating-point number; infinite beyond their range.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Returns whether the value is zero, and not only too small for a floating-point number.
    pub fn is_zero(&self) -> bool {
        Decimal::of(&self.0).is_some_and(|number| number.digits == "0")
    }

    /// Returns a text that all spellings of the same value share.
    pub fn canonical(&self) -> String {
        match Decimal::of(&self.0) {
            Some(Decimal { negative, digits, exponent }) => {
                format!("{}{digits}e{exponent}", if negative { "-" } else { "" })
            }
            None => self.0.clone(),
        }
    }
}

impl fmt::Display for ExactNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A decimal number: `digits` times ten to the power of `exponent`. The digits neither begin nor end with zero; zero is
/// `0` with exponent 0.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Returns the number; `None` if the text or its exponent is too long.
    fn of(text: &str) -> Option<Self> {
        if text.len() > MAX_NUMBER_CHARS {
            return None;
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let digits = significant.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { negative: false, digits: "0".to_owned(), exponent: 0 });
        }
        let length = |text: &str| i64::try_from(text.len()).ok();
        let zeros = length(significant)? - length(digits)?;
        let exponent = exponent.checked_sub(length(fraction)?)?.checked_add(zeros)?;
        Some(Self { negative, digits: digits.to_owned(), exponent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<i64> {
        ExactNumber::from_json(text).as_whole()
    }

    #[test]
    fn whole_numbers_are_read_in_any_spelling() {
        for text in ["15000", "15000.0", "1.5e4", "1.5E+4", "150000e-1", "0.15e5", "15000.000e0"] {
            assert_eq!(whole(text), Some(15_000), "{text}");
        }
        assert_eq!(whole("-0"), Some(0));
        assert_eq!(whole("9223372036854775807"), Some(i64::MAX));
        assert_eq!(whole("-9223372036854775808"), Some(i64::MIN));
    }

    #[test]
    fn numbers_that_are_not_whole_or_too_large_are_not_read() {
        for text in ["1.5", "1e-1", "9223372036854775808", "1e19", "1e999999999999", "1e99999999999999999999"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn canonical_text_tells_values_apart() {
        let canonical = |text: &str| ExactNumber::from_json(text).canonical();
        for same in [["1", "1.0"], ["0", "-0.0e5"], ["1e3", "1000"], ["-1.50", "-15e-1"], ["0.1", "1e-1"]] {
            assert_eq!(canonical(same[0]), canonical(same[1]), "{same:?}");
        }
        for different in [["1", "10"], ["1", "-1"], ["117.63331139400017", "117.63331139400018"], ["0.1", "0.01"]] {
            assert_ne!(canonical(different[0]), canonical(different[1]), "{different:?}");
        }
    }
}
