//! The headings of exhibits.

use crate::content::Exhibit;
use crate::flow::Flow;
use crate::page::{CONTENT_WIDTH, MARGIN};
use crate::references::References;
use crate::selection::Density;
use crate::structure::{NodeId, Role};
use crate::styles::{SMALL, SUBHEADING};
use crate::visible_text::{abridged, visible_line};

/// Distance of exhibits.
pub(crate) const GAP: f32 = 14.0;

/// Distance of a heading from what follows it.
const BELOW_HEADING: f32 = 5.0;

/// Maximum number of characters of a title.
const MAX_TITLE_CHARS: usize = 160;

/// An exhibit that is added to the document.
pub(crate) struct Placement<'a> {
    /// The exhibit.
    pub(crate) exhibit: &'a Exhibit,
    /// Its index.
    pub(crate) index: usize,
    /// Density of exhibits.
    pub(crate) density: Density,
    /// Section of the exhibits.
    pub(crate) section: NodeId,
}

/// Returns the title of an exhibit: its own, or its category.
pub(crate) fn title(exhibit: &Exhibit) -> String {
    let own = exhibit.title.as_deref().map(visible_line).filter(|title| !title.is_empty());
    let title = own.unwrap_or_else(|| exhibit.category.title().to_owned());
    abridged(&title, MAX_TITLE_CHARS).0.to_owned()
}

/// Returns category, time and file of an exhibit on one line.
pub(crate) fn details(exhibit: &Exhibit) -> String {
    let mut parts =
        vec![exhibit.category.title().to_owned(), format!("recorded {}", exhibit.recorded_at.minute_in_words())];
    if let Some(file) = &exhibit.file {
        let name = file.name.as_deref().map(visible_line).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "file without a name".to_owned());
        parts.push(format!("{} ({})", abridged(&name, 80).0, file.file_type.title()));
    }
    parts.join(" · ")
}

/// Returns category and day of an exhibit, for columns that have no room for more.
pub(crate) fn short_details(exhibit: &Exhibit) -> String {
    let recorded_at = exhibit.recorded_at.minute_in_words();
    let day = recorded_at.split(' ').next().unwrap_or_default();
    format!("{} · {day}", exhibit.category.title())
}

/// Notes that an exhibit is on the last page.
pub(crate) fn note_page(flow: &Flow<'_>, index: usize, references: &mut References) {
    let page = flow.page_number();
    let pages = &mut references.exhibits[index];
    *pages = Some(pages.map_or((page, page), |(first, _)| (first, page)));
}

/// Returns the height of the heading of an exhibit.
pub(crate) fn heading_height(flow: &mut Flow<'_>, placement: &Placement<'_>) -> f32 {
    let lines = flow.typesetter.lines(&numbered_title(placement), SUBHEADING, CONTENT_WIDTH);
    lines.iter().map(|line| line.height).sum::<f32>() + SMALL.size * SMALL.leading + BELOW_HEADING
}

fn numbered_title(placement: &Placement<'_>) -> String {
    format!("Exhibit {} · {}", placement.index + 1, title(placement.exhibit))
}

/// Adds the heading of an exhibit, and keeps it with what follows it in `with` points.
pub(crate) fn add_heading(flow: &mut Flow<'_>, placement: &Placement<'_>, with: f32) -> NodeId {
    let height = heading_height(flow, placement);
    flow.space(GAP);
    flow.ensure(height + with);
    let title = numbered_title(placement);
    flow.bookmark(2, &title);
    let part = flow.structure.add(placement.section, Role::Section);
    let lines = flow.typesetter.lines(&title, SUBHEADING, CONTENT_WIDTH);
    let node = flow.structure.add(part, Role::Heading(2, title));
    for line in lines.iter() {
        let y = flow.y;
        flow.line(line, MARGIN, y, node);
        flow.y += line.height;
    }
    flow.text(&details(placement.exhibit), SMALL, MARGIN, CONTENT_WIDTH, part);
    flow.y += BELOW_HEADING;
    part
}
