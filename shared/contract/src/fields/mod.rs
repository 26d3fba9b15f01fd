//! Fields of a JSON request body. Reading goes on after an error, so that one response names every invalid field.
//!
//! Every request of every contract is read through [`Fields`]. It notes which fields the reading code asks for: what
//! else the body has is unknown, and [`Fields::finish`] knows what to say about it.

mod description;
mod numbers;
mod objects;
mod read_only;
mod suggestion;
pub(crate) mod text_format;
mod unknown;

use crate::json_value::{JsonObject, JsonValue};
use description::{Description, ObjectDescription};
use domain::leads::FieldChange;
use domain::text::{is_blank, token};
use domain::time::TimeError;
use domain::{FieldError, FieldErrors, Timestamp};
use serde_json::json;

pub(crate) use description::describe_request;
pub(crate) use suggestion::likeliest;
pub use text_format::{ParseText, TextFormat};
pub use unknown::UnknownFields;
pub(crate) use unknown::{MAX_LISTED, Unknown};

/// Returns the value of a required field after [`Fields::finish`], which fails if the field is absent.
pub(crate) fn required_value<T>(name: &str, value: Option<T>) -> Result<T, FieldErrors> {
    value.ok_or_else(|| FieldErrors::single(name, IS_REQUIRED))
}

const IS_REQUIRED: &str = "is required";

/// Maximum length of the name of an enumeration's value, in characters: more than any has.
const MAX_ENUM_NAME_CHARS: usize = 100;

/// The meaning of a string that shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blanks {
    /// It is as if the field were absent; in a change the field is cleared.
    Absent,
    /// It is a value like any other, and no field accepts it.
    Values,
}

/// The fields of a JSON object. `null` means absent, and so does a blank string unless [`Fields::with_blank_values`]
/// says otherwise; in a change they mean that the field is cleared.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a JsonObject,
    /// The path of the object with a dot at its end; empty for the body.
    prefix: String,
    policy: UnknownFields,
    blanks: Blanks,
    /// The names that the reading code has asked for in this object.
    known: Vec<String>,
    found: Found<'a>,
    /// The description of the object, if it is read to be described.
    description: Option<Description>,
}

/// Everything that the reading has found so far, in the body and the objects in it.
#[derive(Debug, Default)]
struct Found<'a> {
    field_errors: Vec<FieldError>,
    /// The reason why the body as a whole is invalid. Not told beside unknown fields, one of which will have been meant.
    lacks: Option<String>,
    unknown: Unknown<'a>,
}

impl<'a> Fields<'a> {
    /// Returns the fields of a request body, read by the rules of a contract for unknown fields.
    pub fn new(object: &'a JsonObject, unknown_fields: UnknownFields) -> Self {
        Self {
            object,
            prefix: String::new(),
            policy: unknown_fields,
            blanks: Blanks::Absent,
            known: Vec::new(),
            found: Found::default(),
            description: None,
        }
    }

    /// Treats blank strings as values, which are then invalid: for keys and subscriptions, where an absent field may
    /// mean more rights.
    pub fn with_blank_values(mut self) -> Self {
        self.blanks = Blanks::Values;
        self.note(ObjectDescription::reject_blanks);
        self
    }

    /// Ignores unknown fields, whatever the contract does: for events of other systems, which add fields.
    pub fn ignoring_unknown(mut self) -> Self {
        self.policy = UnknownFields::Ignored;
        self
    }

    /// Notes that the request may have a field.
    fn know(&mut self, name: &str) {
        if !self.known.iter().any(|known| known == name) {
            self.known.push(name.to_owned());
        }
    }

