//! Results of commands: JSON for programs, tables for people.

use serde_json::Value;
use std::fmt::Write;

/// Space between two columns.
const GAP: &str = "  ";

/// The placeholder of a value that is not there.
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
    /// A report.
    Report(Report),
}

/// A report: what a command found or did, in one or more tables.
#[derive(Clone, Debug)]
pub struct Report {
    /// All of it, as one JSON object.
    pub(crate) json: Value,
    /// The tables for people; empty ones are left out.
    pub(crate) tables: Vec<ReportTable>,
    /// Sentences below the tables.
    pub(crate) notes: Vec<String>,
    /// True if something is left that the command was to do.
    pub(crate) is_incomplete: bool,
}

/// A table of a report: rows, as JSON objects, and the columns that are shown of them.
#[derive(Clone, Debug)]
pub(crate) struct ReportTable {
    pub(crate) rows: Vec<Value>,
    pub(crate) columns: Columns,
}

impl CommandOutput {
    /// Returns the result as JSON with every field.
    pub fn json(self) -> Value {
        match self {
            Self::List { items, .. } => Value::Array(items),
            Self::Object(object) => object,
            Self::Report(report) => report.json,
        }
    }

    /// Returns whether something is left that the command was to do. The program then ends with an error code.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::Report(Report { is_incomplete: true, .. }))
    }

    /// Returns the result as lines for people: a list as a table, an object as its fields.
    pub fn table(&self) -> String {
        match self {
            Self::List { items, .. } if items.is_empty() => "none\n".to_owned(),
            Self::List { items, columns } => table(items, columns),
            Self::Object(object) => {
                let fields = object.as_object().into_iter().flatten();
                aligned(&fields.map(|(name, value)| vec![name.clone(), cell(value)]).collect::<Vec<_>>())
            }
            Self::Report(Report { tables, notes, .. }) => {
                let tables = tables.iter().filter(|one| !one.rows.is_empty());
                let tables = tables.map(|one| table(&one.rows, one.columns));
                tables.chain(notes.iter().map(|note| format!("{note}\n"))).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

fn table(rows: &[Value], columns: Columns) -> String {
    let heading = columns.iter().map(|(heading, _)| (*heading).to_owned()).collect();
    let rows = rows.iter().map(|row| columns.iter().map(|(_, field)| cell(&row[*field])).collect());
    aligned(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
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
