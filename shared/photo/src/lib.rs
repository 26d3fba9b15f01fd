//! Pictures from outside, read within bounds and written anew so that nothing but pixels is left.
//!
//! What a picture is its bytes say, never its sender. It is decoded, turned upright and written anew as JPEG: metadata
//! with places and names, other pictures in the same file, and whatever else a file may be at the same time do not
//! survive that. Nothing here waits or knows of files; it may take seconds, which is the caller's to place.

mod container;
mod text;

pub use text::decode_base64;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits, RgbImage};
use std::io::Cursor;

/// Bytes of a picture at most, as it comes in: 4 MiB.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Pixels of a picture at most: those of a 40-megapixel camera.
pub const MAX_PIXELS: u64 = 40_000_000;

/// Pixels of a side at most.
pub const MAX_SIDE_PIXELS: u32 = 12_000;

/// Bytes that a picture may have decoded: its pixels with four channels of eight bits each.
const MAX_DECODED_BYTES: u64 = MAX_PIXELS * 4;

/// Of JPEG, from 1 to 100: no difference is seen, and small print stays legible.
const JPEG_QUALITY: u8 = 90;

/// Why a picture is not taken, as its sender may read it behind the name of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// It is not base64.
    #[error("must be a JPEG, PNG or WebP picture in base64")]
    InvalidBase64,
    /// It has more than [`MAX_FILE_BYTES`] bytes.
    #[error("must be a picture of at most 4 MiB ({MAX_FILE_BYTES} bytes)")]
    TooLarge,
    /// It is of another kind.
    #[error("must be a JPEG, PNG or WebP picture")]
    UnsupportedFormat,
    /// It has more than [`MAX_PIXELS`], a side longer than [`MAX_SIDE_PIXELS`], or more colours than needed.
    #[error("must be a picture of at most {MAX_PIXELS} pixels and no side above {MAX_SIDE_PIXELS}")]
    TooManyPixels,
    /// It moves.
    #[error("must be a still picture")]
    Animated,
    /// It ends before its end, or cannot be read.
    #[error("must be a whole picture; this one is broken")]
    Corrupt,
}

/// The pixels of the picture that `bytes` are, upright, as a JPEG file that holds nothing else. What is transparent
/// becomes white.
pub fn reencode(bytes: &[u8]) -> Result<Vec<u8>, PhotoError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(PhotoError::TooLarge);
    }
    let upright = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => {
            container::check_jpeg(bytes)?;
            decode(JpegDecoder::new(Cursor::new(bytes)).map_err(decoding_error)?)?
        }
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits()).map_err(decoding_error)?;
            if decoder.is_apng().map_err(decoding_error)? {
                return Err(PhotoError::Animated);
            }
            decode(decoder)?
        }
        Ok(ImageFormat::WebP) => {
            container::check_webp(bytes)?;
            decode(WebPDecoder::new(Cursor::new(bytes)).map_err(decoding_error)?)?
        }
        _ => return Err(PhotoError::UnsupportedFormat),
    };
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY).encode_image(&opaque(upright)).map_err(decoding_error)?;
    Ok(file)
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE_PIXELS);
    limits.max_image_height = Some(MAX_SIDE_PIXELS);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
}

/// Decodes a picture whose header has been read, if that keeps within bounds, and turns it upright.
fn decode(mut decoder: impl ImageDecoder) -> Result<DynamicImage, PhotoError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(PhotoError::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(decoding_error)?;
    // Metadata that cannot be read turns nothing.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(decoding_error)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// The picture on white.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let transparent = picture.into_rgba8();
    let (width, height) = transparent.dimensions();
    let on_white = |channel: u8, alpha: u8| {
        let (channel, alpha) = (u16::from(channel), u16::from(alpha));
        // At most 255 × 255 / 255.
        u8::try_from((channel * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
    };
    let pixels = transparent.pixels().flat_map(|pixel| {
        let [red, green, blue, alpha] = pixel.0;
        [red, green, blue].map(|channel| on_white(channel, alpha))
    });
    RgbImage::from_raw(width, height, pixels.collect()).unwrap_or_default()
}

fn decoding_error(error: ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => PhotoError::TooManyPixels,
        _ => PhotoError::Corrupt,
    }
}

#[cfg(test)]
mod tests;
