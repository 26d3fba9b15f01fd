//! Compares the filters with those in `template.yaml`.

use super::{ChangeKind, SortKey, StreamFilter, may_match};
use saphyr_parser::{Event, Parser};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Returns the patterns of each event filter in `template.yaml`, in its order, each a JSON object.
fn template_patterns() -> Vec<Vec<Value>> {
    let events = Parser::new_from_str(include_str!("../../../template.yaml"));
    let scalars: Vec<_> = events
        .filter_map(|event| match event.expect("valid YAML") {
            (Event::Scalar(text, ..), _) => Some(text),
            _ => None,
        })
        .collect();
    let filters = scalars.split(|text| text == "FilterCriteria").skip(1);
    let patterns_of = |filter: &[std::borrow::Cow<'_, str>]| {
        // The scalars that follow are `Filters`, and then each key `Pattern` with its value.
        assert_eq!(filter[0], "Filters");
        let patterns = filter[1..].chunks_exact(2).take_while(|pair| pair[0] == "Pattern");
        patterns.map(|pair| serde_json::from_str(&pair[1]).expect("a pattern is JSON")).collect()
    };
    filters.map(patterns_of).collect()
}

/// Returns whether `record` matches `pattern`, as Lambda's event filtering decides it: every field of the pattern must
/// match, an array has alternatives, and an object in an array is a comparison, of which only `prefix` is used.
fn pattern_matches(pattern: &Value, record: &Value) -> bool {
    let is_alternative = |alternative: &Value| match alternative {
        Value::String(text) => record == text,
        Value::Object(comparison) => {
            let fields: Vec<_> = comparison.iter().collect();
            let [(name, Value::String(prefix))] = fields[..] else { panic!("an unknown comparison: {alternative}") };
            assert_eq!(name, "prefix", "an unknown comparison");
            record.as_str().is_some_and(|text| text.starts_with(prefix))
        }
        _ => panic!("an unknown alternative: {alternative}"),
    };
    match pattern {
        Value::Object(fields) => fields.iter().all(|(name, pattern)| pattern_matches(pattern, &record[name])),
        Value::Array(alternatives) => alternatives.iter().any(is_alternative),
        _ => panic!("an unknown pattern: {pattern}"),
    }
}

/// Adds every text in `pattern`: prefixes and whole values.
fn collect_texts(pattern: &Value, texts: &mut BTreeSet<String>) {
    match pattern {
        Value::String(text) => drop(texts.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect_texts(field, texts)),
        _ => {}
    }
}

/// Returns every text in the patterns of `filter`.
fn texts_of(filter: StreamFilter) -> BTreeSet<String> {
    let of_sort_key = |sort_key: &SortKey| match sort_key {
        SortKey::Equals(text) | SortKey::StartsWith(text) => (*text).to_owned(),
    };
    let sort_keys = filter.patterns.iter().flat_map(|pattern| pattern.sort_keys).map(of_sort_key);
    filter.prefixes().map(str::to_owned).chain(sort_keys).collect()
}

/// Asserts that `filter` matches the same records as `patterns`.
fn assert_equal(name: &str, filter: StreamFilter, patterns: &[Value]) {
    let mut texts = texts_of(filter);
    texts.extend(["B#", "T#", "K#", "M#", "#", ""].map(str::to_owned));
    for pattern in patterns {
        collect_texts(pattern, &mut texts);
    }
    // Each text as a whole value and as a prefix, also of a longer kind that ends or begins like it.
    let values: BTreeSet<_> =
        texts.iter().flat_map(|text| [text.clone(), format!("{text}1"), format!("X{text}1")]).collect();
    let mut matched = 0;
    for event in ["INSERT", "MODIFY", "REMOVE"] {
        let kind = if event == "REMOVE" { ChangeKind::Removed } else { ChangeKind::Changed };
        for (pk, sk) in values.iter().flat_map(|pk| values.iter().map(move |sk| (pk, sk))) {
            let keys = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
            let record = json!({ "eventName": event, "dynamodb": { "Keys": keys } });
            let expected = patterns.iter().any(|pattern| pattern_matches(pattern, &record));
            assert_eq!(filter.matches(&keys, kind), expected, "{name}: {event} {keys}");
            assert!(!expected || may_match(pk, sk), "{name}: {event} {keys}");
            matched += u32::from(expected);
        }
    }
    assert!(matched > 0, "{name}: the template's patterns match nothing");
}

#[test]
fn filters_equal_the_template() {
    let patterns = template_patterns();
    let [dispatch, bookkeeping] = &patterns[..] else { panic!("two functions read the stream") };
    assert_equal("dispatch", StreamFilter::DISPATCH, dispatch);
    assert_equal("bookkeeping", StreamFilter::BOOKKEEPING, bookkeeping);
}
