//! PDF documents among the evidence: opening them within limits, and including or drawing their pages.

use crate::picture::Picture;
use crate::rendered::LeftOutReason;
use flate2::read::ZlibDecoder;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::object::dict::keys;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object};
use hayro::hayro_syntax::{Filter, LoadPdfError, Pdf, PdfVersion};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};
use image::RgbImage;
use krilla::geom::Size;
use krilla::page::PageSettings;
use krilla::pdf::PdfDocument;
use krilla::{Document, SerializeSettings};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Maximum size of all streams of a document once they are decompressed: a file of 20 MB can expand a thousand times.
const MAX_EXPANDED_BYTES: u64 = 300_000_000;

/// Maximum number of pixels of a picture within a document: a scan of A3 at 600 pixels per inch has 70 million.
const MAX_IMAGE_PIXELS: u64 = 100_000_000;

/// Maximum width and height of a drawn page in pixels.
const MAX_DRAWN_SIDE: f32 = 2_200.0;

/// Largest page that is taken at its word, in points: 200 inches, the limit of PDF 1.6 (annex C).
const MAX_PAGE_SIDE: f32 = 14_400.0;

/// A document that was opened.
pub(crate) struct EvidencePdf {
    pdf: Arc<Pdf>,
    /// Number of pages.
    pub(crate) page_count: usize,
    is_encrypted: bool,
}

/// Pages of a document, which another document can include as they are.
pub(crate) struct IncludedPages {
    /// The pages, for inclusion.
    pub(crate) document: PdfDocument,
    pdf: Arc<Pdf>,
    /// Size of each page in points.
    pub(crate) sizes: Vec<(f32, f32)>,
    /// Size of the pages as a file, in bytes.
    pub(crate) bytes: usize,
}

impl EvidencePdf {
    /// Opens a file. Fails with the reason why it cannot be shown.
    pub(crate) fn open(file: Vec<u8>) -> Result<Self, LeftOutReason> {
        check_expansion(&file)?;
        let is_encrypted = contains(&file, b"/Encrypt");
        let opened = catch_unwind(AssertUnwindSafe(|| -> Result<_, LoadPdfError> {
            let pdf = Pdf::new(file)?;
            let (page_count, has_large_images) = (pdf.pages().len(), has_large_images(&pdf));
            Ok((pdf, page_count, has_large_images))
        }));
        match opened {
            Ok(Ok((_, _, true))) => Err(LeftOutReason::TooManyPixels),
            Ok(Ok((pdf, page_count, _))) if page_count > 0 => Ok(Self { pdf: Arc::new(pdf), page_count, is_encrypted }),
            Ok(Err(LoadPdfError::Decryption(_))) => Err(LeftOutReason::Encrypted),
            Ok(_) | Err(_) => Err(if is_encrypted { LeftOutReason::Encrypted } else { LeftOutReason::Damaged }),
        }
    }

    /// Returns the first `count` pages for inclusion, with their text; `None` if they can only be drawn: a document with
    /// signatures or filled forms, an encrypted one, one of a newer version than ours, or one with broken parts.
    pub(crate) fn include(&self, count: usize) -> Option<IncludedPages> {
        if self.is_encrypted || self.pdf.version() == PdfVersion::Pdf20 {
            return None;
        }
        let included = catch_unwind(AssertUnwindSafe(|| include(&self.pdf, count)));
        included.ok().flatten()
    }

    /// Draws a page. Fails if the page cannot be drawn.
    pub(crate) fn draw(&self, index: usize, pixels_per_inch: f32) -> Result<Picture, LeftOutReason> {
        draw(&self.pdf, index, pixels_per_inch)
    }
}

impl IncludedPages {
    /// Draws a page. Fails if the page cannot be drawn.
    pub(crate) fn draw(&self, index: usize, pixels_per_inch: f32) -> Result<Picture, LeftOutReason> {
        draw(&self.pdf, index, pixels_per_inch)
    }
}

/// Checks the size of what the streams decompress to, before a parser holds it in memory. Every stream is tried as deflate
/// data, whatever its filter; other filters expand less.
fn check_expansion(file: &[u8]) -> Result<(), LeftOutReason> {
    const KEYWORD: &[u8] = b"stream";
    let mut expanded = 0;
    let mut at = 0;
    while let Some(found) = find(&file[at..], KEYWORD) {
        let keyword = at + found;
        at = keyword + KEYWORD.len();
        if file[..keyword].ends_with(b"end") {
            continue;
        }
        let data = &file[at..];
        let data = data.strip_prefix(b"\r\n").or_else(|| data.strip_prefix(b"\n")).unwrap_or(data);
        let mut decoder = ZlibDecoder::new(data).take(MAX_EXPANDED_BYTES + 1 - expanded);
        // An error is the end of the data, or that they are not deflate data.
        let mut buffer = [0; 16_384];
        while let Ok(count @ 1..) = decoder.read(&mut buffer) {
            expanded += count as u64;
        }
        if expanded > MAX_EXPANDED_BYTES {
            return Err(LeftOutReason::Damaged);
        }
    }
    Ok(())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    find(haystack, needle).is_some()
}

/// Returns whether a picture has more pixels than are decoded.
fn has_large_images(pdf: &Pdf) -> bool {
    pdf.objects().into_iter().any(|object| match object {
        Object::Stream(stream) => {
            let side = |key: &[u8]| stream.dict().get::<u32>(key).map_or(0, u64::from);
            side(keys::WIDTH) * side(keys::HEIGHT) > MAX_IMAGE_PIXELS
        }
        _ => false,
    })
}

