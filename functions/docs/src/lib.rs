//! The OpenAPI document and the documentation page of each contract, and the page that names them.
//!
//! Everything is public, is part of the binary and comes from no table: the function needs no permission.

mod docs_page;
mod embedded;
mod embedded_file;
mod index;

use api::Routes;
use domain::Contract;
use http::HeaderMap;

/// Path of the script that shows a document on a documentation page.
const SCRIPT_PATH: &str = "/assets/api-reference.js";

/// Returns the routes of this function.
pub fn routes() -> Routes<()> {
    let routes = Routes::new()
        .get_outside_contracts("/", index::index)
        .get_outside_contracts(SCRIPT_PATH, |headers: HeaderMap| async move { embedded::SCRIPT.response(&headers) });
    Contract::ALL.into_iter().fold(routes, |routes, contract| {
        let document = embedded::document(contract);
        routes.get(contract, "/openapi.json", move |headers: HeaderMap| async move { document.response(&headers) }).get(
            contract,
            "/docs",
            move || async move { docs_page::response(contract) },
        )
    })
}
