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

/// Width of a frame in points.
const FRAME: f32 = 0.5;

/// Draws a tile in a thin frame. The frame is above the tile, whose edge would hide parts of it at low resolutions.
pub(crate) fn draw_tile(flow: &mut Flow<'_>, area: Area, tile: TileId, node: NodeId) {
    flow.tile(area, tile, node);
    let Area { x, y, width, height } = area;
    for edge in [
        Area { x: x - FRAME, y: y - FRAME, width: width + 2.0 * FRAME, height: FRAME },
        Area { x: x - FRAME, y: y + height, width: width + 2.0 * FRAME, height: FRAME },
        Area { x: x - FRAME, y, width: FRAME, height },
        Area { x: x + width, y, width: FRAME, height },
    ] {
        flow.draw(Drawing::Fill { area: edge, color: RULE }, None);
    }
}
