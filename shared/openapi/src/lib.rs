#![doc = include_str!("../README.md")]

mod document;
mod documentation;
mod errors;
mod event_catalogue;
mod field_descriptions;
mod headers;
mod operation;
mod schema_settings;
mod shapes;
mod tags;
mod unused_components;
mod webhooks;

use contract::profile;
pub use document::document;
use domain::Contract;
pub use event_catalogue::event_catalogue;
use std::path::PathBuf;

/// Returns the path of a contract's document in the repository, below its root.
pub fn file_name(contract: Contract) -> PathBuf {
    PathBuf::from("openapi").join(format!("{}.json", profile(contract).document_name()))
}

/// Path of the catalogue of events in the repository, below its root.
pub const EVENT_CATALOGUE: &str = "openapi/event-types.json";

/// Returns the text of a contract's document as it is checked in.
pub fn text(contract: Contract) -> String {
    format!("{:#}\n", document(contract))
}
