//! Free attributes that a caller stores with a lead.

use crate::number::{ExactNumber, MAX_NUMBER_CHARS};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// Maximum length of an attribute's name, in characters.
pub const MAX_NAME_CHARS: usize = 64;

/// Maximum length of a text value, in characters.
pub const MAX_TEXT_CHARS: usize = 1_000;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number that a floating-point number holds as it was sent, and that [the table stores](is_storable_number).
    Number(f64),
    /// A text of up to 1,000 characters.
    Text(String),
    /// A number whose text neither an integer nor a floating-point number keeps, of any magnitude.
    #[serde(skip_deserializing)]
    Exact(ExactNumber),
}

impl Serialize for AttributeValue {
    /// Writes the value as the table stores it: of an exact number the nearest floating-point number, which a release
    /// before exact numbers reads too, or its text if the table has no number of this magnitude. Its text is stored
    /// beside it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(flag) => serializer.serialize_bool(*flag),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Exact(number) => match number.as_whole() {
                Some(whole) => serializer.serialize_i64(whole),
                None if is_storable_number(number.as_f64()) => serializer.serialize_f64(number.as_f64()),
                None => serializer.serialize_str(number.as_str()),
            },
        }
    }
}

impl AttributeValue {
    /// Returns whether this is what the table stores of `exact`.
    #[expect(clippy::float_cmp, reason = "both were read from the same text, if the value is unchanged")]
    fn is_stored_form_of(&self, exact: &ExactNumber) -> bool {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "compared with another number of the same precision")]
            Self::Integer(number) => *number as f64 == exact.as_f64(),
            Self::Number(number) => *number == exact.as_f64(),
            Self::Text(text) => text == exact.as_str(),
            Self::Boolean(_) | Self::Exact(_) => false,
        }
    }

    /// Returns the size in bytes that counts, or the reason why the value is not accepted.
    fn size(&self) -> Result<usize, String> {
        match self {
            Self::Text(text) if text.chars().count() > MAX_TEXT_CHARS => {
                Err(format!("must have text values of at most {MAX_TEXT_CHARS} characters"))
            }
            Self::Text(text) => Ok(text.len()),
            Self::Exact(number) if number.as_str().len() > MAX_NUMBER_CHARS => {
                Err(format!("must have numbers of at most {MAX_NUMBER_CHARS} digits"))
            }
            Self::Exact(number) => Ok(number.as_str().len().max(8)),
            Self::Boolean(_) | Self::Integer(_) | Self::Number(_) => Ok(8),
        }
    }
}

/// Returns whether DynamoDB has numbers of this magnitude, with room to spare: it has those from 1e-130 to 1e126.
pub fn is_storable_number(number: f64) -> bool {
    number == 0.0 || (1e-100..=1e100).contains(&number.abs())
}

/// The attributes of a lead: up to 50, with names of up to 64 characters, 8 KiB in total.
///
/// They are a part of the lead's item, as two of its attributes: the values, and the texts of the exact numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredAttributes", into = "StoredAttributes")]
pub struct Attributes {
    values: BTreeMap<String, AttributeValue>,
    bytes: usize,
}

/// The attributes as a lead's item has them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredAttributes {
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    attributes: BTreeMap<String, AttributeValue>,
    /// Texts of exact numbers by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    exact_numbers: BTreeMap<String, String>,
}

impl From<StoredAttributes> for Attributes {
    fn from(stored: StoredAttributes) -> Self {
        let mut values = stored.attributes;
        for (name, text) in stored.exact_numbers {
            let exact = ExactNumber::from_json(text);
            // A release before exact numbers may have changed the value and kept the text.
            if let Some(value) = values.get_mut(&name)
                && value.is_stored_form_of(&exact)
            {
                *value = AttributeValue::Exact(exact);
            }
        }
        let bytes = values.iter().map(|(name, value)| name.len() + value.size().unwrap_or_default()).sum();
        Self { values, bytes }
    }
}

impl From<Attributes> for StoredAttributes {
    fn from(attributes: Attributes) -> Self {
        let exact = |(name, value): (&String, &AttributeValue)| match value {
            AttributeValue::Exact(number) => Some((name.clone(), number.as_str().to_owned())),
            _ => None,
        };
        Self { exact_numbers: attributes.values.iter().filter_map(exact).collect(), attributes: attributes.values }
    }
}

