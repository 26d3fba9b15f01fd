//! Reading the fields of a JSON object: every fault is found in one reading, each under its own name.

use domain::leads::FieldChange;
use domain::{FieldError, FieldErrors, Timestamp};
use serde_json::{Map, Value};

/// The fields of an object. `null` is as good as absent, but clears where something is changed.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    prefix: String,
    field_errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// The fields of `object`, which is the body itself.
    pub fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, prefix: String::new(), field_errors: Vec::new() }
    }

    /// The value of a field, unless it is absent or null.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field was sent, `null` included.
    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Notes a fault of a field.
    pub fn add_error(&mut self, name: &str, reason: impl Into<String>) {
        self.field_errors.push(FieldError::new(format!("{}{name}", self.prefix), reason));
    }

    /// A text that `parse` accepts.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let parsed = match self.value(name)? {
            Value::String(text) => parse(text),
            _ => Err("must be a text".to_owned()),
        };
        parsed.map_err(|reason| self.add_error(name, reason)).ok()
    }

    /// A text that must be there.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        if self.value(name).is_none() {
            self.add_error(name, "is required");
            return None;
        }
        self.optional(name, parse)
    }

    /// A text that a change leaves, clears or sets.
    pub fn change<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> FieldChange<T> {
        match (self.has(name), self.value(name)) {
            (false, _) => FieldChange::Unchanged,
            (true, None) => FieldChange::Cleared,
            (true, Some(_)) => self.optional(name, parse).map_or(FieldChange::Unchanged, FieldChange::Set),
        }
    }

    /// One of a few words.
    pub fn one_of<T: Copy>(&mut self, name: &str, all: &[T], word: impl Fn(T) -> &'static str) -> Option<T> {
        self.optional(name, |text| {
            all.iter().copied().find(|value| word(*value) == text).ok_or_else(|| words(all, &word))
        })
    }

    /// A list of a few words, each once.
    pub fn many_of<T: Copy + PartialEq>(
        &mut self,
        name: &str,
        all: &[T],
        word: impl Fn(T) -> &'static str,
    ) -> Option<Vec<T>> {
        let Value::Array(values) = self.value(name)? else {
            self.add_error(name, "must be a list");
            return None;
        };
        let mut found = Vec::new();
        for value in values {
            let known = value.as_str().and_then(|text| all.iter().copied().find(|known| word(*known) == text));
            match known {
                Some(known) if found.contains(&known) => {}
                Some(known) => found.push(known),
                None => {
                    self.add_error(name, words(all, &word));
                    return None;
                }
            }
        }
        Some(found)
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let flag = self.value(name)?.as_bool();
        if flag.is_none() {
            self.add_error(name, "must be true or false");
        }
        flag
    }

    /// A whole number in a range.
    pub fn whole(&mut self, name: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let number = self.value(name)?.as_i64().filter(|number| range.contains(number));
        if number.is_none() {
            self.add_error(name, format!("must be a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// A time.
    pub fn time(&mut self, name: &str) -> Option<Timestamp> {
        self.optional(name, Timestamp::parse)
    }

    /// An object of its own, read by `read`; its faults are named `name.field`.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        let Value::Object(object) = self.value(name)? else {
            self.add_error(name, "must be an object");
            return None;
        };
        let mut inner = Fields {
            object,
            prefix: format!("{}{name}.", self.prefix),
            field_errors: std::mem::take(&mut self.field_errors),
        };
        let value = read(&mut inner);
        self.field_errors = inner.field_errors;
        Some(value)
    }

    /// A list of at most `most` objects, each read by `read`; their faults are named `name[0].field`.
    pub fn objects<T>(
        &mut self,
        name: &str,
        most: usize,
        mut read: impl FnMut(&mut Fields<'a>) -> T,
    ) -> Option<Vec<T>> {
        let Value::Array(values) = self.value(name)? else {
            self.add_error(name, "must be a list");
            return None;
        };
        if values.len() > most {
            self.add_error(name, format!("must have at most {most} entries"));
            return None;
        }
        let mut all = Vec::with_capacity(values.len());
        for (place, value) in values.iter().enumerate() {
            let Value::Object(object) = value else {
                self.add_error(&format!("{name}[{place}]"), "must be an object");
                return None;
            };
            let prefix = format!("{}{name}[{place}].", self.prefix);
            let mut inner = Fields { object, prefix, field_errors: std::mem::take(&mut self.field_errors) };
            all.push(read(&mut inner));
            self.field_errors = inner.field_errors;
        }
        Some(all)
    }

    /// The names and values of the object itself.
    pub fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.object.iter()
    }

    /// `Ok` when nothing was wrong.
    pub fn finish(self) -> Result<(), FieldErrors> {
        if self.field_errors.is_empty() { Ok(()) } else { Err(FieldErrors(self.field_errors)) }
    }
}

/// What would be accepted where one of a few words is.
pub(crate) fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> String {
    let names: Vec<_> = all.iter().map(|value| word(*value)).collect();
    format!("must be one of {}", names.join(", "))
}
