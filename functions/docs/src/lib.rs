//! The OpenAPI document and the documentation page of each contract, and the page that names them.
//!
//! Everything is public, is part of the binary and comes from no table: the function needs no permission.

mod docs_page;
mod embedded;
mod embedded_file;
mod index;

use api::{ApiError, Routes};
use axum::extract::Path;
use axum::response::Response;
use contract::ErrorKind;
use domain::Contract;
use http::HeaderMap;

/// Returns the path of the script that shows a document on a documentation page. Its version is part of the path, so
/// that what is there never changes and caches, also those that drop queries, may keep it.
fn script_path(version: &str) -> String {
    format!("/assets/{version}/api-reference.js")
}

/// Returns the script of a version: there is one.
async fn script(Path(version): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    if version != embedded::SCRIPT_VERSION {
        return Err(ErrorKind::NotFound("version of this script").into());
    }
    Ok(embedded::SCRIPT.response(&headers))
}

/// Returns the routes of this function.
pub fn routes() -> Routes<()> {
    let routes =
        Routes::new().get_outside_contracts("/", index::index).get_outside_contracts(&script_path("{version}"), script);
    Contract::ALL.into_iter().fold(routes, |routes, contract| {
        let document = embedded::document(contract);
        routes.get(contract, "/openapi.json", move |headers: HeaderMap| async move { document.response(&headers) }).get(
            contract,
            "/docs",
            move || async move { docs_page::response(contract) },
        )
    })
}
