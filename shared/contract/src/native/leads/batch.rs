//! Creation of many leads in one request.

use crate::error::ErrorKind;
use crate::fields::{Fields, UnknownFields, describe_request};
use crate::json::Json;
use crate::json_value::JsonValue;
use crate::leads::Warning;
use crate::native::error::ErrorJson;
use crate::native::leads::lead::{LeadJson, parse_lead_request};
use domain::{FieldError, FieldErrors};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// Maximum number of leads in a batch.
const MAX_LEADS: usize = 100;

const LEADS: &str = "leads";

/// Parses `{"leads": [{…}]}`. The fields of each entry are left to be parsed on their own.
pub fn parse_batch<'a>(mut fields: Fields<'a>) -> Result<Vec<Fields<'a>>, FieldErrors> {
    fields.require(LEADS);
    fields.note_property(LEADS, || {
        let entry = describe_request(UnknownFields::Rejected, |entry| drop(parse_lead_request(entry)));
        json!({ "type": "array", "minItems": 1, "maxItems": MAX_LEADS, "items": entry })
    });
    let entries = fields.array(LEADS).unwrap_or_default();
    if matches!(fields.value(LEADS), Some(JsonValue::Array(_))) && !(1..=MAX_LEADS).contains(&entries.len()) {
        fields.add_error(LEADS, format!("must have 1 to {MAX_LEADS} items"));
    } else {
        for (index, _) in entries.iter().enumerate().filter(|(_, entry)| !matches!(entry, JsonValue::Object(_))) {
            fields.add_error(&format!("{LEADS}[{index}]"), "must be an object");
        }
    }
    let of_entry = |entry: &'a JsonValue| match entry {
        JsonValue::Object(object) => Some(fields.of_entry(object)),
        _ => None,
    };
    let parsed = entries.iter().filter_map(of_entry).collect();
    fields.finish()?;
    Ok(parsed)
}

/// The result for one entry of a batch.
#[derive(Serialize)]
#[serde(transparent)]
pub struct BatchResult(Json);

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedBatchEntry")]
struct Created {
    status: u16,
    #[schemars(with = "LeadJson<'_>")]
    lead: Json,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FailedBatchEntry")]
struct Failed<'a> {
    status: u16,
    error: ErrorJson<'a>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Batch")]
pub(in crate::native) struct Batch<'a> {
    #[schemars(with = "Vec<EntrySchema<'_>>")]
    results: &'a [BatchResult],
}

/// The forms of a [`BatchResult`], for its schema.
#[derive(JsonSchema)]
#[schemars(rename = "BatchEntry", untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum EntrySchema<'a> {
    Created(Created),
    Failed(Failed<'a>),
}

impl BatchResult {
    /// Returns the result for the entry at `index` that created a lead. The fields that its warnings are about are named
    /// by their place in the request, as those of errors are.
    pub fn created(lead: Json, warnings: &[Warning], index: usize) -> Self {
        let warnings = warnings.iter().map(|warning| warning.within(&format!("{LEADS}[{index}]."))).collect();
        Self(Json::of(&Created { status: 201, lead, warnings }))
    }

    /// Returns the result for the entry at `index` that failed. Its fields are named by their place in the request:
    /// `leads[3].email`.
    pub fn failed(kind: &ErrorKind, index: usize) -> Self {
        let prefixed =
            |error: &FieldError| FieldError::new(format!("{LEADS}[{index}].{}", error.field), error.reason.clone());
        let kind = match kind {
            ErrorKind::Invalid(errors) => ErrorKind::Invalid(FieldErrors(errors.0.iter().map(prefixed).collect())),
            other => other.clone(),
        };
        Self(Json::of(&Failed { status: kind.status(), error: ErrorJson::of(&kind, None) }))
    }
}

/// Returns the results in the order of the entries.
pub fn batch_json(results: &[BatchResult]) -> Json {
    Json::of(&Batch { results })
}
