//! Pages of a list.

use crate::cursor::NextCursor;
use crate::json::Json;
use serde::Serialize;

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
