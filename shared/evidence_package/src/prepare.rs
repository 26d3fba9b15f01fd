//! Reading of exhibits, and what each can be shown as.

use crate::content::{Exhibit, ExhibitFile, PackageContent};
use crate::error::RenderError;
use crate::files::FileReadError;
use crate::pdf_evidence::{EvidencePdf, IncludedPages};
use crate::picture::{Picture, max_kept_side};
use crate::render_context::RenderContext;
use crate::rendered::LeftOutReason;
use domain::disputes::package::network_profile::PackageBudget;
use domain::file::{FileHash, FileType};
use sha2::{Digest, Sha256};
use std::rc::Rc;

/// Maximum number of tiles on a page. What is behind this number times the accepted pages is certain to be left out.
pub(crate) const MAX_TILES_ON_PAGE: usize = 20;

/// Maximum number of bytes of pages that are kept for inclusion; further documents are drawn, which takes less.
const MAX_INCLUDED_BYTES: usize = 60_000_000;

/// Resolution in which pages are drawn that cannot be included, in pixels per inch.
const DRAWN_PIXELS_PER_INCH: f32 = 150.0;

/// Maximum number of characters of a text that are kept.
const MAX_TEXT_CHARS: usize = 60_000;

/// Limits of what is kept of an exhibit.
#[derive(Clone, Copy)]
struct Limits {
    /// Maximum number of pages of a document.
    pages: usize,
    /// Maximum number of bytes of pages for inclusion.
    included_bytes: usize,
    /// Maximum number of pixels of each side of a picture.
    side: u32,
}

/// An exhibit that was read.
pub(crate) struct Prepared {
    /// SHA-256 of the file.
    pub(crate) sha256: Option<FileHash>,
    /// Size of the file in bytes.
    pub(crate) bytes: Option<u64>,
    /// Content that can be shown.
    pub(crate) body: Body,
}

/// Content of an exhibit that can be shown.
pub(crate) enum Body {
    /// The exhibit's own texts.
    Description,
    /// A text file: its beginning, and the number of all its characters.
    Text(String, usize),
    /// Pictures or pages, and the number of pages of the file.
    Tiles(Vec<Tile>, usize),
    /// The name and hash of the file.
    Listed,
    /// Nothing.
    LeftOut(LeftOutReason),
}

/// A picture, or a page of a document.
pub(crate) enum Tile {
    /// A picture.
    Picture(Picture),
    /// A page.
    Page {
        /// Pages of the document.
        pages: Rc<IncludedPages>,
        /// Index of the page.
        index: usize,
    },
}

impl Tile {
    /// Returns the natural width and height in points.
    pub(crate) fn size(&self) -> (f32, f32) {
        match self {
            // 96 pixels per inch, as browsers show them.
            Self::Picture(picture) => (picture.width as f32 * 0.75, picture.height as f32 * 0.75),
            Self::Page { pages, index } => pages.sizes.get(*index).copied().unwrap_or((1.0, 1.0)),
        }
    }
}

/// Reads and prepares all exhibits, the most important first, one file at a time.
pub(crate) fn prepare(
    content: &PackageContent,
    budget: PackageBudget,
    context: &RenderContext<'_>,
) -> Result<Vec<Prepared>, RenderError> {
    let max_pages = budget.max_pages as usize;
    let mut prepared: Vec<Option<Prepared>> = content.exhibits.iter().map(|_| None).collect();
    let mut tiles = 0;
    let mut included_bytes = 0;
    for index in by_priority(content) {
        context.check_stop()?;
        let exhibit = &content.exhibits[index];
        let one = if tiles >= max_pages * MAX_TILES_ON_PAGE {
            unread(exhibit, budget)
        } else {
            let limits = Limits {
                pages: max_pages,
                included_bytes: MAX_INCLUDED_BYTES.saturating_sub(included_bytes),
                side: max_kept_side(content.exhibits.len()),
            };
            read(exhibit, limits, context)?
        };
        if let Body::Tiles(shown, _) = &one.body {
            tiles += shown.len();
            if let Some(Tile::Page { pages, .. }) = shown.first() {
                included_bytes += pages.bytes;
            }
        }
        prepared[index] = Some(one);
    }
    Ok(prepared.into_iter().flatten().collect())
}

/// Returns the indices of the exhibits, the most important first.
pub(crate) fn by_priority(content: &PackageContent) -> Vec<usize> {
    let mut order: Vec<usize> = (0..content.exhibits.len()).collect();
    order.sort_by_key(|index| (content.exhibits[*index].priority, *index));
    order
}

