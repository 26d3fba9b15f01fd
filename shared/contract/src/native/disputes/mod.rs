//! The answer to a dispute: its checklist, its packages, its evidence as structured data.

pub(crate) mod case;
pub(crate) mod evidence_summary;
pub(crate) mod package;
mod package_names;

pub use evidence_summary::evidence_summary_json;
pub use package::{
    DocumentLink, document_location_json, linked_document, package_document_url, package_json, parse_package_request,
};
