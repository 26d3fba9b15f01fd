//! Fields that are numbers.

use super::Fields;
use crate::json_value::JsonValue;
use domain::leads::FieldChange;
use domain::text::token;
use serde_json::json;
use std::ops::RangeInclusive;

/// Maximum length of a number that is given as text, in characters: more than any spelling needs.
const MAX_NUMBER_TEXT_CHARS: usize = 40;

/// Returns the value of a whole number. Forms and spreadsheets give numbers as text, which means the same.
fn whole_number(value: &JsonValue) -> Option<i64> {
    match value {
        JsonValue::Number(number) => number.as_whole(),
        JsonValue::String(text) => match JsonValue::parse(&token(text, MAX_NUMBER_TEXT_CHARS).ok()?) {
            Ok(JsonValue::Number(number)) => number.as_whole(),
            _ => None,
        },
        _ => None,
    }
}

impl Fields<'_> {
    /// Reads an integer in `range`, in any spelling: `15000`, `15000.0`, `1.5e4` and `"15000"` are the same.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        self.note_property(name, || json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() }));
        let number = whole_number(self.value(name)?).filter(|number| range.contains(number));
        if number.is_none() {
            self.add_error(name, format!("must be an integer from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// Reads a positive integer that a change keeps (absent), clears (null) or sets.
    pub fn number_change(&mut self, name: &str) -> FieldChange<u32> {
        const RANGE: RangeInclusive<i64> = 1..=u32::MAX as i64;
        self.note_property(name, || json!({ "type": "integer", "minimum": RANGE.start(), "maximum": RANGE.end() }));
        match (self.has(name), self.value(name)) {
            (false, _) => FieldChange::Unchanged,
            (true, None) => FieldChange::Cleared,
            (true, Some(_)) => {
                let number = self.integer(name, RANGE).and_then(|number| u32::try_from(number).ok());
                number.map_or(FieldChange::Unchanged, FieldChange::Set)
            }
        }
    }
}
