//! Free attributes that a caller stores with a lead.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number, of magnitude 1e-100 to 1e100.
    Number(f64),
    /// A text of up to 1,000 characters.
    Text(String),
}

impl AttributeValue {
    /// Returns `1.0` as the integer `1`, because DynamoDB does not keep the difference.
    fn normalized(self) -> Self {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 are exact")]
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
                Self::Integer(number as i64)
            }
            other => other,
        }
    }
}

/// The attributes of a lead: up to 50, with names of up to 64 characters, 8 KiB in total.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<String, AttributeValue>);

impl Attributes {
    /// Maximum number of attributes.
    pub const MAX_ENTRIES: usize = 50;
    /// Maximum total size of names and values in bytes. Numbers and booleans count as 8 bytes.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Validates names, values and sizes. Returns the reason as a sentence fragment if one is not accepted.
    pub fn parse(entries: impl IntoIterator<Item = (String, AttributeValue)>) -> Result<Self, String> {
        let mut map = BTreeMap::new();
        let mut bytes = 0;
        for (name, value) in entries {
            let is_valid_name = !name.is_empty() && name.chars().count() <= 64 && !name.chars().any(char::is_control);
            if !is_valid_name {
                return Err("must have names of 1 to 64 characters".to_owned());
            }
            bytes += name.len();
            match &value {
                AttributeValue::Text(text) if text.chars().count() > 1_000 => {
                    return Err("must have text values of at most 1000 characters".to_owned());
                }
                AttributeValue::Text(text) => bytes += text.len(),
                AttributeValue::Number(number)
                    if !number.is_finite() || number.abs() > 1e100 || (*number != 0.0 && number.abs() < 1e-100) =>
                {
                    return Err("must have numbers between 1e-100 and 1e100".to_owned());
                }
                _ => bytes += 8,
            }
            map.insert(name, value.normalized());
            if map.len() > Self::MAX_ENTRIES {
                return Err(format!("must have at most {} entries", Self::MAX_ENTRIES));
            }
        }
        if bytes > Self::MAX_BYTES {
            return Err(format!("must be at most {} bytes in total", Self::MAX_BYTES));
        }
        Ok(Self(map))
    }

    /// Returns whether there are no attributes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AttributeValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}
