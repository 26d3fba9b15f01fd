//! Pictures and pages of documents as they are drawn among the exhibits.

use crate::content::Exhibit;
use crate::exhibit_heading::title;
use crate::flow::Flow;
use crate::page::{Area, Drawing, TileId};
use crate::structure::NodeId;
use crate::styles::RULE;

/// Returns width and height of a tile that fits into a space.
pub(crate) fn fitted((width, height): (f32, f32), max_width: f32, max_height: f32) -> (f32, f32) {
    let scale = (max_width / width).min(max_height / height).min(1.0);
    ((width * scale).max(1.0), (height * scale).max(1.0))
}

/// Returns the caption of a page of a document that has several.
pub(crate) fn caption(index: usize, number: usize, page_count: usize) -> Option<String> {
    (page_count > 1).then(|| format!("Exhibit {}, page {} of {page_count}", index + 1, number + 1))
}

/// Returns the description of a tile for those who do not see it.
pub(crate) fn alt_text(exhibit: &Exhibit, index: usize, number: usize, page_count: usize) -> String {
    let page = if page_count > 1 { format!(", page {} of {page_count}", number + 1) } else { String::new() };
    format!("Exhibit {}{page}: {}", index + 1, title(exhibit))
}

/// Draws a tile in a thin frame.
pub(crate) fn draw_tile(flow: &mut Flow<'_>, area: Area, tile: TileId, node: NodeId) {
    let frame = Area { x: area.x - 0.5, y: area.y - 0.5, width: area.width + 1.0, height: area.height + 1.0 };
    flow.draw(Drawing::Fill { area: frame, color: RULE }, None);
    let inside = Area { x: area.x, y: area.y, width: area.width, height: area.height };
    flow.draw(Drawing::Fill { area: inside, color: [0xff; 3] }, None);
    flow.tile(area, tile, node);
}
