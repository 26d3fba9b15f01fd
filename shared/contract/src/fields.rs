//! Fields of a JSON request body. Reading goes on after an error, so that one response names every invalid field.

use domain::leads::FieldChange;
use domain::{FieldError, FieldErrors, Timestamp};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Returns a parser of ids for [`Fields`] and [`crate::Query`].
pub fn parse_id<T>(parse: impl Fn(&str) -> Option<T>) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| parse(text).ok_or_else(|| "must be a valid UUID".to_owned())
}

/// Returns the value of a required field after [`Fields::finish`], which fails if the field is absent.
pub(crate) fn required_value<T>(name: &str, value: Option<T>) -> Result<T, FieldErrors> {
    value.ok_or_else(|| FieldErrors::single(name, IS_REQUIRED))
}

const IS_REQUIRED: &str = "is required";

/// The fields of a JSON object. `null` means absent; in a change it means that the field is cleared.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    prefix: String,
    field_errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// Returns the fields of a request body.
    pub fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, prefix: String::new(), field_errors: Vec::new() }
    }

    /// Returns the value of a field unless it is absent or null.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Returns whether the field was sent, even as null.
    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Adds an error for a field.
    pub fn add_error(&mut self, name: &str, reason: impl Into<String>) {
        self.field_errors.push(FieldError::new(format!("{}{name}", self.prefix), reason));
    }

    /// Adds an error if the field is absent or null.
    pub fn require(&mut self, name: &str) {
        if self.value(name).is_none() {
            self.add_error(name, IS_REQUIRED);
        }
    }

    /// Checks that at least one of the fields that a change may have was sent, even as null.
    pub(crate) fn require_one_of(&self, names: &[&str]) -> Result<(), FieldErrors> {
        if names.iter().any(|name| self.has(name)) {
            return Ok(());
        }
        Err(FieldErrors::single("body", format!("must have at least one of {}", names.join(", "))))
    }

    /// Adds an error for each of these fields that was sent as null.
    pub fn reject_null(&mut self, names: &[&str]) {
        for name in names {
            if self.has(name) && self.value(name).is_none() {
                self.add_error(name, "must not be null");
            }
        }
    }

    /// Adds an error for each of these fields that was sent at all.
    pub fn reject(&mut self, names: &[&str], reason: &str) {
        for name in names {
            if self.has(name) {
                self.add_error(name, reason);
            }
        }
    }

    /// Reads a string with `parse`.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let parsed = match self.value(name)? {
            Value::String(text) => parse(text),
            _ => Err("must be a string".to_owned()),
        };
        parsed.map_err(|reason| self.add_error(name, reason)).ok()
    }

    /// Reads a required string with `parse`.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.require(name);
        self.optional(name, parse)
    }

    /// Reads a string that a change keeps (absent), clears (null) or sets.
    pub fn change<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> FieldChange<T> {
        match (self.has(name), self.value(name)) {
            (false, _) => FieldChange::Unchanged,
            (true, None) => FieldChange::Cleared,
            (true, Some(_)) => self.optional(name, parse).map_or(FieldChange::Unchanged, FieldChange::Set),
        }
    }

    /// Reads a string that must be the name of one of `all`.
    pub fn one_of<T: Copy>(&mut self, name: &str, all: &[T], name_of: impl Fn(T) -> &'static str) -> Option<T> {
        self.optional(name, |text| parse_one_of(text, all, &name_of))
    }

    /// Reads an array of names of `all`; duplicates are dropped.
    pub fn many_of<T: Copy + PartialEq>(
        &mut self,
        name: &str,
        all: &[T],
        name_of: impl Fn(T) -> &'static str,
    ) -> Option<Vec<T>> {
        let mut found = Vec::new();
        for value in self.array(name)? {
            let known = value.as_str().and_then(|text| all.iter().copied().find(|known| name_of(*known) == text));
            match known {
                Some(known) if found.contains(&known) => {}
                Some(known) => found.push(known),
                None => {
                    self.add_error(name, must_be_one_of(all, &name_of));
                    return None;
                }
            }
        }
        Some(found)
    }

    /// Reads a boolean.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name)?.as_bool();
        if value.is_none() {
            self.add_error(name, "must be true or false");
        }
        value
    }

    /// Reads an integer in `range`.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let number = self.value(name)?.as_i64().filter(|number| range.contains(number));
        if number.is_none() {
            self.add_error(name, format!("must be an integer from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// Reads an RFC 3339 timestamp.
    pub fn timestamp(&mut self, name: &str) -> Option<Timestamp> {
        self.optional(name, Timestamp::parse)
    }

    /// Reads an object with `read`. Its errors are named `name.field`.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        let Value::Object(object) = self.value(name)? else {
            self.add_error(name, "must be an object");
            return None;
        };
        Some(self.nested(object, &format!("{name}."), read))
    }

    /// Reads an array of at most `max` objects, each with `read`. Their errors are named `name[0].field`.
    pub fn objects<T>(&mut self, name: &str, max: usize, mut read: impl FnMut(&mut Fields<'a>) -> T) -> Option<Vec<T>> {
        let values = self.array(name)?;
        if values.len() > max {
            self.add_error(name, format!("must have at most {max} items"));
            return None;
        }
        let mut all = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let Value::Object(object) = value else {
                self.add_error(&format!("{name}[{index}]"), "must be an object");
                return None;
            };
            all.push(self.nested(object, &format!("{name}[{index}]."), &mut read));
        }
        Some(all)
    }

    /// Reads an array.
    pub(crate) fn array(&mut self, name: &str) -> Option<&'a [Value]> {
        let Value::Array(values) = self.value(name)? else {
            self.add_error(name, "must be an array");
            return None;
        };
        Some(values)
    }

    /// Reads a nested object, and adds its errors to those of this one.
    fn nested<T>(&mut self, object: &'a Map<String, Value>, path: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> T {
        let prefix = format!("{}{path}", self.prefix);
        let mut inner = Fields { object, prefix, field_errors: std::mem::take(&mut self.field_errors) };
        let value = read(&mut inner);
        self.field_errors = inner.field_errors;
        value
    }

    /// Returns the names and values of the object.
    pub fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.object.iter()
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// Returns every error that was added.
    pub fn finish(self) -> Result<(), FieldErrors> {
        if self.field_errors.is_empty() { Ok(()) } else { Err(FieldErrors(self.field_errors)) }
    }
}

/// Parses the name of one of `all`.
pub(crate) fn parse_one_of<T: Copy>(text: &str, all: &[T], name_of: impl Fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|value| name_of(*value) == text).ok_or_else(|| must_be_one_of(all, name_of))
}

/// Returns the reason that lists the accepted names.
pub(crate) fn must_be_one_of<T: Copy>(all: &[T], name_of: impl Fn(T) -> &'static str) -> String {
    let names: Vec<_> = all.iter().map(|value| name_of(*value)).collect();
    format!("must be one of {}", names.join(", "))
}
