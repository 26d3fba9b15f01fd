//! The exhibits, in the order of the document: each alone, or several in a row.

use crate::content::PackageContent;
use crate::exhibit_heading::Placement;
use crate::exhibit_rows::Rows;
use crate::flow::Flow;
use crate::prepare::{Body, Prepared};
use crate::references::References;
use crate::rendered::Shown;
use crate::selection::Selection;
use crate::structure::Structure;
use crate::{exhibit_pages, exhibit_texts};

/// Adds the exhibits that are not left out. Returns how each is shown.
pub(crate) fn add(
    flow: &mut Flow<'_>,
    content: &PackageContent,
    prepared: &[Prepared],
    selection: &Selection,
    references: &mut References,
) -> Vec<Option<Shown>> {
    let is_shown =
        |index: usize| selection.left_out[index].is_none() && !matches!(prepared[index].body, Body::LeftOut(_));
    let density = selection.density;
    let mut section = None;
    let mut rows = Rows::new(density);
    let mut all = Vec::new();
    for (index, exhibit) in content.exhibits.iter().enumerate() {
        if !is_shown(index) {
            let reason = match &prepared[index].body {
                Body::LeftOut(reason) => Some(reason.clone()),
                _ => selection.left_out[index].clone(),
            };
            all.push(reason.map(Shown::LeftOut));
            continue;
        }
        let section = *section.get_or_insert_with(|| {
            flow.break_page();
            flow.heading("Exhibits", Structure::ROOT, 120.0)
        });
        let placement = Placement { exhibit, index, density, section };
        let shown = if let Body::Tiles(tiles, page_count) = &prepared[index].body {
            let tiles = &tiles[..tiles.len().min(density.max_document_pages)];
            if density.columns == 1 {
                exhibit_pages::add(flow, &placement, tiles, *page_count, references);
            } else {
                rows.add_tiles(flow, &placement, tiles, *page_count, references);
            }
            Shown::of_tiles(tiles.len(), *page_count, selection.down_sampled[index])
        } else if let Some(shown) = rows.add_short_text(flow, &placement, &prepared[index], references) {
            shown
        } else {
            rows.end(flow, references);
            exhibit_texts::add(flow, &placement, &prepared[index], references)
        };
        all.push(Some(shown));
    }
    rows.end(flow, references);
    all
}

impl Shown {
    fn of_tiles(count: usize, page_count: usize, is_down_sampled: bool) -> Self {
        if count < page_count {
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            Self::FirstPages { shown: number(count), of: number(page_count) }
        } else if is_down_sampled {
            Self::DownSampled
        } else {
            Self::Full
        }
    }
}
