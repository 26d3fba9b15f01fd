//! Exhibits whose pictures or pages are shown below one another.

use crate::exhibit_heading::{GAP, Placement, add_heading, heading_height, note_page};
use crate::flow::Flow;
use crate::page::{Area, CONTENT_HEIGHT, CONTENT_WIDTH, MARGIN, TileId};
use crate::prepare::Tile;
use crate::references::References;
use crate::structure::Role;
use crate::styles::{BODY, SMALL};
use crate::tiles::{alt_text, caption, draw_tile, fitted};
use crate::visible_text::with_remark;

/// Height of a page that pictures leave to the heading and the caption.
const HEADING_HEIGHT: f32 = 58.0;

/// Distance of pictures.
const GUTTER: f32 = 8.0;

/// Distance of a description from the picture below it.
const BELOW_DESCRIPTION: f32 = 6.0;

/// Distance of a caption from the picture below it.
const BELOW_CAPTION: f32 = 3.0;

/// Maximum number of characters of a description above pictures.
const MAX_DESCRIPTION_CHARS: usize = 1_500;

/// Minimum share of its size to which the first picture of an exhibit is reduced to stand below the heading. Print remains
/// as legible as on a sheet of the next smaller size.
const MIN_FIRST_SHARE: f32 = 0.75;

/// Minimum share of a page that a page break has to gain.
const MIN_GAIN_SHARE: f32 = 0.1;

/// Adds pictures below one another.
pub(crate) fn add(
    flow: &mut Flow<'_>,
    placement: &Placement<'_>,
    tiles: &[Tile],
    page_count: usize,
    references: &mut References,
) {
    let Placement { exhibit, index, density, .. } = *placement;
    let max_height = CONTENT_HEIGHT * density.max_height - HEADING_HEIGHT;
    let description = exhibit.description.as_deref().map(|text| with_remark(text, MAX_DESCRIPTION_CHARS));
    let description = description.filter(|text| !text.trim().is_empty());
    let mut below_heading = 0.0;
    if let Some(text) = &description {
        let lines = flow.typesetter.lines(text, BODY, CONTENT_WIDTH);
        below_heading = lines.iter().map(|line| line.height).sum::<f32>() + BELOW_DESCRIPTION;
    }
    let caption_height = if page_count > 1 { SMALL.size * SMALL.leading + BELOW_CAPTION } else { 0.0 };
    let mut sizes: Vec<(f32, f32)> = tiles.iter().map(|tile| fitted(tile.size(), CONTENT_WIDTH, max_height)).collect();
    if let Some(first) = sizes.first_mut() {
        let above = heading_height(flow, placement) + below_heading + caption_height;
        if let Some(height) = first_height(first.1, flow.remaining() - GAP - above, CONTENT_HEIGHT - above) {
            *first = fitted(*first, CONTENT_WIDTH, height);
            below_heading += caption_height + height;
        }
    }
    let part = add_heading(flow, placement, below_heading);
    note_page(flow, index, references);
    if let Some(text) = &description {
        flow.text(text, BODY, MARGIN, CONTENT_WIDTH, part);
        flow.y += BELOW_DESCRIPTION;
    }
    for (number, size) in sizes.iter().enumerate() {
        flow.ensure(size.1 + caption_height);
        note_page(flow, index, references);
        if let Some(text) = &caption(index, number, page_count) {
            flow.text(text, SMALL, MARGIN, CONTENT_WIDTH, part);
            flow.y += BELOW_CAPTION;
        }
        let area = Area { x: MARGIN, y: flow.y, width: size.0, height: size.1 };
        let figure = flow.structure.add(part, Role::Figure(alt_text(exhibit, index, number, page_count)));
        draw_tile(flow, area, TileId { exhibit: index, tile: number }, figure);
        flow.y += size.1 + GUTTER;
    }
}

/// Returns the height at which the first picture of an exhibit stands below its heading, if `here` points are left for it on
/// the last page and `next` on the one after it. `None` if it does not: then it has a page of its own, because the
/// description is long.
fn first_height(height: f32, here: f32, next: f32) -> Option<f32> {
    let least = height * MIN_FIRST_SHARE;
    // Without the second condition, a heading of the section would be left alone on its page.
    let room = if here >= least || next - here < CONTENT_HEIGHT * MIN_GAIN_SHARE { here } else { next };
    (room >= least).then(|| room.min(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_pictures_stand_below_their_heading() {
        assert_eq!(first_height(400.0, 500.0, 700.0), Some(400.0), "there is room");
        assert_eq!(first_height(680.0, 640.0, 690.0), Some(640.0), "a little smaller");
        assert_eq!(first_height(400.0, 200.0, 700.0), Some(400.0), "on the next page");
        assert_eq!(first_height(680.0, 500.0, 550.0), None, "only the heading of the section is above");
        assert_eq!(first_height(680.0, 100.0, 400.0), None, "a long description");
    }
}
