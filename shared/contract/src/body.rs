//! Request bodies: JSON, whatever the `Content-Type` header says.

use crate::json_value::{JsonError, JsonObject, JsonValue, MAX_DEPTH};
use domain::FieldErrors;
use std::borrow::Cow;

/// The byte-order mark of UTF-8, which some editors and libraries write before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Number of bytes at the beginning of a body that tell what it is instead of JSON.
const SNIFFED_BYTES: usize = 1_024;

/// Parses `bytes` as a JSON object. A byte-order mark is skipped, and surrogates without their other half become U+FFFD.
///
/// # Errors
///
/// Returns an error for the field `body` that says what is accepted: if it is malformed, not an object, another format
/// than JSON, not UTF-8, or nested too deep.
pub fn parse_body(bytes: &[u8]) -> Result<JsonObject, FieldErrors> {
    let invalid = |reason: String| FieldErrors::single("body", reason);
    let text = std::str::from_utf8(bytes).map_err(|error| invalid(not_utf8(bytes, error.valid_up_to())))?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return Err(invalid("must be a JSON object".to_owned()));
    }
    match JsonValue::parse(&with_whole_surrogates(text)) {
        Ok(JsonValue::Object(object)) => Ok(object),
        Ok(other) => Err(invalid(format!("must be a JSON object, not {}", other.kind()))),
        Err(JsonError::TooDeep) => {
            Err(invalid(format!("must be a JSON object that is nested at most {MAX_DEPTH} levels deep")))
        }
        // Only the position is shown: the text could be personal data.
        Err(JsonError::Syntax { line, column }) => Err(invalid(match other_format(text) {
            Some(format) => format!("must be a JSON object such as {{\"name\": \"Jane\"}}, not {format}"),
            None => format!("must be valid JSON (syntax error at line {line}, column {column})"),
        })),
    }
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> String {
    match bytes {
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => "must be JSON in UTF-8, not UTF-16".to_owned(),
        _ => format!("must be JSON in UTF-8 (byte {} is not)", valid_up_to + 1),
    }
}

/// Returns the name of the format that a text has instead of JSON, if it is one that forms and other systems send.
fn other_format(text: &str) -> Option<&'static str> {
    let text = text.trim_start();
    let start: String = text.chars().take(SNIFFED_BYTES).collect::<String>().to_ascii_lowercase();
    if start.starts_with("--") && start.contains("content-disposition") {
        return Some("a form (multipart/form-data)");
    }
    if start.starts_with('<') {
        return Some("XML or HTML");
    }
    let name = start.split(['=', '&']).next().unwrap_or_default();
    let is_name =
        !name.is_empty() && !name.starts_with('[') && !name.contains(['{', '}', '"', ':', ',', ' ', '\n', '\r', '\t']);
    (is_name && start.contains('=')).then_some("a form (application/x-www-form-urlencoded)")
}

/// Returns `text` with U+FFFD in place of each escaped surrogate that is not half of a pair. JSON has them where a
/// program has cut a string between the two halves of an emoji (RFC 8259, section 8.2). The length stays the same, and
/// with it the positions of syntax errors.
fn with_whole_surrogates(text: &str) -> Cow<'_, str> {
    const REPLACEMENT: &str = "\\ufffd";
    let mut replaced = String::new();
    let mut copied = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += found;
        let (escape, next) = (escaped_unit(bytes, at), escaped_unit(bytes, at + REPLACEMENT.len()));
        at += match (escape, next) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 2 * REPLACEMENT.len(),
            (Some(0xD800..=0xDFFF), _) => {
                replaced.push_str(&text[copied..at]);
                replaced.push_str(REPLACEMENT);
                copied = at + REPLACEMENT.len();
                REPLACEMENT.len()
            }
            // Any other escape, of a backslash too: the character behind it begins none.
            _ => 2,
        };
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    replaced.push_str(&text[copied..]);
    Cow::Owned(replaced)
}

/// Returns the UTF-16 code unit of the escape `\uXXXX` at a position.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(body: impl AsRef<[u8]>) -> String {
        let errors = parse_body(body.as_ref()).expect_err("not an object");
        assert_eq!(errors.0.len(), 1);
        assert_eq!(errors.0[0].field, "body");
        errors.0[0].reason.clone()
    }

    fn name(body: &str) -> String {
        let object = parse_body(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
        object["name"].as_str().expect("a string").to_owned()
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(name("\u{feff}{\"name\":\"Jane\"}"), "Jane");
        assert!(reason("\u{feff}").starts_with("must be a JSON object"));
    }

    #[test]
    fn lone_surrogates_are_replaced() {
        for (sent, read) in [
            (r"\ud800", "\u{fffd}"),
            (r"a\uDC00b", "a\u{fffd}b"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
            (r"\\ud800", r"\ud800"),
            (r"\\\ud800", "\\\u{fffd}"),
            (r"\n\ud800\n", "\n\u{fffd}\n"),
            (r"\ud83d\n", "\u{fffd}\n"),
            (r"\u00e9\ud800é", "é\u{fffd}é"),
            (r"\ud83d\\ude00", "\u{fffd}\\ude00"),
        ] {
            assert_eq!(name(&format!("{{\"name\":\"{sent}\"}}")), read, "{sent}");
        }
        let object = parse_body(br#"{"\udfff": 1}"#).expect("an object");
        assert!(object.contains_key("\u{fffd}"));
        for malformed in [r#"{"name": "\ud8"}"#, r#"{"name": "\ud800}"#, "\\", "{\"a\": \"\\"] {
            assert!(reason(malformed).contains("syntax error"), "{malformed}");
        }
    }

    #[test]
    fn other_formats_are_named() {
        for (body, format) in [
            ("name=Jane&email=jane%40example.com", "application/x-www-form-urlencoded"),
            ("first_name=", "application/x-www-form-urlencoded"),
            ("a[b]=1", "application/x-www-form-urlencoded"),
            ("--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nJane\r\n--x--\r\n", "multipart/form-data"),
            ("<lead><name>Jane</name></lead>", "XML or HTML"),
        ] {
            let reason = reason(body);
            assert!(reason.contains(format) && reason.contains("JSON object"), "{body}: {reason}");
        }
        for json in ["{\"a\"=1}", "{a=1}", "\"a=1", "[a=1]", "{", "a"] {
            assert!(reason(json).contains("syntax error"), "{json}");
        }
    }

    #[test]
    fn errors_say_what_is_accepted() {
        assert_eq!(reason("[]"), "must be a JSON object, not an array");
        assert_eq!(reason("1"), "must be a JSON object, not a number");
        assert!(reason(format!("{{\"a\":{}", "[".repeat(200))).contains("127 levels"));
        assert!(reason(b"{\"name\": \"J\xe9r\xf4me\"}").contains("UTF-8"));
        assert!(reason(b"\xff\xfe{\x00}\x00").contains("UTF-16"));
    }
}
