//! The size of a page and of its content, in points.

/// Width of a page in points: A4, which is within the largest page that Visa accepts (8.64 × 14 inches).
pub(crate) const PAGE_WIDTH: f32 = 595.28;

/// Height of a page in points.
pub(crate) const PAGE_HEIGHT: f32 = 841.89;

/// Left and right margin.
pub(crate) const MARGIN: f32 = 56.0;

/// Top of the content.
pub(crate) const CONTENT_TOP: f32 = 56.0;

/// Bottom of the content; the footer is below.
pub(crate) const CONTENT_BOTTOM: f32 = PAGE_HEIGHT - 64.0;

/// Width of the content.
pub(crate) const CONTENT_WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;

/// Height of the content.
pub(crate) const CONTENT_HEIGHT: f32 = CONTENT_BOTTOM - CONTENT_TOP;
