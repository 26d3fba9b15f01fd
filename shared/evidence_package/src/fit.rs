//! The search for a document within the limits of a profile: first texts are shortened, then pictures are grouped several
//! to a page, then their resolution is reduced, and at last exhibits are left out, the least important first.

use crate::composition::{Composition, compose};
use crate::content::PackageContent;
use crate::error::RenderError;
use crate::page::TileId;
use crate::picture::Picture;
use crate::prepare::{Body, Prepared, Tile, by_priority};
use crate::render_context::RenderContext;
use crate::rendered::LeftOutReason;
use crate::selection::{Abridgement, Density, Selection};
use crate::typesetter::Typesetter;
use crate::write::{WrittenTile, write};
use domain::disputes::package::network_profile::{NetworkProfile, PackageBudget};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// Steps of shortening the dispute's texts.
const ABRIDGEMENTS: [Abridgement; 6] = [
    Abridgement { statement_chars: 12_000, entry_chars: 6_000, timeline_entries: 400 },
    Abridgement { statement_chars: 6_000, entry_chars: 2_000, timeline_entries: 200 },
    Abridgement { statement_chars: 4_000, entry_chars: 900, timeline_entries: 120 },
    Abridgement { statement_chars: 3_000, entry_chars: 400, timeline_entries: 60 },
    Abridgement { statement_chars: 2_000, entry_chars: 200, timeline_entries: 40 },
    Abridgement { statement_chars: 1_200, entry_chars: 120, timeline_entries: 20 },
];

/// A resolution and JPEG quality.
#[derive(Clone, Copy, Debug)]
struct Quality {
    pixels_per_inch: u32,
    jpeg: u8,
    /// Maximum number of bytes of an included page; a larger one is drawn.
    max_page_bytes: usize,
}

/// Steps of reducing the resolution. Print remains legible at the last.
const QUALITIES: [Quality; 6] = [
    Quality { pixels_per_inch: 300, jpeg: 86, max_page_bytes: usize::MAX },
    Quality { pixels_per_inch: 200, jpeg: 82, max_page_bytes: usize::MAX },
    Quality { pixels_per_inch: 150, jpeg: 75, max_page_bytes: 250_000 },
    Quality { pixels_per_inch: 130, jpeg: 62, max_page_bytes: 150_000 },
    Quality { pixels_per_inch: 110, jpeg: 52, max_page_bytes: 100_000 },
    Quality { pixels_per_inch: 96, jpeg: 42, max_page_bytes: 80_000 },
];

/// Bytes that the writer adds for each page and picture, at most.
const OVERHEAD_BYTES: u64 = 20_000;

/// A document that fits.
pub(crate) struct Fitted {
    /// The file.
    pub(crate) pdf: Vec<u8>,
    /// Its pages.
    pub(crate) composition: Composition,
}

/// Tiles in the form in which they are written, by width and quality.
type Encoded = HashMap<(TileId, u32, u8), WrittenTile>;

/// A search.
struct Search<'a> {
    content: &'a PackageContent,
    prepared: &'a [Prepared],
    budget: PackageBudget,
    profile: NetworkProfile,
    context: &'a RenderContext<'a>,
    typesetter: Typesetter,
    encoded: Encoded,
}

/// Finds the document that shows most within the limits of `profile`.
pub(crate) fn fit(
    content: &PackageContent,
    prepared: &[Prepared],
    profile: NetworkProfile,
    context: &RenderContext<'_>,
) -> Result<Fitted, RenderError> {
    let typesetter = Typesetter::new();
    let budget = profile.budget();
    Search { content, prepared, budget, profile, context, typesetter, encoded: HashMap::new() }.run()
}