/// Returns whether a page has annotations that show something: signatures, form fields, stamps.
fn has_visible_annotations(page: &Dict<'_>) -> bool {
    page.get::<Array<'_>>(keys::ANNOTS).is_some_and(|annotations| {
        annotations.iter::<Dict<'_>>().any(|annotation| {
            annotation.get::<Name<'_>>(keys::SUBTYPE).is_none_or(|subtype| subtype.as_ref() != b"Link".as_slice())
        })
    })
}

fn include(source: &Arc<Pdf>, count: usize) -> Option<IncludedPages> {
    let pages = source.pages().get(..count)?;
    if pages.iter().any(|page| has_visible_annotations(page.raw())) {
        return None;
    }
    let embedded = PdfDocument::new(Arc::clone(source));
    let mut document = Document::new_with(SerializeSettings { enable_tagging: false, ..Default::default() });
    let mut sizes = Vec::new();
    for (index, page) in pages.iter().enumerate() {
        let (width, height) = page.render_dimensions();
        if !(1.0..=MAX_PAGE_SIDE).contains(&width) || !(1.0..=MAX_PAGE_SIDE).contains(&height) {
            return None;
        }
        let mut own = document.start_page_with(PageSettings::from_wh(width, height)?);
        let mut surface = own.surface();
        surface.draw_pdf_page(&embedded, Size::from_wh(width, height)?, index);
        surface.finish();
        own.finish();
        sizes.push((width, height));
    }
    let file = document.finish().ok()?;
    let bytes = file.len();
    let pdf = Arc::new(Pdf::new(file).ok()?);
    if pdf.pages().len() != count || !is_sound(&pdf) {
        return None;
    }
    Some(IncludedPages { document: PdfDocument::new(Arc::clone(&pdf)), pdf, sizes, bytes })
}

/// Returns whether every stream can be decoded to its end. The parser takes what it gets of a broken one; a reader of the
/// package need not be as patient.
fn is_sound(pdf: &Pdf) -> bool {
    pdf.objects().into_iter().all(|object| match object {
        Object::Stream(stream) => is_complete(&stream.raw_data(), &stream.filters()),
        _ => true,
    })
}

/// Returns whether data can be decoded by a chain of filters. Data of pictures are not looked into.
fn is_complete(data: &[u8], filters: &[Filter]) -> bool {
    let Some((filter, rest)) = filters.split_first() else { return true };
    match filter {
        Filter::FlateDecode => {
            let mut decoded = Vec::new();
            let is_whole = ZlibDecoder::new(data).take(MAX_EXPANDED_BYTES).read_to_end(&mut decoded).is_ok();
            is_whole && is_complete(&decoded, rest)
        }
        Filter::Ascii85Decode => ascii_85(data).is_some_and(|decoded| is_complete(&decoded, rest)),
        Filter::DctDecode | Filter::JpxDecode | Filter::CcittFaxDecode | Filter::Jbig2Decode => true,
        Filter::AsciiHexDecode | Filter::LzwDecode | Filter::RunLengthDecode | Filter::Crypt => false,
    }
}

/// Decodes base-85 text (ISO 32000-1, section 7.4.3); `None` if it is broken or has no end.
fn ascii_85(data: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut group = Vec::new();
    let bytes = |group: &[u8]| {
        // A short group at the end is filled up with the highest digit.
        let digits = group.iter().copied().chain(std::iter::repeat(84)).take(5);
        digits.fold(0_u64, |value, digit| value * 85 + u64::from(digit)).try_into().ok().map(u32::to_be_bytes)
    };
    for character in data {
        match character {
            b'~' => {
                let last = if group.is_empty() { Vec::new() } else { bytes(&group)?[..group.len() - 1].to_vec() };
                decoded.extend(last);
                return Some(decoded);
            }
            b'z' if group.is_empty() => decoded.extend([0; 4]),
            b'!'..=b'u' => group.push(character - b'!'),
            _ if character.is_ascii_whitespace() || *character == 0 => {}
            _ => return None,
        }
        if group.len() == 5 {
            decoded.extend(bytes(&group)?);
            group.clear();
        }
    }
    None
}

fn draw(pdf: &Pdf, index: usize, pixels_per_inch: f32) -> Result<Picture, LeftOutReason> {
    let drawn = catch_unwind(AssertUnwindSafe(|| {
        let page = pdf.pages().get(index)?;
        let (width, height) = page.render_dimensions();
        if !(1.0..=MAX_PAGE_SIDE).contains(&width) || !(1.0..=MAX_PAGE_SIDE).contains(&height) {
            return None;
        }
        let scale = (pixels_per_inch / 72.0).min(MAX_DRAWN_SIDE / width.max(height));
        let settings = RenderSettings { x_scale: scale, y_scale: scale, bg_color: WHITE, ..Default::default() };
        let pixmap = hayro::render(page, &RenderCache::new(), &InterpreterSettings::default(), &settings);
        let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
        let pixels = pixmap.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        RgbImage::from_raw(width, height, pixels).filter(|pixels| pixels.width() > 0 && pixels.height() > 0)
    }));
    drawn.ok().flatten().ok_or(LeftOutReason::Damaged).and_then(|pixels| Picture::kept(pixels, MAX_DRAWN_SIDE as u32))
}
