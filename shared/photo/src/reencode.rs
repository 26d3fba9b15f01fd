//! Decoding of photos within limits, and encoding of their pixels.

use crate::container::{self, JpegEnd};
use crate::error::PhotoError;
use crate::limits::{MAX_DECODED_BYTES, MAX_FILE_BYTES, MAX_KEPT_SIDE_PIXELS, MAX_PIXELS, MAX_SIDE_PIXELS};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits, RgbImage};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Cursor;

/// JPEG quality, from 1 to 100. At 90, no difference is visible and small print stays legible.
const JPEG_QUALITY: u8 = 90;

/// End marker of a JPEG.
const JPEG_END: [u8; 2] = [0xff, 0xd9];

/// Entropy-coded data that cannot be mistaken for the zeros that a decoder reads behind the end.
const SCAN_FILLER: [u8; 64] = [0xa5; 64];

/// Returns the pixels of a photo, upright and scaled down to [`MAX_KEPT_SIDE_PIXELS`], as a JPEG file that holds nothing
/// else. Transparent pixels become white.
pub fn reencode(bytes: &[u8]) -> Result<Vec<u8>, PhotoError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(PhotoError::TooLarge);
    }
    let pixels = decode_upright(bytes)?;
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY).encode_image(&pixels).map_err(decoding_error)?;
    Ok(file)
}

/// Returns the pixels of a photo of any file size, upright and scaled down to [`MAX_KEPT_SIDE_PIXELS`]. Transparent pixels
/// become white.
pub fn decode_upright(bytes: &[u8]) -> Result<RgbImage, PhotoError> {
    let upright = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => match container::check_jpeg(bytes)? {
            JpegEnd::Marker => decode_jpeg(bytes)?,
            JpegEnd::InScan => decode_unterminated_jpeg(bytes)?,
        },
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
        _ => return Err(container::heif_format(bytes).map_or(PhotoError::UnsupportedFormat, PhotoError::Heif)),
    };
    Ok(opaque(upright))
}

fn decode_jpeg(bytes: &[u8]) -> Result<DynamicImage, PhotoError> {
    decode(JpegDecoder::new(Cursor::new(bytes)).map_err(decoding_error)?)
}

/// Decodes a JPEG that has no end marker. Fails if more than the marker is missing.
///
/// The decoder reads on behind the end of a truncated scan, so what it makes of the last rows depends on the bytes that
/// are put there. A complete scan gives the same picture whatever follows it.
fn decode_unterminated_jpeg(bytes: &[u8]) -> Result<DynamicImage, PhotoError> {
    // Half of the end marker may be there.
    let scan = bytes.strip_suffix(&[0xff]).unwrap_or(bytes);
    // The first picture is only compared, by its hash, so that one picture is in memory at a time.
    let read_on = hash(&decode_jpeg(&[scan, &SCAN_FILLER, &JPEG_END].concat())?);
    let image = decode_jpeg(&[scan, &JPEG_END].concat())?;
    if hash(&image) == read_on { Ok(image) } else { Err(PhotoError::Corrupt) }
}

fn hash(image: &DynamicImage) -> u64 {
    let mut hasher = DefaultHasher::new();
    image.as_bytes().hash(&mut hasher);
    hasher.finish()
}

/// Returns the limits of decoders.
fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE_PIXELS);
    limits.max_image_height = Some(MAX_SIDE_PIXELS);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
}

/// Decodes an image whose header was read, within limits, scales it down and turns it upright.
fn decode(mut decoder: impl ImageDecoder) -> Result<DynamicImage, PhotoError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(PhotoError::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(decoding_error)?;
    // An orientation that cannot be read is ignored.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(decoding_error)?;
    // First, so that all that follows works on fewer pixels.
    if image.width().max(image.height()) > MAX_KEPT_SIDE_PIXELS {
        image = image.thumbnail(MAX_KEPT_SIDE_PIXELS, MAX_KEPT_SIDE_PIXELS);
    }
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
