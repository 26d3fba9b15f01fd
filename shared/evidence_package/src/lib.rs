#![doc = include_str!("../README.md")]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes on a page in points, and pixels of pictures, are far within the exact range of f32"
)]

mod composition;
mod content;
mod cover;
mod encode;
mod error;
mod exhibit_heading;
mod exhibit_pages;
mod exhibit_rows;
mod exhibit_texts;
mod exhibits;
mod file_size;
mod files;
mod fit;
mod flow;
mod fonts;
#[cfg(test)]
mod layout_tests;
mod manifest_pages;
mod page;
mod page_size;
mod pdf_evidence;
mod picture;
mod prepare;
mod references;
mod render;
mod render_context;
mod rendered;
mod selection;
mod structure;
mod styles;
mod tiles;
mod timeline;
mod typesetter;
mod visible_text;
mod write;

#[cfg(test)]
#[path = "../tests/render/cases/mod.rs"]
mod cases;

// The cases are those of the tests outside, which name this crate.
#[cfg(test)]
extern crate self as evidence_package;

pub use content::{
    ChecklistItem, Customer, DisputeFacts, Exhibit, ExhibitFile, Merchant, PackageContent, Source, TimelineEntry,
    TransactionFacts,
};
pub use error::RenderError;
pub use files::{EvidenceFiles, FileReadError, MemoryFiles};
pub use render::render;
pub use render_context::RenderContext;
pub use rendered::{LeftOut, LeftOutReason, Manifest, ManifestExhibit, RenderedPackage, Shown};
