//! JSON values of requests. Numbers keep the text that they were sent with.

use domain::number::ExactNumber;
use json_event_parser::{JsonEvent, LowLevelJsonParser, LowLevelJsonParserResult};
use std::collections::BTreeMap;
use std::fmt;

/// Maximum depth of nested arrays and objects: the default of most JSON parsers. Deeper ones are attacks on recursion.
pub(crate) const MAX_DEPTH: usize = 127;

/// The fields of a JSON object, by name. Of a field that was sent twice the last one is kept.
pub type JsonObject = BTreeMap<String, JsonValue>;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonValue {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number.
    Number(ExactNumber),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<JsonValue>),
    /// An object.
    Object(JsonObject),
}

/// The reason why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    /// Arrays and objects are nested deeper than [`MAX_DEPTH`].
    #[error("nested too deep")]
    TooDeep,
    /// A syntax error, with line and column from one.
    #[error("syntax error at line {line}, column {column}")]
    Syntax {
        /// Line of the error.
        line: u64,
        /// Column of the error.
        column: u64,
    },
}

/// An array or object whose end has not been read, with the name of the field that is being read.
enum Open {
    Array(Vec<JsonValue>),
    Object(JsonObject, String),
}

impl JsonValue {
    /// Parses a JSON text.
    pub(crate) fn parse(text: &str) -> Result<Self, JsonError> {
        let mut parser = LowLevelJsonParser::new();
        let mut rest = text.as_bytes();
        let mut open: Vec<Open> = Vec::new();
        let mut root = None;
        loop {
            let LowLevelJsonParserResult { event, consumed_bytes } = parser.parse_next(rest, true);
            rest = rest.get(consumed_bytes..).unwrap_or_default();
            let event = match event {
                Some(Ok(event)) => event,
                Some(Err(error)) => {
                    let at = error.location().start;
                    return Err(JsonError::Syntax { line: at.line + 1, column: at.column + 1 });
                }
                None => continue,
            };
            let value = match event {
                JsonEvent::Null => Self::Null,
                JsonEvent::Boolean(flag) => Self::Boolean(flag),
                JsonEvent::Number(text) => Self::Number(ExactNumber::from_json(text)),
                JsonEvent::String(text) => Self::String(text.into_owned()),
                JsonEvent::StartArray | JsonEvent::StartObject if open.len() == MAX_DEPTH => {
                    return Err(JsonError::TooDeep);
                }
                JsonEvent::StartArray => {
                    open.push(Open::Array(Vec::new()));
                    continue;
                }
                JsonEvent::StartObject => {
                    open.push(Open::Object(JsonObject::new(), String::new()));
                    continue;
                }
                JsonEvent::ObjectKey(name) => {
                    if let Some(Open::Object(_, current)) = open.last_mut() {
                        *current = name.into_owned();
                    }
                    continue;
                }
                JsonEvent::EndArray | JsonEvent::EndObject => match open.pop() {
                    Some(Open::Array(values)) => Self::Array(values),
                    Some(Open::Object(fields, _)) => Self::Object(fields),
                    None => continue,
                },
                // An empty text is a syntax error before this.
                JsonEvent::Eof => return Ok(root.unwrap_or(Self::Null)),
            };
            match open.last_mut() {
                None => root = Some(value),
                Some(Open::Array(values)) => values.push(value),
                Some(Open::Object(fields, name)) => {
                    fields.insert(std::mem::take(name), value);
                }
            }
        }
    }

    /// Returns the text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns what kind of value this is, with its article, for texts to callers.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// Returns the canonical text of a value, as [`canonical_text`] does.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, write_canonical);
        text
    }

    fn write(&self, to: &mut String, write_number: WriteNumber) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Boolean(flag) => to.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => write_number(number, to),
            Self::String(text) => write_string(text, to),
            Self::Array(values) => {
                to.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        to.push(',');
                    }
                    value.write(to, write_number);
                }
                to.push(']');
            }
            Self::Object(fields) => write_object(fields, to, write_number),
        }
    }
}

