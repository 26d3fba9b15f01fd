//! Compares the filter with the one in `template.yaml`.

use super::{ChangeKind, LEAD_SORT_KEY, matches, may_match, prefixes};
use saphyr_parser::{Event, Parser};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Returns the patterns of the only event filter in `template.yaml`, each a JSON object.
fn template_patterns() -> Vec<Value> {
    let events = Parser::new_from_str(include_str!("../../../template.yaml"));
    let scalars: Vec<_> = events
        .filter_map(|event| match event.expect("valid YAML") {
            (Event::Scalar(text, ..), _) => Some(text),
            _ => None,
        })
        .collect();
    let filters: Vec<_> = scalars.split(|text| text == "FilterCriteria").skip(1).collect();
    let [filter] = filters[..] else { panic!("only the stream of dispatch has a filter") };
    // The scalars that follow are `Filters`, and then each key `Pattern` with its value.
    assert_eq!(filter[0], "Filters");
    let patterns = filter[1..].chunks_exact(2).take_while(|pair| pair[0] == "Pattern");
    patterns.map(|pair| serde_json::from_str(&pair[1]).expect("a pattern is JSON")).collect()
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

#[test]
fn filter_equals_the_template() {
    let patterns = template_patterns();
    let mut texts: BTreeSet<_> = prefixes().map(str::to_owned).collect();
    texts.extend(["B#", "T#", "K#", "M#", "#", ""].map(str::to_owned));
    texts.insert(LEAD_SORT_KEY.to_owned());
    for pattern in &patterns {
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
            assert_eq!(matches(&keys, kind), expected, "{event} {keys}");
            assert!(!expected || may_match(&keys.to_string()), "{event} {keys}");
            matched += u32::from(expected);
        }
    }
    assert!(matched > 0, "the template's patterns match nothing");
}