impl Attributes {
    /// Maximum number of attributes.
    pub const MAX_ENTRIES: usize = 50;
    /// Maximum total size of names and values in bytes. Numbers and booleans count as 8 bytes, exact numbers as their
    /// text.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Validates names, values and sizes. Returns the reason as a sentence fragment if one is not accepted.
    pub fn parse(entries: impl IntoIterator<Item = (String, AttributeValue)>) -> Result<Self, String> {
        let mut attributes = Self::default();
        for (name, value) in entries {
            attributes.insert(name, value)?;
        }
        Ok(attributes)
    }

    /// Adds an attribute, or replaces the one of this name. Returns the reason as a sentence fragment, and changes
    /// nothing, if a limit would be exceeded.
    pub fn insert(&mut self, name: String, value: AttributeValue) -> Result<(), String> {
        let is_valid_name = !crate::text::is_blank(&name)
            && name.chars().count() <= MAX_NAME_CHARS
            && !name.chars().any(char::is_control);
        if !is_valid_name {
            return Err(format!("must have names of 1 to {MAX_NAME_CHARS} characters"));
        }
        let replaced = self.values.get(&name).map_or(0, |old| name.len() + old.size().unwrap_or_default());
        let bytes = self.bytes - replaced + name.len() + value.size()?;
        if replaced == 0 && self.values.len() == Self::MAX_ENTRIES {
            return Err(format!("must have at most {} entries", Self::MAX_ENTRIES));
        }
        if bytes > Self::MAX_BYTES {
            return Err(format!("must be at most {} bytes in total", Self::MAX_BYTES));
        }
        self.bytes = bytes;
        self.values.insert(name, value);
        Ok(())
    }

    /// Returns whether there is an attribute of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Returns whether there are no attributes.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Iterates over names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AttributeValue)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> AttributeValue {
        AttributeValue::Exact(ExactNumber::from_json(text))
    }

    #[test]
    fn exact_numbers_are_stored_with_their_text() {
        let attributes = Attributes::parse([("a".to_owned(), exact("1.50"))]).expect("attributes");
        let stored = StoredAttributes::from(attributes.clone());
        assert_eq!(stored.exact_numbers["a"], "1.50");
        assert_eq!(Attributes::from(stored), attributes);
    }

    #[test]
    fn numbers_of_any_magnitude_are_kept() {
        for text in ["1e101", "-1e400", "1e-101", "1.5E-4000", "1e99999999999999999999", "5e-324", "0e5000"] {
            let attributes = Attributes::parse([("a".to_owned(), exact(text))]).expect(text);
            let stored = serde_json::to_string(&attributes).expect("JSON");
            let value: serde_json::Value = serde_json::from_str(&stored).expect("numbers that a parser accepts");
            assert_eq!(value["exactNumbers"]["a"], text);
            assert_eq!(serde_json::from_str::<Attributes>(&stored).expect("attributes"), attributes, "{text}");
        }
        assert!(Attributes::parse([("a".to_owned(), exact(&format!("1{}", "0".repeat(MAX_NUMBER_CHARS))))]).is_err());
    }

    #[test]
    fn a_text_that_looks_like_a_number_is_a_text() {
        let text = AttributeValue::Text("1e400".to_owned());
        let attributes = Attributes::parse([("a".to_owned(), text)]).expect("attributes");
        assert_eq!(Attributes::from(StoredAttributes::from(attributes.clone())), attributes);
    }

    #[test]
    fn a_changed_value_has_lost_its_text() {
        let stored = StoredAttributes {
            attributes: BTreeMap::from([("a".to_owned(), AttributeValue::Integer(2))]),
            exact_numbers: BTreeMap::from([("a".to_owned(), "1.0".to_owned()), ("b".to_owned(), "1.0".to_owned())]),
        };
        let read = Attributes::from(stored);
        assert_eq!(read.iter().collect::<Vec<_>>(), [("a", &AttributeValue::Integer(2))]);
    }

    #[test]
    fn what_exceeds_a_limit_changes_nothing() {
        let text = |length| AttributeValue::Text("x".repeat(length));
        let mut attributes = Attributes::default();
        for number in 0..8 {
            attributes.insert(format!("{number}"), text(1_000)).expect("within the limits");
        }
        let before = attributes.clone();
        for (name, value) in [
            ("a", text(200)),
            ("a", text(1_001)),
            ("", text(1)),
            ("\u{200b}", text(1)),
            ("a", exact(&"1".repeat(1_001))),
        ] {
            assert!(attributes.insert(name.to_owned(), value).is_err(), "{name}");
            assert_eq!(attributes, before);
        }
        attributes.insert("0".to_owned(), text(900)).expect("replaced");
        attributes.insert("a".to_owned(), text(200)).expect("within the limits again");
    }
}
