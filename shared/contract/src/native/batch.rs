//! Many leads in one call.

use super::{Body, body};
use crate::error::ErrorKind;
use crate::fields::Fields;
use crate::json::Json;
use domain::{FieldError, FieldErrors};
use serde::Serialize;
use serde_json::{Map, Value};

/// Leads that one call may bring.
const MOST: usize = 100;

/// The name of the list.
const LEADS: &str = "leads";

/// Reads `{"leads": [ … ]}`: what each entry says is read for itself later.
pub fn read_batch(body: &Map<String, Value>) -> Result<Vec<&Map<String, Value>>, FieldErrors> {
    let mut fields = Fields::new(body);
    let entries = match fields.value(LEADS) {
        Some(Value::Array(entries)) if (1..=MOST).contains(&entries.len()) => entries.as_slice(),
        Some(Value::Array(_)) => {
            fields.add_error(LEADS, format!("must have 1 to {MOST} entries"));
            &[]
        }
        Some(_) => {
            fields.add_error(LEADS, "must be a list");
            &[]
        }
        None => {
            fields.add_error(LEADS, "is required");
            &[]
        }
    };
    let mut read = Vec::with_capacity(entries.len());
    for (place, entry) in entries.iter().enumerate() {
        match entry {
            Value::Object(entry) => read.push(entry),
            _ => fields.add_error(&format!("{LEADS}[{place}]"), "must be an object"),
        }
    }
    fields.finish()?;
    Ok(read)
}

#[derive(Serialize)]
struct Made {
    status: u16,
    lead: Json,
}

/// What came of an entry that was stored.
pub fn entry_made(lead: Json) -> Json {
    Json::of(&Made { status: 201, lead })
}

#[derive(Serialize)]
struct FailedEntry<'a> {
    status: u16,
    error: Body<'a>,
}

/// What came of the entry at `place`, which was refused; its fields are named by their place in the call.
pub fn entry_refused(kind: &ErrorKind, place: usize) -> Json {
    let named = |error: &FieldError| FieldError::new(format!("{LEADS}[{place}].{}", error.field), error.reason.clone());
    let kind = match kind {
        ErrorKind::Invalid(field_errors) => ErrorKind::Invalid(FieldErrors(field_errors.0.iter().map(named).collect())),
        other => other.clone(),
    };
    Json::of(&FailedEntry { status: kind.status(), error: body(&kind, None) })
}

#[derive(Serialize)]
struct Batch<'a> {
    results: &'a [Json],
}

/// The answer for each entry, in order.
pub fn batch(results: &[Json]) -> Json {
    Json::of(&Batch { results })
}
