//! Fields that are objects or arrays.

use super::description::Description;
use super::{Blanks, Fields, Found};
use crate::json_value::{JsonObject, JsonValue, compact_text};
use domain::leads::FieldChange;
use domain::text::is_blank;
use serde_json::Value;

/// The object that is read in place of an absent one, so that its fields are known all the same.
static NO_FIELDS: JsonObject = JsonObject::new();

impl<'a> Fields<'a> {
    /// Reads an object with `read`. Its errors are named `name.field`. An object that [says nothing](Self::says_nothing)
    /// is absent.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        let path = format!("{name}.");
        if self.is_described() {
            let object = self.describe_nested(read);
            self.note(|outer| outer.object(name, object));
            return None;
        }
        match self.value(name) {
            Some(JsonValue::Object(object)) if !self.says_nothing(object) => Some(self.nested(object, &path, read)),
            Some(JsonValue::Object(object)) => {
                self.know_fields_of(object, &path, read);
                None
            }
            Some(JsonValue::Array(values)) if values.is_empty() => {
                self.know_fields_of(&NO_FIELDS, &path, read);
                None
            }
            None => {
                self.know_fields_of(&NO_FIELDS, &path, read);
                None
            }
            Some(_) => {
                self.know_fields_of(&NO_FIELDS, &path, read);
                self.add_error(name, "must be an object");
                None
            }
        }
    }

    /// Returns whether an optional object is as good as absent: forms send all of an object's fields, empty, when
    /// nothing was filled in.
    fn says_nothing(&self, object: &JsonObject) -> bool {
        self.blanks == Blanks::Absent && object.values().all(is_empty)
    }

    /// Reads an object that a change keeps (absent), clears (null, empty array, or nothing but empty values) or
    /// replaces.
    pub fn object_change<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> FieldChange<T> {
        let cleared = match (self.has(name), self.value(name)) {
            (sent, None) => sent,
            (_, Some(JsonValue::Array(values))) => values.is_empty(),
            (_, Some(JsonValue::Object(object))) => self.says_nothing(object),
            (_, Some(_)) => false,
        };
        match self.object(name, read) {
            Some(value) => FieldChange::Set(value),
            None if cleared => FieldChange::Cleared,
            None => FieldChange::Unchanged,
        }
    }

    /// Reads an object whose fields the caller chooses.
    ///
    /// `schema` is its JSON Schema.
    pub(crate) fn free_object(&mut self, name: &str, schema: impl FnOnce() -> Value) -> Option<&'a JsonObject> {
        self.note_property(name, schema);
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
        if self.is_described() {
            let items = self.describe_nested(read);
            self.note(|outer| outer.objects(name, max, items));
            return None;
        }
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

    /// Returns the length of the object in bytes, as JSON without white space.
    pub fn encoded_len(&self) -> usize {
        compact_text(self.object).len()
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
            description: None,
        };
        let value = read(&mut inner);
        inner.find_unknown();
        let Fields { found, .. } = inner;
        self.found = found;
        value
    }

    /// Notes the fields of an object that is as good as absent, of which one may have been meant, and the unknown ones
    /// that it has.
    fn know_fields_of<T>(&mut self, object: &'a JsonObject, path: &str, read: impl FnOnce(&mut Fields<'a>) -> T) {
        let Found { field_errors, .. } = &self.found;
        let errors_before = field_errors.len();
        self.nested(object, path, read);
        self.found.field_errors.truncate(errors_before);
    }

    /// Returns the description of an object that `read` reads.
    fn describe_nested<T>(&mut self, read: impl FnOnce(&mut Fields<'a>) -> T) -> Description {
        let description = Description::default();
        let outer = self.description.replace(description.clone());
        self.know_fields_of(&NO_FIELDS, "", |inner| {
            inner.description = Some(description.clone());
            read(inner)
        });
        self.description = outer;
        description
    }
}

/// Returns whether a value says nothing: null, a blank string, or an array or object of nothing else.
fn is_empty(value: &JsonValue) -> bool {
    match value {
        JsonValue::Null => true,
        JsonValue::String(text) => is_blank(text),
        JsonValue::Array(values) => values.iter().all(is_empty),
        JsonValue::Object(object) => object.values().all(is_empty),
        JsonValue::Boolean(_) | JsonValue::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::{UnknownFields, text_format};

    fn read(text: &str) -> (FieldChange<Option<bool>>, Vec<String>) {
        let object = crate::parse_body(text.as_bytes()).expect("an object");
        let mut fields = Fields::new(&object, UnknownFields::Rejected);
        let change = fields.object_change("consent", |consent| {
            consent.require("given");
            consent.optional("text", text_format::url());
            consent.object("proof", |proof| proof.boolean("signed"));
            consent.boolean("given")
        });
        let errors = fields.finish().err().map(|errors| errors.0).unwrap_or_default();
        (change, errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn an_object_of_empty_values_is_absent() {
        for empty in [
            r#"{"given": "", "text": ""}"#,
            r#"{"given": null, "text": " \u200b", "proof": {"signed": ""}}"#,
            r#"{"text": "\t", "proof": []}"#,
            "{}",
            "[]",
            "null",
            r#""""#,
        ] {
            let read = read(&format!(r#"{{"consent": {empty}}}"#));
            assert_eq!(read, (FieldChange::Cleared, Vec::new()), "{empty}");
        }
        assert_eq!(read("{}"), (FieldChange::Unchanged, Vec::new()));
        assert_eq!(read(r#"{"consent": {"given": false}}"#).0, FieldChange::Set(Some(false)));
    }

    #[test]
    fn an_object_that_says_something_is_checked() {
        assert_eq!(read(r#"{"consent": {"given": "", "text": "yes"}}"#).1, ["consent.given"]);
        assert_eq!(read(r#"{"consent": {"proof": {"signed": false}}}"#).1, ["consent.given"]);
        assert_eq!(read(r#"{"consent": {"given": "", "colour": ""}}"#).1, ["consent.colour"]);
    }

    #[test]
    fn empty_values_count_where_blanks_do() {
        let object = crate::parse_body(br#"{"consent": {"text": ""}}"#).expect("an object");
        let mut fields = Fields::new(&object, UnknownFields::Rejected).with_blank_values();
        assert!(fields.object("consent", |_| ()).is_some());
    }
}
