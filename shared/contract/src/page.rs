//! Pages of a list.

use crate::cursor::NextCursor;
use crate::json::Json;
use serde::Serialize;
use serde_json::{Value, json};

/// The number of items on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    /// Used when the request has no `limit`.
    pub default: usize,
    /// The largest accepted `limit`.
    pub max: usize,
}

#[derive(Serialize)]
struct Page<P> {
    data: Vec<Json>,
    pagination: P,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CamelCasePagination {
    next_cursor: Option<String>,
    has_more: bool,
}

#[derive(Serialize)]
struct SnakeCasePagination {
    next_cursor: Option<String>,
    has_more: bool,
}

/// Returns the JSON Schema of a page as [`camel_case_page_json`] writes it.
pub(crate) fn camel_case_page_schema(item: Value) -> Value {
    page_schema(item, "nextCursor", "hasMore")
}

/// Returns the JSON Schema of a page as [`snake_case_page_json`] writes it.
pub(crate) fn snake_case_page_schema(item: Value) -> Value {
    page_schema(item, "next_cursor", "has_more")
}

fn page_schema(item: Value, next_cursor: &str, has_more: &str) -> Value {
    json!({
        "type": "object",
        "required": ["data", "pagination"],
        "properties": {
            "data": { "type": "array", "items": item },
            "pagination": {
                "type": "object",
                "required": [next_cursor, has_more],
                "properties": { next_cursor: { "type": ["string", "null"] }, has_more: { "type": "boolean" } }
            }
        }
    })
}

/// Returns `{"data", "pagination": {"nextCursor", "hasMore"}}`.
pub(crate) fn camel_case_page_json(data: Vec<Json>, next: NextCursor) -> Json {
    let next_cursor = next.into_text();
    let has_more = next_cursor.is_some();
    Json::of(&Page { data, pagination: CamelCasePagination { next_cursor, has_more } })
}

/// Returns `{"data", "pagination": {"next_cursor", "has_more"}}`.
pub(crate) fn snake_case_page_json(data: Vec<Json>, next: NextCursor) -> Json {
    let next_cursor = next.into_text();
    let has_more = next_cursor.is_some();
    Json::of(&Page { data, pagination: SnakeCasePagination { next_cursor, has_more } })
}
