//! The files that are part of the binary.

use crate::embedded_file::EmbeddedFile;
use contract::profile;
use domain::Contract;

/// The files that `build.rs` has written.
mod generated {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// A page or tool may use a document for five minutes before it asks whether there is a newer one.
const DOCUMENT_CACHE_CONTROL: &str = "public, max-age=300";

/// The script's URL has its version, so that it never changes.
const SCRIPT_CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The script of the documentation pages.
pub(crate) const SCRIPT: EmbeddedFile = EmbeddedFile {
    gzip: generated::SCRIPT.0,
    hash: generated::SCRIPT.1,
    content_type: "text/javascript; charset=utf-8",
    cache_control: SCRIPT_CACHE_CONTROL,
};

/// Returns the OpenAPI document of a contract.
pub(crate) fn document(contract: Contract) -> EmbeddedFile {
    let name = profile(contract).document_name();
    let (_, gzip, hash) = generated::DOCUMENTS
        .iter()
        .find(|(found, ..)| *found == name)
        .unwrap_or_else(|| panic!("the folder openapi has no {name}.json"));
    EmbeddedFile { gzip, hash, content_type: "application/json", cache_control: DOCUMENT_CACHE_CONTROL }
}
