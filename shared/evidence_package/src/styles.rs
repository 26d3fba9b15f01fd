//! The looks of texts, on one scale of sizes.

use crate::fonts::Weight;
use crate::typesetter::{Color, Spacing, Style};

/// Color of text.
pub(crate) const INK: Color = [0x1b, 0x21, 0x2c];
/// Color of labels and remarks. Its contrast with white is above 5 (WCAG 2, level AA).
pub(crate) const MUTED: Color = [0x5a, 0x64, 0x73];
/// Color of headings.
pub(crate) const ACCENT: Color = [0x1d, 0x3a, 0x5f];
/// Color of rules.
pub(crate) const RULE: Color = [0xd4, 0xd9, 0xe0];
/// Color behind the heads of tables.
pub(crate) const TINT: Color = [0xf2, 0xf4, 0xf7];
/// Color of what is missing.
pub(crate) const ALERT: Color = [0x9c, 0x2a, 0x1c];
/// Color of what is there.
pub(crate) const PRESENT: Color = [0x1f, 0x6b, 0x43];

const fn style(size: f32, weight: Weight, color: Color, leading: f32, spacing: Spacing) -> Style {
    Style { size, weight, color, leading, spacing }
}

/// Title of the document.
pub(crate) const TITLE: Style = style(21.0, Weight::SemiBold, ACCENT, 1.25, Spacing::Proportional);
/// Heading of a section.
pub(crate) const HEADING: Style = style(13.0, Weight::SemiBold, ACCENT, 1.3, Spacing::Proportional);
/// Heading of an exhibit.
pub(crate) const SUBHEADING: Style = style(10.5, Weight::SemiBold, INK, 1.3, Spacing::Proportional);
/// Text.
pub(crate) const BODY: Style = style(9.5, Weight::Regular, INK, 1.45, Spacing::Proportional);
/// Text in tables.
pub(crate) const CELL: Style = style(8.5, Weight::Regular, INK, 1.4, Spacing::Proportional);
/// Names in tables.
pub(crate) const CELL_STRONG: Style = style(8.5, Weight::SemiBold, INK, 1.4, Spacing::Proportional);
/// Remarks in tables.
pub(crate) const CELL_MUTED: Style = style(8.0, Weight::Regular, MUTED, 1.4, Spacing::Proportional);
/// Evidence that is missing, in tables.
pub(crate) const CELL_ALERT: Style = style(8.5, Weight::SemiBold, ALERT, 1.4, Spacing::Proportional);
/// Evidence that is present, in tables.
pub(crate) const CELL_PRESENT: Style = style(8.5, Weight::SemiBold, PRESENT, 1.4, Spacing::Proportional);
/// Labels in capitals.
pub(crate) const LABEL: Style = style(7.0, Weight::SemiBold, MUTED, 1.4, Spacing::Wide);
/// Facts on the cover.
pub(crate) const FACT: Style = style(10.0, Weight::Regular, INK, 1.35, Spacing::Proportional);
/// The most important facts on the cover.
pub(crate) const FACT_STRONG: Style = style(12.0, Weight::SemiBold, INK, 1.3, Spacing::Proportional);
/// Captions, remarks and the footer.
pub(crate) const SMALL: Style = style(7.5, Weight::Regular, MUTED, 1.4, Spacing::Proportional);
/// Captions of pictures.
pub(crate) const CAPTION: Style = style(7.5, Weight::SemiBold, INK, 1.4, Spacing::Proportional);
/// Hashes.
pub(crate) const HASH: Style = style(6.4, Weight::Regular, INK, 1.5, Spacing::Mono);
/// Rows of the manifest. They are many, and each takes room from an exhibit; print remains legible at this size.
pub(crate) const ROW: Style = style(6.6, Weight::Regular, INK, 1.35, Spacing::Proportional);
/// Remarks in rows of the manifest.
pub(crate) const ROW_MUTED: Style = Style { color: MUTED, ..ROW };
/// Exhibits that are not shown, in rows of the manifest.
pub(crate) const ROW_ALERT: Style = Style { weight: Weight::SemiBold, color: ALERT, ..ROW };
/// Hashes in rows of the manifest, in lines as high as the row's.
pub(crate) const ROW_HASH: Style = style(6.0, Weight::Regular, INK, 1.35 * 6.6 / 6.0, Spacing::Mono);
