//! The event filters of the table's stream, one for each consumer, as `template.yaml` has them. A test compares them.

use serde_json::Value;

/// Kind of a change, which a pattern selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    /// The item was created or changed.
    Changed,
    /// The item was removed.
    Removed,
}

/// A condition on a sort key.
#[derive(Clone, Copy, Debug)]
enum SortKey {
    Equals(&'static str),
    StartsWith(&'static str),
}

/// One pattern of a filter.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    kind: ChangeKind,
    partition_key_prefix: &'static str,
    /// Alternatives; any sort key matches if there are none.
    sort_keys: &'static [SortKey],
}

/// The event filter of one consumer: a record matches if one of the patterns does.
#[derive(Clone, Copy, Debug)]
pub struct StreamFilter {
    patterns: &'static [Pattern],
}

impl StreamFilter {
    /// The filter of `dispatch`: leads with their sequences and messages, disputes, packages, subscriptions.
    pub const DISPATCH: Self = Self {
        patterns: &[
            Pattern {
                kind: ChangeKind::Changed,
                partition_key_prefix: "L#",
                sort_keys: &[SortKey::Equals("L"), SortKey::Equals("S"), SortKey::StartsWith("M#")],
            },
            Pattern { kind: ChangeKind::Changed, partition_key_prefix: "DI#", sort_keys: &[] },
            Pattern { kind: ChangeKind::Changed, partition_key_prefix: "PA#", sort_keys: &[] },
            Pattern { kind: ChangeKind::Changed, partition_key_prefix: "W#", sort_keys: &[SortKey::StartsWith("S#")] },
        ],
    };

    /// The filter of `bookkeeping`: leads, messages, disputes, packages and subscriptions, and removals that may leave a file behind.
    pub const BOOKKEEPING: Self = Self {
        patterns: &[
            Pattern {
                kind: ChangeKind::Changed,
                partition_key_prefix: "L#",
                sort_keys: &[SortKey::Equals("L"), SortKey::StartsWith("M#")],
            },
            Pattern { kind: ChangeKind::Changed, partition_key_prefix: "DI#", sort_keys: &[] },
            Pattern { kind: ChangeKind::Changed, partition_key_prefix: "W#", sort_keys: &[SortKey::StartsWith("S#")] },
            Pattern { kind: ChangeKind::Changed, partition_key_prefix: "PA#", sort_keys: &[] },
            Pattern { kind: ChangeKind::Removed, partition_key_prefix: "EV#", sort_keys: &[] },
            Pattern { kind: ChangeKind::Removed, partition_key_prefix: "PA#", sort_keys: &[] },
            Pattern { kind: ChangeKind::Removed, partition_key_prefix: "L#", sort_keys: &[SortKey::Equals("L")] },
        ],
    };

    fn prefixes(self) -> impl Iterator<Item = &'static str> {
        self.patterns.iter().map(|pattern| pattern.partition_key_prefix)
    }

    /// Returns a SQL condition on the column `keys_json` that is true for every record that matches, and for few others.
    pub(crate) fn may_match_sql(self) -> String {
        let tests = self.prefixes().map(|prefix| format!("instr(keys_json, '\"{prefix}') > 0"));
        tests.collect::<Vec<_>>().join(" OR ")
    }

    /// Returns whether the record of an item with these keys matches.
    pub(crate) fn matches(self, keys: &Value, kind: ChangeKind) -> bool {
        let Some(partition_key) = keys["pk"]["S"].as_str() else { return false };
        let sort_key = keys["sk"]["S"].as_str().unwrap_or_default();
        self.patterns.iter().any(|pattern| pattern.kind == kind && pattern.matches_key(partition_key, sort_key))
    }
}

impl Pattern {
    fn matches_key(&self, partition_key: &str, sort_key: &str) -> bool {
        partition_key.starts_with(self.partition_key_prefix)
            && (self.sort_keys.is_empty() || self.sort_keys.iter().any(|test| test.matches(sort_key)))
    }
}

impl SortKey {
    fn matches(self, sort_key: &str) -> bool {
        match self {
            Self::Equals(text) => sort_key == text,
            Self::StartsWith(prefix) => sort_key.starts_with(prefix),
        }
    }
}

/// Returns whether a write of the item with this key may produce a record that a filter matches.
pub(crate) fn may_match(partition_key: &str, sort_key: &str) -> bool {
    let mut patterns = StreamFilter::DISPATCH.patterns.iter().chain(StreamFilter::BOOKKEEPING.patterns);
    patterns.any(|pattern| pattern.matches_key(partition_key, sort_key))
}

#[cfg(test)]
mod template_test;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CONSUMERS: [StreamFilter; 2] = [StreamFilter::DISPATCH, StreamFilter::BOOKKEEPING];

    fn keys(pk: &str, sk: &str) -> Value {
        json!({ "pk": { "S": pk }, "sk": { "S": sk } })
    }

    #[test]
    fn consumers_get_the_changes_they_use() {
        let cases = [
            ("L#1", "L", [true, true]),
            ("L#1", "M#1", [true, true]),
            ("L#1", "S", [true, false]),
            ("L#1", "H#1", [false, false]),
            ("W#1", "S#1", [true, true]),
            ("W#1", "H#1", [false, false]),
            ("DI#1", "DI", [true, true]),
            ("PA#1", "PA", [true, true]),
            ("EV#1", "EV", [false, false]),
            ("B#1", "B", [false, false]),
        ];
        for (pk, sk, expected) in cases {
            let matching = CONSUMERS.map(|filter| filter.matches(&keys(pk, sk), ChangeKind::Changed));
            assert_eq!(matching, expected, "{pk} {sk}");
            assert!(expected == [false; 2] || may_match(pk, sk), "{pk} {sk}");
        }
    }

    #[test]
    fn removed_child_records_of_a_lead_do_not_match() {
        let cases = [
            ("L#1", "L", true),
            ("L#1", "M#1", false),
            ("EV#1", "EV", true),
            ("PA#1", "PA", true),
            ("W#1", "W", false),
        ];
        for (pk, sk, expected) in cases {
            let matching = CONSUMERS.map(|filter| filter.matches(&keys(pk, sk), ChangeKind::Removed));
            assert_eq!(matching, [false, expected], "{pk} {sk}");
        }
    }

    #[test]
    fn other_writes_wake_no_reader() {
        for (pk, sk) in [("B#L#1", "L"), ("L#1", "H#1"), ("L#1", "L2"), ("W#1", "D#1"), ("B#1", "M#1")] {
            assert!(!may_match(pk, sk), "{pk} {sk}");
        }
    }
}