    /// Returns the value of a field unless it is absent, null or blank.
    pub fn value(&mut self, name: &str) -> Option<&'a JsonValue> {
        self.know(name);
        let value = self.object.get(name)?;
        let absent = match value {
            JsonValue::Null => true,
            JsonValue::String(text) => self.blanks == Blanks::Absent && is_blank(text),
            _ => false,
        };
        (!absent).then_some(value)
    }

    /// Returns whether the field was sent, even as null.
    pub fn has(&mut self, name: &str) -> bool {
        self.know(name);
        self.object.contains_key(name)
    }

    /// Adds an error for a field.
    pub fn add_error(&mut self, name: &str, reason: impl Into<String>) {
        self.found.field_errors.push(FieldError::new(format!("{}{name}", self.prefix), reason));
    }

    /// Adds an error if the field is absent or null.
    pub fn require(&mut self, name: &str) {
        self.note(|object| object.require(name));
        if self.value(name).is_none() {
            self.add_error(name, IS_REQUIRED);
        }
    }

    /// Adds an error with `reason` for the first of the fields if all of them are absent or null.
    pub(crate) fn require_any(&mut self, names: &[&str], reason: &str) {
        self.note(|object| object.require_any(names));
        if names.iter().all(|name| self.value(name).is_none()) {
            self.add_error(names[0], reason);
        }
    }

    /// States that no two of the fields may be sent of which [`Fields::require_any`] requires one, which the caller checks.
    pub(crate) fn describe_as_exclusive(&self) {
        self.note(ObjectDescription::make_exclusive);
    }

    /// Requires that at least one of the fields that a change may have was sent, even as null.
    pub(crate) fn require_one_of(&mut self, names: &[&str]) {
        self.note(|object| object.require_change(names));
        if !names.iter().map(|name| self.has(name)).fold(false, |any, has| any | has) {
            self.found.lacks = Some(format!("must have at least one of {}", names.join(", ")));
        }
    }

    /// Adds an error for each of these fields that was sent as null.
    pub fn reject_null(&mut self, names: &[&str]) {
        self.note(|object| object.reject_null(names));
        for name in names {
            if self.has(name) && self.value(name).is_none() {
                self.add_error(name, "must not be null or empty");
            }
        }
    }

    /// States that an array has at least one item, which the caller checks.
    pub(crate) fn describe_as_not_empty(&self, name: &str) {
        self.note(|object| object.reject_empty(name));
    }

    /// Adds an error for each of these fields that was sent at all.
    pub fn reject(&mut self, names: &[&str], reason: &str) {
        for name in names {
            if self.has(name) {
                self.add_error(name, reason);
            }
        }
    }

    /// Reads a string of a form.
    pub fn optional<T, P: FnOnce(&str) -> Result<T, String>>(
        &mut self,
        name: &str,
        format: TextFormat<P>,
    ) -> Option<T> {
        self.note_property(name, || format.schema());
        let parsed = match self.value(name)? {
            JsonValue::String(text) => format.parse(text),
            _ => Err("must be a string".to_owned()),
        };
        parsed.map_err(|reason| self.add_error(name, reason)).ok()
    }

    /// Reads a required string of a form.
    pub fn required<T, P: FnOnce(&str) -> Result<T, String>>(
        &mut self,
        name: &str,
        format: TextFormat<P>,
    ) -> Option<T> {
        self.require(name);
        self.optional(name, format)
    }

    /// Reads a string that a change keeps (absent), clears (null) or sets.
    pub fn change<T, P: FnOnce(&str) -> Result<T, String>>(
        &mut self,
        name: &str,
        format: TextFormat<P>,
    ) -> FieldChange<T> {
        self.note_property(name, || format.schema());
        match (self.has(name), self.value(name)) {
            (false, _) => FieldChange::Unchanged,
            (true, None) => FieldChange::Cleared,
            (true, Some(_)) => self.optional(name, format).map_or(FieldChange::Unchanged, FieldChange::Set),
        }
    }

    /// Reads a string that must be the name of one of `all`, in any letter case.
    pub fn one_of<T: Copy>(&mut self, name: &str, all: &[T], name_of: impl Fn(T) -> &'static str) -> Option<T> {
        self.optional(name, text_format::name_of(all, name_of))
    }

    /// Reads an array of names of `all`, in any letter case; duplicates are dropped.
    pub fn many_of<T: Copy + PartialEq>(
        &mut self,
        name: &str,
        all: &[T],
        name_of: impl Fn(T) -> &'static str,
    ) -> Option<Vec<T>> {
        self.note_property(name, || {
            let names: Vec<_> = all.iter().map(|value| name_of(*value)).collect();
            json!({ "type": "array", "items": { "type": "string", "enum": names } })
        });
        let mut found = Vec::new();
        for value in self.array(name)? {
            match value.as_str().and_then(|text| find_by_name(text, all, &name_of)) {
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
        self.note_property(name, || json!({ "type": "boolean" }));
        let JsonValue::Boolean(flag) = self.value(name)? else {
            self.add_error(name, "must be true or false");
            return None;
        };
        Some(*flag)
    }

    /// Reads an RFC 3339 timestamp, or a day, which means its first instant in UTC.
    pub fn timestamp(&mut self, name: &str) -> Option<Timestamp> {
        self.note_property(name, || text_format::time().schema());
        if matches!(self.value(name)?, JsonValue::Number(_)) {
            self.add_error(name, TimeError::Form.to_string());
            return None;
        }
        self.optional(name, text_format::time())
    }
}

/// Parses the name of one of `all`, in any letter case.
pub(crate) fn parse_one_of<T: Copy>(text: &str, all: &[T], name_of: impl Fn(T) -> &'static str) -> Result<T, String> {
    find_by_name(text, all, &name_of).ok_or_else(|| must_be_one_of(all, name_of))
}

/// Returns the one of `all` that has a name. Letter case and what nobody sees around the name make no difference: other
/// systems write `Email` or `SMS` where a contract writes `email` and `sms`, and no two names differ in case alone.
fn find_by_name<T: Copy>(text: &str, all: &[T], name_of: impl Fn(T) -> &'static str) -> Option<T> {
    let text = token(text, MAX_ENUM_NAME_CHARS).ok()?;
    all.iter().copied().find(|value| name_of(*value).eq_ignore_ascii_case(&text))
}

/// Returns the reason that lists the accepted names.
pub(crate) fn must_be_one_of<T: Copy>(all: &[T], name_of: impl Fn(T) -> &'static str) -> String {
    let names: Vec<_> = all.iter().map(|value| name_of(*value)).collect();
    format!("must be one of {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::accounts::business::Channel;

    #[test]
    fn names_are_read_in_any_letter_case() {
        for text in ["WHATSAPP", "whatsapp", "WhatsApp", " Whatsapp\n", "\u{feff}whatsapp\u{200b}"] {
            assert_eq!(parse_one_of(text, &Channel::ALL, Channel::name), Ok(Channel::Whatsapp), "{text:?}");
            let object = JsonObject::from([(
                "channels".to_owned(),
                JsonValue::Array(vec![JsonValue::String(text.to_owned()), JsonValue::String("eMail".to_owned())]),
            )]);
            let mut fields = Fields::new(&object, UnknownFields::Rejected);
            let read = fields.many_of("channels", &Channel::ALL, Channel::name);
            assert_eq!(read, Some(vec![Channel::Whatsapp, Channel::Email]), "{text:?}");
        }
        for text in ["", "whats app", "whatsapp,sms", "ſms", "pigeon"] {
            assert!(parse_one_of(text, &Channel::ALL, Channel::name).is_err(), "{text:?}");
        }
    }

    #[test]
    fn numbers_may_be_given_as_text() {
        let read = |value: &str| {
            let object = crate::parse_body(format!(r#"{{"day": {value}}}"#).as_bytes()).expect("an object");
            let mut fields = Fields::new(&object, UnknownFields::Rejected);
            let number = fields.integer("day", 0..=100);
            (number, fields.finish().is_ok())
        };
        for seven in ["7", "7.0", "0.7e1", r#""7""#, r#"" 7 ""#, r#""7.0""#, r#""\ufeff7\u200b""#, r#""70e-1""#] {
            assert_eq!(read(seven), (Some(7), true), "{seven}");
        }
        for blank in [r#""""#, r#"" ""#, "null"] {
            assert_eq!(read(blank), (None, true), "{blank}");
        }
        for bad in
            [r#""seven""#, r#""7 days""#, r#""7.5""#, r#""-1""#, r#""101""#, r#""0x7""#, r#""[7]""#, "[7]", "true"]
        {
            assert_eq!(read(bad), (None, false), "{bad}");
        }
    }
}
