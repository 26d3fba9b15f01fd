//! Reasons to reject a photo.

use crate::limits::{MAX_FILE_BYTES, MAX_PIXELS, MAX_SCANNED_PIXELS, MAX_SIDE_PIXELS};

/// The reason why a photo is rejected. Its text is a sentence fragment that follows the name of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// The text is not base64.
    #[error("must be a JPEG, PNG or WebP image in base64")]
    InvalidBase64,
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("must be an image of at most 4 MiB ({MAX_FILE_BYTES} bytes)")]
    TooLarge,
    /// The file is not of a supported format.
    #[error("must be a JPEG, PNG or WebP image")]
    UnsupportedFormat,
    /// The file is HEIC or AVIF, with the name of the format. Decoders of these are far larger than all others together.
    #[error(
        "must be a JPEG, PNG or WebP image; this file is {0}, which must be converted first: on an iPhone set Settings > \
         Camera > Formats to Most Compatible, in a browser draw it on a canvas and export that as image/jpeg"
    )]
    Heif(&'static str),
    /// The image has more than [`MAX_PIXELS`], a side longer than [`MAX_SIDE_PIXELS`], or decodes to too many bytes.
    #[error("must be an image of at most {MAX_PIXELS} pixels, with no side above {MAX_SIDE_PIXELS}")]
    TooManyPixels,
    /// The scans of a JPEG go over more than [`MAX_SCANNED_PIXELS`] in all.
    #[error(
        "must be a JPEG whose scans go over at most {MAX_SCANNED_PIXELS} pixels in all: save it as a baseline JPEG, which \
         has one scan"
    )]
    TooManyScans,
    /// The image is animated.
    #[error("must be a still image, not an animation")]
    Animated,
    /// The file is truncated or cannot be decoded.
    #[error("must be a complete image; this file is truncated or corrupt")]
    Corrupt,
}
