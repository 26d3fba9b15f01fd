//! Descriptions of fields and parameters. They have one list: a name means the same in requests and responses, in
//! camelCase and `snake_case`.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Descriptions by name, and which of them were used.
pub(crate) struct FieldDescriptions {
    texts: BTreeMap<&'static str, &'static str>,
    used: BTreeSet<&'static str>,
    missing: BTreeSet<String>,
}

impl FieldDescriptions {
    /// Reads the list.
    pub(crate) fn new() -> Self {
        let lines = include_str!("field_descriptions.txt").lines();
        let entries = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let texts = entries.filter_map(|line| line.split_once(": ")).collect();
        Self { texts, used: BTreeSet::new(), missing: BTreeSet::new() }
    }

    /// Adds descriptions to the properties of a schema and of all within. `owner` is the name of what has the schema.
    pub(crate) fn describe_schema(&mut self, owner: &str, schema: &mut Value) {
        let Value::Object(object) = schema else { return };
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            for (name, property) in properties {
                self.describe(owner, name, property);
                self.describe_schema(name, property);
            }
        }
        for keyword in ["items", "additionalProperties"] {
            if let Some(inner) = object.get_mut(keyword) {
                self.describe_schema(owner, inner);
            }
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(alternatives)) = object.get_mut(keyword) {
                // Alternatives of a request state again what the properties are.
                let nested = alternatives.iter_mut().filter(|alternative| alternative.get("required").is_none());
                nested.for_each(|alternative| self.describe_schema(owner, alternative));
            }
        }
    }

    /// Adds the description of a field or parameter, unless it has one.
    pub(crate) fn describe(&mut self, owner: &str, name: &str, described: &mut Value) {
        let Value::Object(object) = described else { return };
        if object.contains_key("description") {
            return;
        }
        let camel_case = camel_case(name);
        let qualified = format!("{}.{camel_case}", self::camel_case(owner));
        let found =
            self.texts.get_key_value(qualified.as_str()).or_else(|| self.texts.get_key_value(camel_case.as_str()));
        match found {
            Some((key, text)) => {
                self.used.insert(key);
                object.insert("description".to_owned(), json!(text));
            }
            None => {
                self.missing.insert(qualified);
            }
        }
    }

    /// Returns the names that have no description.
    #[cfg(test)]
    pub(crate) fn missing(&self) -> &BTreeSet<String> {
        &self.missing
    }

    /// Returns the names that were used.
    #[cfg(test)]
    pub(crate) fn used(&self) -> &BTreeSet<&'static str> {
        &self.used
    }

    /// Returns every name.
    #[cfg(test)]
    pub(crate) fn names(&self) -> BTreeSet<&'static str> {
        self.texts.keys().copied().collect()
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel_case = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel_case.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel_case.push_str(letters.as_str());
    }
    camel_case
}
