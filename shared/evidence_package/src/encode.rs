//! Pictures and pages of exhibits in the form in which they are written, at a quality.

use crate::composition::Composition;
use crate::error::RenderError;
use crate::page::TileId;
use crate::pdf_evidence::IncludedPages;
use crate::picture::Picture;
use crate::prepare::{Body, Prepared, Tile};
use crate::render_context::RenderContext;
use crate::write::WrittenTile;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// A resolution and JPEG quality.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quality {
    /// Resolution.
    pub(crate) pixels_per_inch: u32,
    jpeg: u8,
    /// Maximum number of bytes of an included page; a larger one is drawn.
    max_page_bytes: usize,
}

/// Steps of reducing the resolution. Print remains legible at the last.
pub(crate) const QUALITIES: [Quality; 6] = [
    Quality { pixels_per_inch: 300, jpeg: 86, max_page_bytes: usize::MAX },
    Quality { pixels_per_inch: 200, jpeg: 82, max_page_bytes: usize::MAX },
    Quality { pixels_per_inch: 150, jpeg: 75, max_page_bytes: 250_000 },
    Quality { pixels_per_inch: 130, jpeg: 62, max_page_bytes: 150_000 },
    Quality { pixels_per_inch: 110, jpeg: 52, max_page_bytes: 100_000 },
    Quality { pixels_per_inch: 96, jpeg: 42, max_page_bytes: 80_000 },
];

/// Tiles in the form in which they are written.
pub(crate) type EncodedTiles = HashMap<TileId, WrittenTile>;

/// An encoder of the tiles of exhibits. It keeps what it has encoded, by width and quality.
pub(crate) struct Encoder<'a> {
    prepared: &'a [Prepared],
    encoded: HashMap<(TileId, u32, u8), WrittenTile>,
}

impl<'a> Encoder<'a> {
    /// Creates an encoder of the tiles of these exhibits.
    pub(crate) fn new(prepared: &'a [Prepared]) -> Self {
        Self { prepared, encoded: HashMap::new() }
    }

    fn tile(&self, id: TileId) -> Option<&'a Tile> {
        match &self.prepared.get(id.exhibit)?.body {
            Body::Tiles(tiles, _) => tiles.get(id.tile),
            _ => None,
        }
    }

    /// Returns whether a tile is written with fewer pixels than the file has, or as an image of a page.
    pub(crate) fn is_reduced(&self, id: TileId, written: &WrittenTile) -> bool {
        match (self.tile(id), written) {
            (Some(Tile::Picture(picture)), WrittenTile::Picture(written)) => written.width < picture.full_width,
            (Some(Tile::Page { .. }), WrittenTile::Page(..)) => false,
            _ => true,
        }
    }

    /// Returns the tiles of a composition at a quality.
    pub(crate) fn encode(
        &mut self,
        composition: &Composition,
        quality: Quality,
        context: &RenderContext<'_>,
    ) -> Result<EncodedTiles, RenderError> {
        let mut tiles = HashMap::new();
        for (id, area) in composition.tiles() {
            context.check_stop()?;
            let width = (area.width / 72.0 * quality.pixels_per_inch as f32).ceil() as u32;
            let key = (id, width, quality.jpeg);
            let written = match (self.encoded.get(&key), self.tile(id)) {
                (Some(written), _) => written.clone(),
                (None, Some(Tile::Picture(picture))) => WrittenTile::Picture(Rc::new(picture.at(width, quality.jpeg))),
                (None, Some(Tile::Page { pages, index })) => {
                    let is_small = pages.bytes / pages.sizes.len().max(1) <= quality.max_page_bytes;
                    let drawn = if is_small { None } else { draw(pages, *index, width, quality) };
                    drawn.unwrap_or_else(|| WrittenTile::Page(Rc::clone(pages), *index))
                }
                (None, None) => continue,
            };
            self.encoded.insert(key, written.clone());
            tiles.insert(id, written);
        }
        Ok(tiles)
    }
}

/// Returns the bytes of the tiles of each exhibit.
pub(crate) fn tile_bytes(tiles: &EncodedTiles) -> HashMap<usize, u64> {
    let mut bytes: HashMap<usize, u64> = HashMap::new();
    let mut included = BTreeSet::new();
    for (id, tile) in tiles {
        let size = match tile {
            WrittenTile::Picture(picture) => picture.jpeg.len(),
            // The pages of a document are written together.
            WrittenTile::Page(pages, _) => {
                if included.insert(id.exhibit) {
                    pages.bytes
                } else {
                    0
                }
            }
        };
        *bytes.entry(id.exhibit).or_default() += size as u64;
    }
    bytes
}

/// Draws an included page as a picture of a width; `None` if that would not be smaller.
fn draw(pages: &IncludedPages, index: usize, width: u32, quality: Quality) -> Option<WrittenTile> {
    let points = pages.sizes.get(index)?.0;
    let picture: Picture = pages.draw(index, width as f32 / points * 72.0).ok()?.at(width, quality.jpeg);
    (picture.jpeg.len() < pages.bytes / pages.sizes.len().max(1)).then(|| WrittenTile::Picture(Rc::new(picture)))
}