/// Writes a number in one of its spellings.
type WriteNumber = fn(&ExactNumber, &mut String);

fn write_as_sent(number: &ExactNumber, to: &mut String) {
    to.push_str(number.as_str());
}

fn write_canonical(number: &ExactNumber, to: &mut String) {
    to.push_str(&number.canonical());
}

/// Returns a text that is the same for equal objects however they were written: names in order, numbers by their value,
/// no insignificant white space.
pub fn canonical_text(object: &JsonObject) -> String {
    let mut text = String::new();
    write_object(object, &mut text, write_canonical);
    text
}

/// Returns an object as JSON without white space, numbers as they were sent.
pub(crate) fn compact_text(object: &JsonObject) -> String {
    let mut text = String::new();
    write_object(object, &mut text, write_as_sent);
    text
}

fn write_object(object: &JsonObject, to: &mut String, write_number: WriteNumber) {
    to.push('{');
    for (index, (name, value)) in object.iter().enumerate() {
        if index > 0 {
            to.push(',');
        }
        write_string(name, to);
        to.push(':');
        value.write(to, write_number);
    }
    to.push('}');
}

fn write_string(text: &str, to: &mut String) {
    // Serializing a string does not fail.
    to.push_str(&serde_json::to_string(text).unwrap_or_default());
}

impl fmt::Display for JsonValue {
    /// Writes the value as JSON without white space, numbers as they were sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text, write_as_sent);
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> JsonValue {
        JsonValue::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn numbers_keep_every_digit() {
        let text = r#"{"a":117.63331139400017,"b":18446744073709551615,"c":[1.50,-0,1e3,1E+400],"d":0.1000}"#;
        assert_eq!(parse(text).to_string(), text);
    }

    #[test]
    fn texts_are_accepted_as_serde_json_accepts_them() {
        for text in [
            "",
            " ",
            "{}",
            "[]",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{a:1}",
            "{'a':1}",
            "01",
            "-",
            "1.",
            ".5",
            "+1",
            "1e",
            "NaN",
            "nul",
            "true false",
            "{}{}",
            "[1 2]",
            "\"a",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"\t\"",
            "\"\u{1}\"",
            "\"\u{7f}\u{2028}\"",
            "[[],{\"a\":[{}]}]",
            "{\"a\":1,\"a\":[2]}",
            "\u{a0}{}",
            "{\"a\":\"\\u0000\\/\\b\\f\\n\\r\\t\\\"\\\\\"}",
        ] {
            let theirs = serde_json::from_str::<serde_json::Value>(text);
            let ours = JsonValue::parse(text);
            assert_eq!(ours.is_ok(), theirs.is_ok(), "{text:?}");
            if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
                assert_eq!(ours.to_string(), theirs.to_string(), "{text:?}");
            }
        }
    }

    #[test]
    fn errors_have_a_position() {
        assert_eq!(JsonValue::parse("{\n  \"a\": x}"), Err(JsonError::Syntax { line: 2, column: 8 }));
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| JsonValue::parse(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        assert!(nested(MAX_DEPTH).is_ok());
        assert_eq!(nested(MAX_DEPTH + 1), Err(JsonError::TooDeep));
        assert_eq!(nested(1_000_000), Err(JsonError::TooDeep));
    }

    #[test]
    fn canonical_texts_are_equal_for_equal_values() {
        let first = parse(r#"{"a":1,"b":[1.50,"\u00e9"],"c":{"x":null,"y":true}}"#);
        let same = parse(" { \"c\" : {\"y\":true,\"x\":null}, \"b\":[15e-1, \"é\"],\n\"a\":1.0 } ");
        assert_eq!(first.canonical(), same.canonical());
        for other in [
            r#"{"a":"1","b":[1.50,"é"],"c":{"x":null,"y":true}}"#,
            r#"{"a":1,"b":["é",1.50],"c":{"x":null,"y":true}}"#,
            r#"{"a":1,"b":[1.50,"é"],"c":{"y":true}}"#,
        ] {
            assert_ne!(first.canonical(), parse(other).canonical(), "{other}");
        }
    }
}