impl Search<'_> {
    fn run(mut self) -> Result<Fitted, RenderError> {
        let mut selection = Selection {
            left_out: vec![None; self.content.exhibits.len()],
            down_sampled: vec![true; self.content.exhibits.len()],
            density: self.densities()[0],
            abridgement: ABRIDGEMENTS[0],
        };
        self.choose_abridgement(&mut selection)?;
        self.choose_density(&mut selection)?;
        self.choose_quality(selection)
    }

    fn compose(&mut self, selection: &Selection) -> Result<Composition, RenderError> {
        self.context.check_stop()?;
        Ok(compose(&mut self.typesetter, self.content, self.prepared, selection))
    }

    /// Shortens the dispute's texts until they leave about half of the pages to the exhibits.
    fn choose_abridgement(&mut self, selection: &mut Selection) -> Result<(), RenderError> {
        let has_exhibits = self.prepared.iter().any(|prepared| !matches!(prepared.body, Body::LeftOut(_)));
        let max_pages = if has_exhibits { self.budget.max_pages * 11 / 20 } else { self.budget.max_pages };
        let nothing = Selection {
            left_out: vec![Some(LeftOutReason::PageLimit(self.budget.max_pages)); self.content.exhibits.len()],
            ..selection.clone()
        };
        let mut pages = 0;
        for abridgement in ABRIDGEMENTS {
            selection.abridgement = abridgement;
            pages = self.compose(&Selection { abridgement, ..nothing.clone() })?.page_count();
            if pages <= max_pages {
                return Ok(());
            }
        }
        if pages <= self.budget.max_pages { Ok(()) } else { Err(self.texts_too_long(pages, 0)) }
    }

    fn texts_too_long(&self, pages: u32, bytes: u64) -> RenderError {
        RenderError::TextsTooLong { profile: self.profile.name(), pages, bytes }
    }

    /// Returns the densities to try.
    fn densities(&self) -> [Density; 9] {
        let pages = self.budget.max_pages as usize;
        let density = |columns, max_height, max_document_pages, max_text_chars| Density {
            columns,
            max_height,
            max_document_pages,
            max_text_chars,
        };
        [
            density(1, 1.0, pages, 20_000),
            density(1, 1.0, pages / 2, 8_000),
            density(1, 0.5, pages / 2, 6_000),
            density(2, 0.5, pages, 6_000),
            density(2, 0.5, pages / 2, 3_000),
            density(2, 0.34, pages / 3, 2_000),
            density(3, 0.34, pages / 3, 1_200),
            density(3, 0.25, 4, 800),
            density(4, 0.2, 3, 400),
        ]
    }

    /// Groups pictures until the pages suffice, then leaves exhibits out.
    fn choose_density(&mut self, selection: &mut Selection) -> Result<(), RenderError> {
        for density in self.densities() {
            selection.density = density;
            if self.compose(selection)?.page_count() <= self.budget.max_pages {
                return Ok(());
            }
        }
        let order = by_priority(self.content);
        // The first `low` exhibits fit, the first `high` do not.
        let (mut low, mut high) = (0, order.len());
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            self.keep_first(&order, middle, selection);
            if self.compose(selection)?.page_count() <= self.budget.max_pages { low = middle } else { high = middle }
        }
        self.keep_first(&order, low, selection);
        Ok(())
    }

    fn keep_first(&self, order: &[usize], count: usize, selection: &mut Selection) {
        let limit = LeftOutReason::PageLimit(self.budget.max_pages);
        for (place, index) in order.iter().enumerate() {
            selection.left_out[*index] = (place >= count).then(|| limit.clone());
        }
    }

    /// Reduces the resolution until the bytes suffice, then leaves exhibits out.
    fn choose_quality(&mut self, mut selection: Selection) -> Result<Fitted, RenderError> {
        let mut composition = self.compose(&selection)?;
        let allowed = self.budget.max_pixels_per_inch;
        let qualities: Vec<Quality> =
            QUALITIES.into_iter().filter(|quality| quality.pixels_per_inch <= allowed).collect();
        let last = QUALITIES[QUALITIES.len() - 1];
        let mut measured: Option<(Quality, u64)> = None;
        for quality in qualities {
            // A picture has at least a quarter of the bytes at half the resolution: what is far above the limit then need not
            // be tried.
            let is_hopeless = measured.is_some_and(|(before, bytes)| {
                let ratio = f64::from(quality.pixels_per_inch) / f64::from(before.pixels_per_inch);
                bytes as f64 * ratio * ratio * 0.5 > self.budget.max_bytes as f64
            });
            if is_hopeless && quality.pixels_per_inch > last.pixels_per_inch {
                continue;
            }
            let tiles = self.encode(&composition, quality)?;
            let bytes = tile_bytes(&tiles).values().sum::<u64>();
            measured = Some((quality, bytes));
            if bytes > self.budget.max_bytes {
                continue;
            }
            if let Some(fitted) = self.finished(&mut selection, &tiles)? {
                return Ok(fitted);
            }
        }
        loop {
            let tiles = self.encode(&composition, last)?;
            if let Some(fitted) = self.finished(&mut selection, &tiles)? {
                return Ok(fitted);
            }
            if !self.leave_out(&tiles, &mut selection) {
                let pdf = write(&composition, &tiles, self.content, &mut self.typesetter)?;
                return Err(self.texts_too_long(composition.page_count(), pdf.len() as u64));
            }
            composition = self.compose(&selection)?;
        }
    }

    /// Returns the document with these tiles if it is within the limits.
    fn finished(
        &mut self,
        selection: &mut Selection,
        tiles: &HashMap<TileId, WrittenTile>,
    ) -> Result<Option<Fitted>, RenderError> {
        for (index, is_reduced) in selection.down_sampled.iter_mut().enumerate() {
            *is_reduced = tiles.iter().any(|(id, tile)| id.exhibit == index && self.is_reduced(*id, tile));
        }
        // The manifest is the end of the document, so that what it says of the resolution moves no picture.
        let composition = self.compose(selection)?;
        let pdf = write(&composition, tiles, self.content, &mut self.typesetter)?;
        let fits = pdf.len() as u64 <= self.budget.max_bytes && composition.page_count() <= self.budget.max_pages;
        Ok(fits.then_some(Fitted { pdf, composition }))
    }

    fn tile(&self, id: TileId) -> Option<&Tile> {
        match &self.prepared.get(id.exhibit)?.body {
            Body::Tiles(tiles, _) => tiles.get(id.tile),
            _ => None,
        }
    }

    /// Returns whether a tile is written with fewer pixels than the file has, or as an image of a page.
    fn is_reduced(&self, id: TileId, written: &WrittenTile) -> bool {
        match (self.tile(id), written) {
            (Some(Tile::Picture(picture)), WrittenTile::Picture(written)) => written.width < picture.full_width,
            (Some(Tile::Page { .. }), WrittenTile::Page(..)) => false,
            _ => true,
        }
    }

    /// Returns the tiles of a composition at a quality.
    fn encode(
        &mut self,
        composition: &Composition,
        quality: Quality,
    ) -> Result<HashMap<TileId, WrittenTile>, RenderError> {
        let mut tiles = HashMap::new();
        for (id, area) in composition.tiles() {
            self.context.check_stop()?;
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

    /// Leaves out exhibits with tiles, the least important first, until the rest is likely to fit. Returns whether one was
    /// left out.
    fn leave_out(&self, tiles: &HashMap<TileId, WrittenTile>, selection: &mut Selection) -> bool {
        let bytes = tile_bytes(tiles);
        let mut sum: u64 = bytes.values().sum();
        let aim = self.budget.max_bytes.saturating_sub(OVERHEAD_BYTES * u64::from(self.budget.max_pages.min(20)));
        let mut any = false;
        for index in by_priority(self.content).into_iter().rev() {
            if any && sum <= aim {
                break;
            }
            let Some(own) = bytes.get(&index).filter(|_| selection.left_out[index].is_none()) else { continue };
            selection.left_out[index] = Some(LeftOutReason::SizeLimit(self.budget.max_bytes));
            sum -= own;
            any = true;
        }
        any
    }
}

/// Returns the bytes of the tiles of each exhibit.
fn tile_bytes(tiles: &HashMap<TileId, WrittenTile>) -> HashMap<usize, u64> {
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
fn draw(pages: &crate::pdf_evidence::IncludedPages, index: usize, width: u32, quality: Quality) -> Option<WrittenTile> {
    let points = pages.sizes.get(index)?.0;
    let picture: Picture = pages.draw(index, width as f32 / points * 72.0).ok()?.at(width, quality.jpeg);
    (picture.jpeg.len() < pages.bytes / pages.sizes.len().max(1)).then(|| WrittenTile::Picture(Rc::new(picture)))
}
