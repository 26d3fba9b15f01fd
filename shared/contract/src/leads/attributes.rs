//! Attributes of a lead in requests and responses.

use crate::fields::{Fields, MAX_LISTED};
use crate::json_value::{JsonObject, JsonValue};
use crate::leads::secret_names::is_secret_name;
use crate::leads::warning::Warning;
use domain::leads::attributes::{MAX_NAME_CHARS, MAX_TEXT_CHARS};
use domain::leads::{AttributeValue, Attributes, is_storable_number};
use domain::number::ExactNumber;
use domain::text::{is_blank, multi_line, single_line};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// An attribute's value in a response: a number has the text with which it was sent.
pub(crate) struct AttributeJson<'a>(&'a AttributeValue);

impl Serialize for AttributeJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AttributeValue::Exact(number) => match RawValue::from_string(number.as_str().to_owned()) {
                Ok(text) => text.serialize(serializer),
                Err(_) => serializer.serialize_f64(number.as_f64()),
            },
            other => other.serialize(serializer),
        }
    }
}

/// Iterates over names and values of attributes.
pub(crate) fn attribute_jsons(attributes: &Attributes) -> impl Iterator<Item = (&str, AttributeJson<'_>)> {
    attributes.iter().map(|(name, value)| (name, AttributeJson(value)))
}

/// Returns a scalar as the value of an attribute; `None` for arrays, objects and null.
///
/// Texts are normalized as a lead's message is.
pub(super) fn attribute_value(value: &JsonValue) -> Option<AttributeValue> {
    match value {
        JsonValue::Boolean(flag) => Some(AttributeValue::Boolean(*flag)),
        JsonValue::Number(number) => Some(attribute_number(number)),
        JsonValue::String(text) => Some(AttributeValue::Text(multi_line(text, usize::MAX).unwrap_or_default())),
        JsonValue::Null | JsonValue::Array(_) | JsonValue::Object(_) => None,
    }
}

/// Returns a number in the smallest form that keeps its text. The table keeps no difference between `1.0` and `1`, and
/// has no numbers of extreme magnitudes.
fn attribute_number(number: &ExactNumber) -> AttributeValue {
    let text = number.as_str();
    if let Ok(whole) = text.parse::<i64>()
        && whole.to_string() == text
    {
        return AttributeValue::Integer(whole);
    }
    let float = number.as_f64();
    let shown = serde_json::to_string(&float);
    if float.fract() != 0.0 && is_storable_number(float) && shown.is_ok_and(|shown| shown == text) {
        return AttributeValue::Number(float);
    }
    AttributeValue::Exact(number.clone())
}

/// Attributes of a request, and the names of those that were left out because they hold secrets.
#[derive(Debug, Default)]
pub(crate) struct SentAttributes {
    pub(crate) attributes: Attributes,
    secrets: Vec<String>,
}

impl SentAttributes {
    /// Returns warnings about the secrets that `field` had.
    pub(crate) fn warnings(&self, field: &str) -> impl Iterator<Item = Warning> {
        self.secrets.iter().take(MAX_LISTED).map(move |name| Warning::of_secret(format!("{field}.{name}")))
    }
}

/// Reads a flat object of strings, numbers and booleans. A null entry is left out, and so is one whose name says that
/// its value is a secret.
pub(crate) fn read_attributes(fields: &mut Fields<'_>, name: &str) -> Option<SentAttributes> {
    let object = fields.free_object(name, attributes_schema)?;
    parse(object).map_err(|reason| fields.add_error(name, reason)).ok()
}

/// Returns the JSON Schema of attributes.
fn attributes_schema() -> Value {
    json!({
        "type": "object",
        "maxProperties": Attributes::MAX_ENTRIES,
        "propertyNames": { "minLength": 1, "maxLength": MAX_NAME_CHARS },
        "additionalProperties": { "type": ["string", "number", "boolean", "null"], "maxLength": MAX_TEXT_CHARS }
    })
}

/// Reads the attributes that replace those of a lead: none if they are cleared.
pub(crate) fn read_attributes_change(fields: &mut Fields<'_>, name: &str) -> Option<Attributes> {
    match (fields.has(name), fields.value(name)) {
        (true, None) => Some(Attributes::default()),
        _ => read_attributes(fields, name).map(|sent| sent.attributes),
    }
}

fn parse(object: &JsonObject) -> Result<SentAttributes, String> {
    let SentAttributes { mut attributes, mut secrets } = SentAttributes::default();
    for (name, value) in object {
        if *value == JsonValue::Null {
            continue;
        }
        if is_secret_name(name) {
            secrets.push(name.clone());
            continue;
        }
        let value = attribute_value(value).ok_or("must contain only strings, numbers and booleans")?;
        attributes.insert(attribute_name(name), value)?;
    }
    Ok(SentAttributes { attributes, secrets })
}

/// Returns the name of an attribute on one line; an empty one, which is not accepted, stays empty.
pub(super) fn attribute_name(name: &str) -> String {
    if is_blank(name) { String::new() } else { single_line(name, usize::MAX).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::UnknownFields;
    use crate::json::Json;
    use std::collections::BTreeMap;

    fn read(text: &str) -> Result<Attributes, String> {
        let object = crate::parse_body(format!(r#"{{"attributes":{text}}}"#).as_bytes()).expect("an object");
        let mut fields = Fields::new(&object, UnknownFields::Rejected);
        let SentAttributes { attributes, .. } = read_attributes(&mut fields, "attributes").unwrap_or_default();
        fields.finish().map(|()| attributes).map_err(|errors| errors.to_string())
    }

    fn shown(text: &str) -> String {
        let attributes = read(text).expect(text);
        Json::of(&attribute_jsons(&attributes).collect::<BTreeMap<_, _>>()).into_string()
    }

    #[test]
    fn numbers_come_back_as_they_were_sent() {
        for number in [
            "0",
            "-0",
            "1",
            "1.0",
            "1.50",
            "1e3",
            "1E+3",
            "117.63331139400017",
            "18446744073709551615",
            "123456789012345678901234567890.123456789012345678901234567890",
            "0.1",
            "1e-7",
            "9007199254740993",
            "1e400",
            "-2.5E+400",
            "1e-400",
            "1e300",
            "1e-300",
            "1e101",
            "1.7976931348623157e308",
            "1e99999999999999999999",
            "0e999",
            "-9223372036854775808",
        ] {
            let text = format!(r#"{{"n":{number}}}"#);
            assert_eq!(shown(&text), text);
        }
    }

    #[test]
    fn entries_are_tidied() {
        assert_eq!(shown(r#"{"company": null, "a\u200b  b": "x\u0000\ny"}"#), r#"{"a b":"x\ny"}"#);
        assert_eq!(shown("[]"), "{}");
        assert_eq!(shown(r#"{"empty": ""}"#), r#"{"empty":""}"#);
    }

    #[test]
    fn secrets_are_left_out() {
        let secrets = r#"{"password": "s3cret", "csrf_token": ["x"], "g-recaptcha-response": {}, "company": "Acme"}"#;
        assert_eq!(shown(secrets), r#"{"company":"Acme"}"#);
    }

    #[test]
    fn other_values_are_rejected() {
        for bad in [r#"{"a":[]}"#, r#"{"a":{}}"#, r#"{"":1}"#, "[1]", "true"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read(&format!(r#"{{"a":1{}}}"#, "0".repeat(5_000))).is_err());
    }
}
