//! Results of commands: JSON for programs, tables for people.

use serde_json::Value;
use std::fmt::Write;

/// Space between two columns.
const GAP: &str = "  ";

/// What stands for a value that is not there.
const NONE: &str = "-";

/// Columns of a table: the heading, and the field of the JSON that it shows.
pub(crate) type Columns = &'static [(&'static str, &'static str)];

/// The result of a command.
#[derive(Clone, Debug)]
pub enum CommandOutput {
    /// A list.
    List {
        /// The items, as JSON objects.
        items: Vec<Value>,
        /// The columns of the table.
        columns: Columns,
    },
    /// One object.
    Object(Value),
}

impl CommandOutput {
    /// Returns the result as JSON with every field.
    pub fn json(self) -> Value {
        match self {
            Self::List { items, .. } => Value::Array(items),
            Self::Object(object) => object,
        }
    }

    /// Returns the result as lines for people: a list as a table, an object as its fields.
    pub fn table(&self) -> String {
        match self {
            Self::List { items, .. } if items.is_empty() => "none\n".to_owned(),
            Self::List { items, columns } => {
                let heading = columns.iter().map(|(heading, _)| (*heading).to_owned()).collect();
                let rows = items.iter().map(|item| columns.iter().map(|(_, field)| cell(&item[*field])).collect());
                aligned(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
            }
            Self::Object(object) => {
                let fields = object.as_object().into_iter().flatten();
                aligned(&fields.map(|(name, value)| vec![name.clone(), cell(value)]).collect::<Vec<_>>())
            }
        }
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => NONE.to_owned(),
        Value::String(text) => without_milliseconds(text),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(","),
        value => value.to_string(),
    }
}

/// Returns a time such as `2026-05-25T12:00:00.123Z` to the second, and any other text as it is.
fn without_milliseconds(text: &str) -> String {
    match text.split_once('.') {
        Some((time, millis)) if text.len() == 24 && time.len() == 19 && millis.ends_with('Z') => format!("{time}Z"),
        _ => text.to_owned(),
    }
}

/// Returns rows whose columns are aligned. The last column may have any width.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width_of = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width_of(column).unwrap_or_default()).collect();
    rows.iter().fold(String::new(), |mut text, row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect::<Vec<_>>();
        let _ = writeln!(text, "{}", cells.join(GAP).trim_end());
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_is_a_table_with_aligned_columns() {
        let items = vec![
            json!({ "id": "1", "name": "Mälaren", "perMinute": 600, "lastUsedAt": null, "more": 1 }),
            json!({ "id": "22", "name": "B", "perMinute": null, "lastUsedAt": "2026-05-25T12:00:00.123Z" }),
        ];
        let list = CommandOutput::List {
            items,
            columns: &[("ID", "id"), ("NAME", "name"), ("PER MINUTE", "perMinute"), ("LAST USED", "lastUsedAt")],
        };
        let expected = "\
ID  NAME     PER MINUTE  LAST USED
1   Mälaren  600         -
22  B        -           2026-05-25T12:00:00Z
";
        assert_eq!(list.table(), expected);
        assert_eq!(list.json()[0]["more"], 1);
        assert_eq!(CommandOutput::List { items: Vec::new(), columns: &[] }.table(), "none\n");
    }

    #[test]
    fn an_object_is_a_list_of_its_fields() {
        let object = CommandOutput::Object(json!({ "id": "1", "scopes": ["a:read", "b:read"] }));
        assert_eq!(object.table(), "id      1\nscopes  a:read,b:read\n");
    }
}
