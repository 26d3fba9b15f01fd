//! Read-only fields of an object, which a change may send back as they were fetched.

use super::Fields;
use crate::json::Json;
use crate::json_value::{JsonObject, JsonValue};
use domain::{FieldError, FieldErrors, Timestamp};
use serde_json::json;

impl Fields<'_> {
    /// Notes that a change may have these fields. Whether they are unchanged is checked once the object is known, by
    /// [`Fields::check_read_only`].
    pub(crate) fn read_only(&mut self, names: &[&str]) {
        for name in names {
            self.note_property(name, || json!({ "readOnly": true }));
            self.know(name);
        }
    }

    /// Checks that the read-only fields in `names` which were sent are those that `current` shows: a caller may send a
    /// whole object back that it has fetched. Names may have a dot, for a field of an object.
    ///
    /// # Errors
    ///
    /// Returns an error with `reason` for each field that differs.
    pub(crate) fn check_read_only(&self, names: &[&str], current: &Json, reason: &str) -> Result<(), FieldErrors> {
        let Ok(JsonValue::Object(current)) = JsonValue::parse(current.as_str()) else { return Ok(()) };
        let differs = |name: &&&str| match (at(self.object, name), at(&current, name)) {
            (Some(sent), Some(current)) => !is_same(sent, current),
            _ => false,
        };
        let errors: Vec<_> = names.iter().filter(differs).map(|name| FieldError::new(*name, reason)).collect();
        if errors.is_empty() { Ok(()) } else { Err(FieldErrors(errors)) }
    }
}

/// Returns the value at a path, of at most two names.
fn at<'a>(object: &'a JsonObject, path: &str) -> Option<&'a JsonValue> {
    match path.split_once('.') {
        None => object.get(path),
        Some((outer, inner)) => match object.get(outer)? {
            JsonValue::Object(object) => object.get(inner),
            _ => None,
        },
    }
}

/// Returns whether two values are equal, or the same time in two spellings.
fn is_same(sent: &JsonValue, current: &JsonValue) -> bool {
    let time = |value: &JsonValue| value.as_str().and_then(|text| Timestamp::parse(text).ok());
    sent.canonical() == current.canonical() || time(sent).is_some_and(|at| time(current) == Some(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::UnknownFields;

    fn rejected(sent: &str) -> Vec<String> {
        let object = crate::parse_body(sent.as_bytes()).expect("an object");
        let current = serde_json::json!({
            "id": "1", "version": 2, "score": { "value": 1.5 }, "at": "2026-05-25T12:00:00.000Z", "none": null,
            "consent": { "given": true, "recordedAt": "2026-05-25T12:00:00.000Z" }
        });
        let mut fields = Fields::new(&object, UnknownFields::Rejected);
        let names = ["id", "version", "score", "at", "none", "consent.recordedAt", "other"];
        fields.read_only(&names);
        let checked = fields.check_read_only(&names, &Json::of(&current), "is read-only");
        checked.err().map(|errors| errors.0.into_iter().map(|error| error.field).collect()).unwrap_or_default()
    }

    #[test]
    fn unchanged_fields_are_accepted() {
        for sent in [
            r#"{"id": "1", "version": 2.0, "score": {"value": 1.50}, "none": null}"#,
            r#"{"at": "2026-05-25T14:00:00+02:00", "consent": {"given": false, "recordedAt": "2026-05-25T12:00:00Z"}}"#,
            r#"{"other": 1, "consent": null}"#,
        ] {
            assert_eq!(rejected(sent), [""; 0], "{sent}");
        }
    }

    #[test]
    fn changed_fields_are_named() {
        for (sent, field) in [
            (r#"{"id": "2"}"#, "id"),
            (r#"{"version": "2"}"#, "version"),
            (r#"{"score": {}}"#, "score"),
            (r#"{"at": "2026-05-25T12:00:01Z"}"#, "at"),
            (r#"{"none": 1}"#, "none"),
            (r#"{"consent": {"recordedAt": null}}"#, "consent.recordedAt"),
        ] {
            assert_eq!(rejected(sent), [field], "{sent}");
        }
    }
}