/// Returns an exhibit for which there is certainly no page.
fn unread(exhibit: &Exhibit, budget: PackageBudget) -> Prepared {
    let sha256 = exhibit.file.as_ref().map(|file| file.sha256.clone());
    Prepared { sha256, bytes: None, body: Body::LeftOut(LeftOutReason::PageLimit(budget.max_pages)) }
}

fn read(exhibit: &Exhibit, limits: Limits, context: &RenderContext<'_>) -> Result<Prepared, RenderError> {
    let Some(file) = &exhibit.file else {
        return Ok(Prepared { sha256: None, bytes: None, body: Body::Description });
    };
    let bytes = match context.files.read(exhibit.evidence) {
        Ok(bytes) => bytes,
        Err(FileReadError::Erased) => {
            let sha256 = Some(file.sha256.clone());
            return Ok(Prepared { sha256, bytes: None, body: Body::LeftOut(LeftOutReason::Erased) });
        }
        Err(FileReadError::Unavailable(reason)) => {
            return Err(RenderError::FileUnavailable { evidence: exhibit.evidence, reason });
        }
    };
    let sha256 = FileHash::from_bytes(Sha256::digest(&bytes).into());
    let size = bytes.len() as u64;
    let body = if bytes.is_empty() {
        Body::LeftOut(LeftOutReason::Empty)
    } else if sha256 != file.sha256 {
        Body::LeftOut(LeftOutReason::HashMismatch)
    } else {
        body(file, bytes, limits, context)?
    };
    Ok(Prepared { sha256: Some(sha256), bytes: Some(size), body })
}

/// Returns what can be shown of a file. Its bytes decide; the declared type only where they do not tell.
fn body(file: &ExhibitFile, bytes: Vec<u8>, limits: Limits, context: &RenderContext<'_>) -> Result<Body, RenderError> {
    // Some programs put bytes before the header (ISO 32000-1, annex H.3.4.1).
    let is_pdf = bytes.iter().take(1_024).copied().collect::<Vec<_>>().windows(5).any(|five| five == b"%PDF-");
    if is_pdf {
        return document(bytes, limits, context);
    }
    if image::guess_format(&bytes).is_ok() {
        return Ok(match Picture::decode(&bytes, limits.side) {
            Ok(picture) => Body::Tiles(vec![Tile::Picture(picture)], 1),
            Err(reason) => Body::LeftOut(reason),
        });
    }
    Ok(match file.file_type {
        FileType::Text => text(&bytes),
        FileType::Mp3 | FileType::Mp4Audio | FileType::Ogg | FileType::Wav => Body::Listed,
        FileType::Jpeg | FileType::Png | FileType::Webp | FileType::Pdf => Body::LeftOut(LeftOutReason::Damaged),
    })
}

fn document(bytes: Vec<u8>, limits: Limits, context: &RenderContext<'_>) -> Result<Body, RenderError> {
    let pdf = match EvidencePdf::open(bytes) {
        Ok(pdf) => pdf,
        Err(reason) => return Ok(Body::LeftOut(reason)),
    };
    let count = pdf.page_count.min(limits.pages);
    if let Some(pages) = pdf.include(count).filter(|pages| pages.bytes <= limits.included_bytes) {
        let pages = Rc::new(pages);
        let tiles = (0..count).map(|index| Tile::Page { pages: Rc::clone(&pages), index }).collect();
        return Ok(Body::Tiles(tiles, pdf.page_count));
    }
    let mut tiles = Vec::new();
    for index in 0..count {
        context.check_stop()?;
        match pdf.draw(index, DRAWN_PIXELS_PER_INCH) {
            Ok(picture) => tiles.push(Tile::Picture(picture)),
            Err(reason) if tiles.is_empty() => return Ok(Body::LeftOut(reason)),
            // The pages before the broken one are shown; the manifest says how many there are.
            Err(_) => break,
        }
    }
    Ok(Body::Tiles(tiles, pdf.page_count))
}

/// Returns a text file: UTF-8, UTF-16 with its mark, or else Latin-1.
fn text(bytes: &[u8]) -> Body {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect::<String>()
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().copied().map(char::from).collect(),
        },
    };
    if text.trim().is_empty() {
        return Body::LeftOut(LeftOutReason::Empty);
    }
    let length = text.chars().count();
    let kept: String = text.chars().take(MAX_TEXT_CHARS).collect();
    Body::Text(crate::visible_text::visible(&kept), length)
}
