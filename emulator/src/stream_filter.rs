//! The event filter of the table's stream, as `template.yaml` has it for `dispatch`. A test compares the two.

use serde_json::Value;

/// Prefixes of partition keys whose items `dispatch` receives when they are created or changed.
const CHANGED_PREFIXES: [&str; 3] = ["L#", "W#", "DI#"];

/// Prefixes of partition keys whose items `dispatch` receives when they are removed, because files may remain.
const REMOVED_PREFIXES: [&str; 2] = ["EV#", "L#"];

/// Sort key of the lead itself, within the partition of a lead and its child records.
const LEAD_SORT_KEY: &str = "L";

fn prefixes() -> impl Iterator<Item = &'static str> {
    CHANGED_PREFIXES.into_iter().chain(REMOVED_PREFIXES)
}

/// Returns whether a write request may produce a record that matches: its JSON has a string with one of the prefixes.
/// A false positive costs one look at the stream.
pub(crate) fn may_match(request: &str) -> bool {
    prefixes().any(|prefix| request.match_indices(prefix).any(|(at, _)| request[..at].ends_with('"')))
}

/// Returns a SQL condition on the column `keys_json` that is true for every record that matches, and for few others.
pub(crate) fn may_match_sql() -> String {
    let tests = prefixes().map(|prefix| format!("instr(keys_json, '\"{prefix}') > 0"));
    tests.collect::<Vec<_>>().join(" OR ")
}

/// Kind of a change, which decides the prefixes that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    /// The item was created or changed.
    Changed,
    /// The item was removed.
    Removed,
}

/// Returns whether the record of an item with these keys matches.
pub(crate) fn matches(keys: &Value, kind: ChangeKind) -> bool {
    let Some(partition_key) = keys["pk"]["S"].as_str() else { return false };
    let starts_with_any = |prefixes: &[&str]| prefixes.iter().any(|prefix| partition_key.starts_with(prefix));
    match kind {
        ChangeKind::Changed => starts_with_any(&CHANGED_PREFIXES),
        // Of the records in a lead's partition, only the lead itself may leave a file behind: its photo.
        ChangeKind::Removed => {
            let child_of_lead = partition_key.starts_with("L#") && keys["sk"]["S"] != LEAD_SORT_KEY;
            !child_of_lead && starts_with_any(&REMOVED_PREFIXES)
        }
    }
}

#[cfg(test)]
mod template_test;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn keys(pk: &str, sk: &str) -> Value {
        json!({ "pk": { "S": pk }, "sk": { "S": sk } })
    }

    #[test]
    fn changes_match_by_partition_key() {
        for (pk, expected) in [("L#1", true), ("W#1", true), ("DI#1", true), ("EV#1", false), ("B#1", false)] {
            assert_eq!(matches(&keys(pk, "L"), ChangeKind::Changed), expected, "{pk}");
            assert!(!expected || may_match(&keys(pk, "L").to_string()), "{pk}");
        }
    }

    #[test]
    fn removed_child_records_of_a_lead_do_not_match() {
        for (pk, sk, expected) in [("L#1", "L", true), ("L#1", "M#1", false), ("EV#1", "EV", true), ("W#1", "W", false)]
        {
            assert_eq!(matches(&keys(pk, sk), ChangeKind::Removed), expected, "{pk} {sk}");
        }
    }

    #[test]
    fn prefixes_inside_a_string_do_not_match() {
        assert!(!may_match(&keys("B#L#1", "x").to_string()));
    }
}
