//! Decoding of photos within limits, and encoding of their pixels.

use crate::container;
use crate::error::PhotoError;
use crate::limits::{MAX_DECODED_BYTES, MAX_FILE_BYTES, MAX_PIXELS, MAX_SIDE_PIXELS};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits, RgbImage};
use std::io::Cursor;

/// JPEG quality, from 1 to 100. At 90, no difference is visible and small print stays legible.
const JPEG_QUALITY: u8 = 90;

/// Returns the pixels of a photo, upright, as a JPEG file that holds nothing else. Transparent pixels become white.
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

/// Returns the limits of decoders.
fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE_PIXELS);
    limits.max_image_height = Some(MAX_SIDE_PIXELS);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
}

/// Decodes an image whose header was read, within limits, and turns it upright.
fn decode(mut decoder: impl ImageDecoder) -> Result<DynamicImage, PhotoError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(PhotoError::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(decoding_error)?;
    // An orientation that cannot be read is ignored.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(decoding_error)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Returns the image on a white background.
fn opaque(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let transparent = image.into_rgba8();
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

/// Returns the error of a decoder or encoder as the reason to reject the photo.
fn decoding_error(error: ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => PhotoError::TooManyPixels,
        _ => PhotoError::Corrupt,
    }
}
