//! The whole document as pages: cover, timeline, exhibits, manifest, and the footers.

use crate::content::PackageContent;
use crate::flow::{Bookmark, Flow};
use crate::page::{Area, CONTENT_BOTTOM, CONTENT_WIDTH, Drawing, Item, MARGIN, Page, TileId};
use crate::prepare::Prepared;
use crate::references::References;
use crate::rendered::{LeftOutReason, ManifestExhibit, Shown};
use crate::selection::Selection;
use crate::structure::Structure;
use crate::styles::{RULE, SMALL};
use crate::typesetter::Typesetter;
use crate::visible_text::visible_line;
use crate::{cover, exhibits, manifest_pages, timeline};

/// Maximum number of layouts until the page numbers in references agree with the pages.
const MAX_PASSES: usize = 4;

/// Pages that are ready to be written.
pub(crate) struct Composition {
    /// Pages.
    pub(crate) pages: Vec<Page>,
    /// Logical structure.
    pub(crate) structure: Structure,
    /// Bookmarks.
    pub(crate) bookmarks: Vec<Bookmark>,
    /// Exhibits as the manifest lists them.
    pub(crate) manifest: Vec<ManifestExhibit>,
}

impl Composition {
    /// Returns the number of pages.
    pub(crate) fn page_count(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    /// Returns the tiles and where they are.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = (TileId, Area)> + '_ {
        self.pages.iter().flat_map(|page| &page.items).filter_map(|item| match item.drawing {
            Drawing::Tile { area, tile } => Some((tile, area)),
            _ => None,
        })
    }
}

/// Lays out the document until its references are right.
pub(crate) fn compose(
    typesetter: &mut Typesetter,
    content: &PackageContent,
    prepared: &[Prepared],
    selection: &Selection,
) -> Composition {
    // A page number of two digits, so that the first layout has the size of the last.
    let mut references = References {
        timeline: Some(10),
        exhibits_start: Some(10),
        manifest: Some(10),
        exhibits: vec![Some((10, 10)); content.exhibits.len()],
    };
    let mut pass = 1;
    loop {
        let (composition, actual) = compose_once(typesetter, content, prepared, selection, &references);
        if actual == references || pass == MAX_PASSES {
            return composition;
        }
        references = actual;
        pass += 1;
    }
}

fn compose_once(
    typesetter: &mut Typesetter,
    content: &PackageContent,
    prepared: &[Prepared],
    selection: &Selection,
    references: &References,
) -> (Composition, References) {
    let mut flow = Flow::new(typesetter);
    let mut actual = References { exhibits: vec![None; content.exhibits.len()], ..References::default() };
    cover::add(&mut flow, content, references, selection.abridgement);
    timeline::add(&mut flow, content, references, selection.abridgement);
    actual.timeline = page_of(&flow, "Timeline");
    let shown = exhibits::add(&mut flow, content, prepared, selection, &mut actual);
    if shown.iter().any(Option::is_some) {
        actual.exhibits_start = page_of(&flow, "Exhibits");
    }
    let manifest: Vec<ManifestExhibit> = content
        .exhibits
        .iter()
        .zip(prepared)
        .zip(shown)
        .enumerate()
        .map(|(index, ((exhibit, prepared), shown))| ManifestExhibit {
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            evidence: exhibit.evidence,
            sha256: prepared.sha256.clone(),
            bytes: prepared.bytes,
            pages: actual.exhibits[index],
            shown: shown.unwrap_or(Shown::LeftOut(LeftOutReason::Damaged)),
        })
        .collect();
    manifest_pages::add(&mut flow, content, &manifest);
    actual.manifest = page_of(&flow, "Manifest");
    footers(&mut flow, content);
    let Flow { pages, structure, bookmarks, .. } = flow;
    (Composition { pages, structure, bookmarks, manifest }, actual)
}

/// Returns the page of a section.
fn page_of(flow: &Flow<'_>, section: &str) -> Option<u32> {
    let bookmark = flow.bookmarks.iter().find(|bookmark| bookmark.title == section)?;
    u32::try_from(bookmark.page + 1).ok()
}

/// Adds the footers: merchant, dispute, and "Page n of N".
fn footers(flow: &mut Flow<'_>, content: &PackageContent) {
    let count = flow.pages.len();
    let document_name = format!("{} · dispute {}", visible_line(&content.merchant.name), content.dispute.id);
    for index in 0..count {
        let y = CONTENT_BOTTOM + 16.0;
        let number = format!("Page {} of {count}", index + 1);
        let left = flow.typesetter.one_line(&document_name, SMALL, CONTENT_WIDTH - 90.0);
        let right = flow.typesetter.one_line(&number, SMALL, 90.0);
        let right_x = MARGIN + CONTENT_WIDTH - right.width;
        let rule = Area { x: MARGIN, y: y - 6.0, width: CONTENT_WIDTH, height: 0.5 };
        let page = &mut flow.pages[index];
        page.items.push(Item { drawing: Drawing::Fill { area: rule, color: RULE }, mark: None });
        page.items.push(Item { drawing: Drawing::Text { x: MARGIN, y, line: left }, mark: None });
        page.items.push(Item { drawing: Drawing::Text { x: right_x, y, line: right }, mark: None });
    }
}
