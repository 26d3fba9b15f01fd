//! Components that nothing refers to: linters warn of them, and generated clients would have types of no use.

use serde_json::Value;
use std::collections::BTreeSet;

/// Kinds of components that are referred to by `$ref`. Security schemes are referred to by name.
const KINDS: [&str; 4] = ["schemas", "responses", "parameters", "headers"];

/// Removes the components of `document` that its operations do not use, directly or through other components.
pub(crate) fn remove(document: &mut Value) {
    let mut used = BTreeSet::new();
    let roots = document.as_object().into_iter().flatten().filter(|(name, _)| *name != "components");
    let mut open: Vec<_> = roots.flat_map(|(_, value)| references(value)).collect();
    while let Some(reference) = open.pop() {
        if let Some(target) = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer))
            && used.insert(reference)
        {
            open.extend(references(target));
        }
    }
    for kind in KINDS {
        if let Some(components) = document["components"][kind].as_object_mut() {
            components.retain(|name, _| used.contains(&format!("#/components/{kind}/{name}")));
        }
    }
}

/// Returns the references in `value`.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, inner)| match inner {
                Value::String(reference) if name == "$ref" => vec![reference.clone()],
                _ => references(inner),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_components_that_operations_reach_remain() {
        let mut document = json!({
            "paths": { "/a": { "get": { "responses": { "200": { "$ref": "#/components/responses/A" } } } } },
            "components": {
                "responses": { "A": { "schema": { "$ref": "#/components/schemas/A" } }, "B": {} },
                "schemas": {
                    "A": { "properties": { "parent": { "$ref": "#/components/schemas/A" } } },
                    "B": { "properties": { "c": { "$ref": "#/components/schemas/C" } } },
                    "C": {}
                },
                "securitySchemes": { "apiKey": {} }
            }
        });
        remove(&mut document);
        let names = |kind: &str| document["components"][kind].as_object().map(|found| found.keys().cloned().collect());
        let one = |name: &str| Some(vec![name.to_owned()]);
        assert_eq!(names("responses"), one("A"));
        assert_eq!(names("schemas"), one("A"));
        assert_eq!(names("securitySchemes"), one("apiKey"));
    }
}
