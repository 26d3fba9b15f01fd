//! Checks of the container format, before a decoder sees the file: that it is complete and holds a single still image.
//!
//! Decoders accept truncated files and trust the lengths in them, so the segments or chunks are walked through first.
//! One fault is forgiven: some cameras and upload widgets leave out the end marker of a JPEG.

use crate::error::PhotoError;
use crate::limits::{MAX_JPEG_PIXELS_PER_BYTE, MAX_PIXELS, MAX_SCANNED_PIXELS};

/// End of a JPEG, as [`check_jpeg`] finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JpegEnd {
    /// The end marker is there.
    Marker,
    /// The data of a scan goes on to the end of the file. Only decoding tells whether that scan is complete.
    InScan,
}

/// Walks through the segments of a JPEG (ITU-T T.81, annex B) and returns how it ends. Fails if one is truncated, if
/// there is no scan, or if the pixels are more than the file can hold or than its scans may go over.
pub(crate) fn check_jpeg(bytes: &[u8]) -> Result<JpegEnd, PhotoError> {
    const SOI: u8 = 0xd8;
    const EOI: u8 = 0xd9;
    const SOS: u8 = 0xda;
    let mut rest = bytes;
    let mut scans = 0;
    let mut pixels = 0;
    loop {
        // Skips fill bytes between segments, and the entropy-coded data after the header of a scan.
        let at = rest.windows(2).position(|two| two[0] == 0xff && !matches!(two[1], 0 | 0xff | 0xd0..=0xd7));
        let Some(at) = at else {
            return if scans > 0 { Ok(JpegEnd::InScan) } else { Err(PhotoError::Corrupt) };
        };
        let marker = rest[at + 1];
        rest = &rest[at + 2..];
        match marker {
            SOI | 0x01 => continue,
            EOI => return if scans > 0 { Ok(JpegEnd::Marker) } else { Err(PhotoError::Corrupt) },
            SOS => scans += 1,
            _ => {}
        }
        let length = rest.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length)));
        let segment = length.and_then(|length| rest.get(..length)).ok_or(PhotoError::Corrupt)?;
        rest = &rest[segment.len()..];
        if is_frame_header(marker) {
            pixels = pixels.max(frame_pixels(segment).ok_or(PhotoError::Corrupt)?);
            check_frame(pixels, bytes.len())?;
        }
        if pixels * scans > MAX_SCANNED_PIXELS {
            return Err(PhotoError::TooManyScans);
        }
    }
}

/// Returns whether a marker begins the header of a frame, which has the dimensions (SOF0 to SOF15).
fn is_frame_header(marker: u8) -> bool {
    const DHT: u8 = 0xc4;
    const JPG: u8 = 0xc8;
    const DAC: u8 = 0xcc;
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, DHT | JPG | DAC)
}

/// Returns the number of pixels that the header of a frame declares.
fn frame_pixels(segment: &[u8]) -> Option<u64> {
    let side = |at: usize| segment.get(at..)?.first_chunk().copied().map(u16::from_be_bytes).map(u64::from);
    Some(side(3)? * side(5)?)
}

/// Checks the number of pixels of a frame in a file of this size. Decoders take what is missing for zeros, so that a
/// file of 200 bytes would cost as much as a photo of 40 megapixels.
fn check_frame(pixels: u64, file_size: usize) -> Result<(), PhotoError> {
    if pixels > MAX_PIXELS {
        return Err(PhotoError::TooManyPixels);
    }
    let file_size = u64::try_from(file_size).unwrap_or(u64::MAX);
    if pixels > file_size.saturating_mul(MAX_JPEG_PIXELS_PER_BYTE) { Err(PhotoError::Corrupt) } else { Ok(()) }
}

/// Walks through the chunks of a WebP file (RFC 9649, section 2). Fails if one is truncated or the file is animated.
pub(crate) fn check_webp(bytes: &[u8]) -> Result<(), PhotoError> {
    let size = |bytes: &[u8]| bytes.get(4..8)?.first_chunk().copied().map(u32::from_le_bytes)?.try_into().ok();
    let riff_size: usize = size(bytes).ok_or(PhotoError::Corrupt)?;
    // The size does not count "RIFF" and itself. Bytes after the end are not part of the file.
    let file = riff_size.checked_add(8).and_then(|end| bytes.get(..end)).ok_or(PhotoError::Corrupt)?;
    let mut rest = file.get(12..).ok_or(PhotoError::Corrupt)?;
    while !rest.is_empty() {
        let length: usize = size(rest).ok_or(PhotoError::Corrupt)?;
        if rest.starts_with(b"ANIM") || rest.starts_with(b"ANMF") {
            return Err(PhotoError::Animated);
        }
        // Chunks are padded to an even length. Some encoders omit the padding of the last chunk.
        let chunk = length.checked_add(8).filter(|end| *end <= rest.len()).ok_or(PhotoError::Corrupt)?;
        rest = rest.get(chunk + length % 2..).unwrap_or_default();
    }
    Ok(())
}

/// Returns the name of the format of a HEIF file (ISO/IEC 23008-12): HEIC, as iPhones store photos, or AVIF.
pub(crate) fn heif_format(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    match bytes.get(8..12)? {
        b"avif" | b"avis" => Some("AVIF"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" | b"mif1" | b"msf1" => {
            Some("HEIC")
        }
        _ => None,
    }
}
