//! The search for a document within the limits of a profile: first texts are shortened, then pictures are grouped several
//! to a page, then their resolution is reduced, and at last exhibits are left out, the least important first.

use crate::composition::{Composition, compose};
use crate::content::PackageContent;
use crate::encode::{EncodedTiles, Encoder, QUALITIES, Quality, tile_bytes};
use crate::error::RenderError;
use crate::prepare::{Body, Prepared, by_priority};
use crate::render_context::RenderContext;
use crate::rendered::LeftOutReason;
use crate::selection::{Abridgement, Density, Selection};
use crate::typesetter::Typesetter;
use crate::write::write;
use domain::disputes::package::network_profile::{NetworkProfile, PackageBudget};

/// Steps of shortening the dispute's texts.
const ABRIDGEMENTS: [Abridgement; 6] = [
    Abridgement { statement_chars: 12_000, entry_chars: 6_000, timeline_entries: 400 },
    Abridgement { statement_chars: 6_000, entry_chars: 2_000, timeline_entries: 200 },
    Abridgement { statement_chars: 4_000, entry_chars: 900, timeline_entries: 120 },
    Abridgement { statement_chars: 3_000, entry_chars: 400, timeline_entries: 60 },
    Abridgement { statement_chars: 2_000, entry_chars: 200, timeline_entries: 40 },
    Abridgement { statement_chars: 1_200, entry_chars: 120, timeline_entries: 20 },
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

/// A search.
struct Search<'a> {
    content: &'a PackageContent,
    prepared: &'a [Prepared],
    budget: PackageBudget,
    profile: NetworkProfile,
    context: &'a RenderContext<'a>,
    typesetter: Typesetter,
    encoder: Encoder<'a>,
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
    let encoder = Encoder::new(prepared);
    Search { content, prepared, budget, profile, context, typesetter, encoder }.run()
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
            density(2, 0.33, pages / 3, 2_000),
            density(3, 0.33, pages / 3, 1_200),
            density(3, 0.25, 4, 800),
            density(4, 0.2, 3, 400),
        ]
    }

    /// Groups pictures until the pages suffice, then leaves exhibits out.
    fn choose_density(&mut self, selection: &mut Selection) -> Result<(), RenderError> {
        for density in self.densities() {
            selection.density = density;
            if self.compose(selection)?.page_count() <= self.budget.max_pages {
                return self.show_more_pages(selection);
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

    /// Shows as many pages of long documents as the pages of the profile allow.
    fn show_more_pages(&mut self, selection: &mut Selection) -> Result<(), RenderError> {
        let page_counts = self.prepared.iter().map(|prepared| match &prepared.body {
            Body::Tiles(tiles, _) => tiles.len(),
            _ => 0,
        });
        // So many pages of each document fit: `low` do, `high` do not, or are more than any has.
        let (mut low, mut high) = (selection.density.max_document_pages, page_counts.max().unwrap_or(0) + 1);
        while low + 1 < high {
            selection.density.max_document_pages = usize::midpoint(low, high);
            let fits = self.compose(selection)?.page_count() <= self.budget.max_pages;
            *(if fits { &mut low } else { &mut high }) = selection.density.max_document_pages;
        }
        selection.density.max_document_pages = low;
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
            let tiles = self.encoder.encode(&composition, quality, self.context)?;
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
            let tiles = self.encoder.encode(&composition, last, self.context)?;
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
    fn finished(&mut self, selection: &mut Selection, tiles: &EncodedTiles) -> Result<Option<Fitted>, RenderError> {
        for (index, is_reduced) in selection.down_sampled.iter_mut().enumerate() {
            *is_reduced = tiles.iter().any(|(id, tile)| id.exhibit == index && self.encoder.is_reduced(*id, tile));
        }
        // The manifest is the end of the document, so that what it says of the resolution moves no picture.
        let composition = self.compose(selection)?;
        let pdf = write(&composition, tiles, self.content, &mut self.typesetter)?;
        let fits = pdf.len() as u64 <= self.budget.max_bytes && composition.page_count() <= self.budget.max_pages;
        Ok(fits.then_some(Fitted { pdf, composition }))
    }

    /// Leaves out exhibits with tiles, the least important first, until the rest is likely to fit. Returns whether one was
    /// left out.
    fn leave_out(&self, tiles: &EncodedTiles, selection: &mut Selection) -> bool {
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
