#![doc = include_str!("../README.md")]

mod content;
mod error;
mod files;
mod render;
mod rendered;

pub use content::{
    ChecklistItem, Customer, DisputeFacts, Exhibit, ExhibitFile, Merchant, PackageContent, Source, TimelineEntry,
    TimelineKind, TransactionFacts,
};
pub use error::RenderError;
pub use files::{EvidenceFiles, FileReadError, MemoryFiles};
pub use render::{RenderContext, render};
pub use rendered::{LeftOut, LeftOutReason, Manifest, ManifestExhibit, RenderedPackage, Shown};
