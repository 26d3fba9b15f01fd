//! Fields that are objects or arrays.

use super::{Fields, Found};
use crate::json_value::{JsonObject, JsonValue};
use domain::leads::FieldChange;

/// The object that is read in place of an absent one, so that its fields are known all the same.
static NO_FIELDS: JsonObject = JsonObject::new();

impl<'a> Fields<'a> {
    /// Reads an object with `read`. Its errors are named `name.field`. An empty array is no object: PHP writes one for
    /// an empty map.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        let path = format!("{name}.");
        match self.value(name) {
            Some(JsonValue::Object(object)) => Some(self.nested(object, &path, read)),
            Some(JsonValue::Array(values)) if values.is_empty() => {
                self.know_fields_of(&path, read);
                None
            }
            None => {
                self.know_fields_of(&path, read);
                None
            }
            Some(_) => {
                self.know_fields_of(&path, read);
                self.add_error(name, "must be an object");
                None
            }
        }
    }

    /// Reads an object that a change keeps (absent), clears (null or empty array) or replaces.
    pub fn object_change<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> FieldChange<T> {
        let cleared = match (self.has(name), self.value(name)) {
            (sent, None) => sent,
            (_, Some(JsonValue::Array(values))) => values.is_empty(),
            (_, Some(_)) => false,
        };
        match self.object(name, read) {
            Some(value) => FieldChange::Set(value),
            None if cleared => FieldChange::Cleared,
            None => FieldChange::Unchanged,
        }
    }

    /// Reads an object whose fields the caller chooses.
    pub(crate) fn free_object(&mut self, name: &str) -> Option<&'a JsonObject> {
        match self.value(name)? {
            JsonValue::Object(object) => Some(object),
            JsonValue::Array(values) if values.is_empty() => Some(&NO_FIELDS),
            _ => {
                self.add_error(name, "must be an object");
                None
            }
        }
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
            let JsonValue::Object(object) = value else {
                self.add_error(&format!("{name}[{index}]"), "must be an object");
                return None;
            };
            all.push(self.nested(object, &format!("{name}[{index}]."), &mut read));
        }
        Some(all)
    }

    /// Reads an array.
    pub(crate) fn array(&mut self, name: &str) -> Option<&'a [JsonValue]> {
        let JsonValue::Array(values) = self.value(name)? else {
            self.add_error(name, "must be an array");
            return None;
        };
        Some(values)
    }

    /// Reads the fields of `object` by themselves: entries of a list, each of which succeeds or fails on its own.
    pub(crate) fn of_entry(&self, object: &'a JsonObject) -> Fields<'a> {
        Fields { blanks: self.blanks, ..Fields::new(object, self.policy) }
    }

    /// Reads a nested object, and adds what it finds to what this one has found.
    fn nested<T>(&mut self, object: &'a JsonObject, path: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> T {
        let mut inner = Fields {
            object,
            prefix: format!("{}{path}", self.prefix),
            policy: self.policy,
            blanks: self.blanks,
            known: Vec::new(),
            found: std::mem::take(&mut self.found),
        };
        let value = read(&mut inner);
        inner.find_unknown();
        let Fields { found, .. } = inner;
        self.found = found;
        value
    }

    /// Notes the fields of an object that was not sent, of which one may have been meant.
    fn know_fields_of<T>(&mut self, path: &str, read: impl FnOnce(&mut Fields<'a>) -> T) {
        let Found { field_errors, .. } = &self.found;
        let errors_before = field_errors.len();
        self.nested(&NO_FIELDS, path, read);
        self.found.field_errors.truncate(errors_before);
    }
}
