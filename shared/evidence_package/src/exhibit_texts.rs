//! Exhibits that are texts, or that paper cannot show.

use crate::exhibit_heading::{Placement, add_heading, note_page};
use crate::file_size::file_size;
use crate::flow::Flow;
use crate::page::{CONTENT_WIDTH, MARGIN};
use crate::prepare::{Body, Prepared};
use crate::references::References;
use crate::rendered::Shown;
use crate::styles::{BODY, HASH, SMALL};
use crate::visible_text::{abridged, with_remark};

/// Number of characters of an exhibit that has nothing but its description.
const MIN_TEXT_CHARS: usize = 400;

/// Adds an exhibit that is a text, or that paper cannot show. Returns how it is shown.
pub(crate) fn add(
    flow: &mut Flow<'_>,
    placement: &Placement<'_>,
    prepared: &Prepared,
    references: &mut References,
) -> Shown {
    let Placement { exhibit, index, density, .. } = *placement;
    let part = add_heading(flow, placement, 2.0 * BODY.size * BODY.leading);
    note_page(flow, index, references);
    let max_chars = density.max_text_chars.max(MIN_TEXT_CHARS);
    if let Some(hash) = &prepared.sha256 {
        let size = prepared.bytes.map(file_size).unwrap_or_default();
        flow.text(&format!("SHA-256 {} · {size}", hash.as_str()), HASH, MARGIN, CONTENT_WIDTH, part);
        flow.y += 3.0;
    }
    let description = exhibit.description.as_deref().unwrap_or_default();
    if !description.trim().is_empty() {
        flow.text(&with_remark(description, max_chars), BODY, MARGIN, CONTENT_WIDTH, part);
    }
    let shown = match &prepared.body {
        Body::Text(text, length) => {
            let (start, _) = abridged(text, max_chars);
            flow.y += 4.0;
            flow.text(start, BODY, MARGIN + 10.0, CONTENT_WIDTH - 20.0, part);
            let shown = start.chars().count();
            if text.chars().count() > shown || *length > text.chars().count().saturating_mul(2) {
                let remark = format!("[Abridged: the first {shown} of {length} characters.]");
                flow.text(&remark, SMALL, MARGIN + 10.0, CONTENT_WIDTH - 20.0, part);
                let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
                Shown::Abridged { shown: number(shown), of: number(*length) }
            } else {
                Shown::Text
            }
        }
        Body::Listed => {
            flow.text("A recording: it is kept, and its hash identifies it.", SMALL, MARGIN, CONTENT_WIDTH, part);
            Shown::Listed
        }
        Body::Description | Body::Tiles(..) | Body::LeftOut(_) => Shown::Text,
    };
    note_page(flow, index, references);
    shown
}
