//! Choices of what a document shows: exhibits, their density, and shortened texts.

use crate::rendered::LeftOutReason;

/// Lengths to which texts are shortened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Abridgement {
    /// Maximum number of characters of the claim and of the answer.
    pub(crate) statement_chars: usize,
    /// Maximum number of characters of a text in the timeline.
    pub(crate) entry_chars: usize,
    /// Maximum number of entries of the timeline.
    pub(crate) timeline_entries: usize,
}

/// Density of exhibits on a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Density {
    /// Pictures in a row.
    pub(crate) columns: usize,
    /// Maximum height of a picture, as a share of the page's.
    pub(crate) max_height: f32,
    /// Maximum number of pages of one document.
    pub(crate) max_document_pages: usize,
    /// Maximum number of characters of a text.
    pub(crate) max_text_chars: usize,
}

/// Choice of what is shown of the exhibits.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// For each exhibit, the reason why it is left out; `None` if it is shown.
    pub(crate) left_out: Vec<Option<LeftOutReason>>,
    /// For each exhibit, whether it is shown in reduced resolution.
    pub(crate) down_sampled: Vec<bool>,
    /// Density.
    pub(crate) density: Density,
    /// Shortening of texts.
    pub(crate) abridgement: Abridgement,
}
