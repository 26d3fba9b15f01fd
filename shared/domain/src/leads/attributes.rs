//! Whatever else a caller keeps with a lead.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// At most 1,000 characters.
    Text(String),
}

impl AttributeValue {
    /// Whole numbers are whole however they are written: `1.0` is `1`, as the table gives it back.
    fn normal(self) -> Self {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 are exact")]
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
                Self::Integer(number as i64)
            }
            other => other,
        }
    }
}

/// At most 50 attributes, names of at most 64 characters, 8 KB in all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<String, AttributeValue>);

impl Attributes {
    /// Most attributes of one lead.
    pub const MAX_ENTRIES: usize = 50;
    /// Most bytes of all names and texts together.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Checks names, values and sizes.
    pub fn parse(entries: impl IntoIterator<Item = (String, AttributeValue)>) -> Result<Self, String> {
        let mut map = BTreeMap::new();
        let mut bytes = 0;
        for (name, value) in entries {
            let named = !name.is_empty() && name.chars().count() <= 64 && !name.chars().any(char::is_control);
            if !named {
                return Err("must have names of 1 to 64 characters".to_owned());
            }
            bytes += name.len();
            match &value {
                AttributeValue::Text(text) if text.chars().count() > 1_000 => {
                    return Err("must have texts of at most 1000 characters".to_owned());
                }
                AttributeValue::Text(text) => bytes += text.len(),
                AttributeValue::Number(number)
                    if !number.is_finite() || number.abs() > 1e100 || (*number != 0.0 && number.abs() < 1e-100) =>
                {
                    return Err("must have numbers between 1e-100 and 1e100".to_owned());
                }
                _ => bytes += 8,
            }
            map.insert(name, value.normal());
            if map.len() > Self::MAX_ENTRIES {
                return Err(format!("must have at most {} entries", Self::MAX_ENTRIES));
            }
        }
        if bytes > Self::MAX_BYTES {
            return Err(format!("must be at most {} bytes in all", Self::MAX_BYTES));
        }
        Ok(Self(map))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AttributeValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}
