//! Pictures of exhibits: decoding within limits, and encoding at the resolution in which the document shows them.

use crate::rendered::LeftOutReason;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::imageops::FilterType;
use image::{DynamicImage, RgbImage};
use photo::PhotoError;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Maximum width and height of the pixels that are kept of a picture: 200 pixels per inch on the longer side of a page.
const MAX_KEPT_SIDE: u32 = 2_200;

/// The same for pictures that will share their page with others, so that many of them take less time and memory.
const MAX_KEPT_SIDE_OF_MANY: u32 = 1_100;

/// Number of exhibits from which on pictures share their page.
const MANY_EXHIBITS: usize = 24;

/// JPEG quality of what is kept.
const KEPT_QUALITY: u8 = 86;

/// Maximum difference of the channels of a pixel that counts as grey: compression of a grey picture leaves as much.
const MAX_GREY_DIFFERENCE: u8 = 10;

/// A picture as a JPEG file.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    /// The file.
    pub(crate) jpeg: Vec<u8>,
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
    /// Width that the picture had before any of its pixels were dropped here.
    pub(crate) full_width: u32,
}

/// Returns the maximum width and height of the pixels that are kept of a picture, among a number of exhibits.
pub(crate) fn max_kept_side(exhibits: usize) -> u32 {
    if exhibits < MANY_EXHIBITS { MAX_KEPT_SIDE } else { MAX_KEPT_SIDE_OF_MANY }
}

impl Picture {
    /// Decodes a file from outside, and keeps at most `max_side` pixels of each side. Fails with the reason why it cannot be
    /// shown.
    pub(crate) fn decode(file: &[u8], max_side: u32) -> Result<Self, LeftOutReason> {
        // The decoders are pure Rust and checked against fuzzed files; one that panics all the same costs its exhibit only.
        let decoded = catch_unwind(AssertUnwindSafe(|| photo::decode_upright(file)));
        match decoded {
            Ok(Ok(pixels)) => Self::kept(pixels, max_side),
            Ok(Err(PhotoError::TooManyPixels | PhotoError::TooManyScans)) => Err(LeftOutReason::TooManyPixels),
            Ok(Err(_)) | Err(_) => Err(LeftOutReason::Damaged),
        }
    }

    /// Returns pixels as a picture in the resolution that is kept.
    pub(crate) fn kept(pixels: RgbImage, max_side: u32) -> Result<Self, LeftOutReason> {
        let full_width = pixels.width();
        let pixels = scaled_down(DynamicImage::ImageRgb8(pixels), max_side, max_side);
        encode(&pixels, KEPT_QUALITY, full_width).ok_or(LeftOutReason::Damaged)
    }

    /// Returns the picture with at most `width` pixels in a row, at a JPEG quality; as it is if it is small enough.
    pub(crate) fn at(&self, width: u32, quality: u8) -> Self {
        if width >= self.width && quality >= KEPT_QUALITY {
            return self.clone();
        }
        // The picture was encoded here, so that neither step fails.
        let decoded = JpegDecoder::new(Cursor::new(&self.jpeg)).and_then(DynamicImage::from_decoder);
        let smaller =
            decoded.ok().and_then(|pixels| encode(&scaled_down(pixels, width, u32::MAX), quality, self.full_width));
        smaller.filter(|smaller| smaller.jpeg.len() < self.jpeg.len()).unwrap_or_else(|| self.clone())
    }
}

fn scaled_down(pixels: DynamicImage, max_width: u32, max_height: u32) -> DynamicImage {
    if pixels.width() <= max_width && pixels.height() <= max_height {
        return pixels;
    }
    pixels.resize(max_width.max(1), max_height.max(1), FilterType::Triangle)
}

/// Encodes pixels; a picture without colors in one channel, which is a third smaller.
fn encode(pixels: &DynamicImage, quality: u8, full_width: u32) -> Option<Picture> {
    let (width, height) = (pixels.width(), pixels.height());
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
    let is_grey = match pixels {
        DynamicImage::ImageRgb8(rgb) => rgb.pixels().all(|pixel| {
            let [red, green, blue] = pixel.0;
            red.max(green).max(blue) - red.min(green).min(blue) <= MAX_GREY_DIFFERENCE
        }),
        _ => true,
    };
    if is_grey {
        encoder.encode_image(&pixels.to_luma8()).ok()?;
    } else {
        encoder.encode_image(&pixels.to_rgb8()).ok()?;
    }
    Some(Picture { jpeg, width, height, full_width })
}
