//! Whether a file holds all that it says, and one picture only: its outline is walked through before a decoder sees
//! it. Decoders forgive a missing end and trust lengths.

use crate::PhotoError;

/// Scans of a JPEG at most: encoders write a dozen, and each one costs a decoder a walk over all pixels.
const MAX_JPEG_SCANS: usize = 100;

/// Walks the segments of a JPEG (ITU-T T.81, annex B) to its end.
pub(crate) fn check_jpeg(bytes: &[u8]) -> Result<(), PhotoError> {
    const SOI: u8 = 0xd8;
    const EOI: u8 = 0xd9;
    const SOS: u8 = 0xda;
    let mut rest = bytes;
    let mut scans = 0;
    loop {
        // Between segments nothing but fill bytes should stand; behind a scan's header stands its data.
        let at = rest.windows(2).position(|two| two[0] == 0xff && !matches!(two[1], 0 | 0xff | 0xd0..=0xd7));
        let at = at.ok_or(PhotoError::Corrupt)?;
        let marker = rest[at + 1];
        rest = &rest[at + 2..];
        match marker {
            SOI | 0x01 => continue,
            EOI => return if scans > 0 { Ok(()) } else { Err(PhotoError::Corrupt) },
            SOS => scans += 1,
            _ => {}
        }
        if scans > MAX_JPEG_SCANS {
            return Err(PhotoError::Corrupt);
        }
        let length = rest.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length)));
        rest = length.and_then(|length| rest.get(length..)).ok_or(PhotoError::Corrupt)?;
    }
}

/// Walks the chunks of a WebP file (RFC 9649, section 2) to its end.
pub(crate) fn check_webp(bytes: &[u8]) -> Result<(), PhotoError> {
    let size = |bytes: &[u8]| bytes.get(4..8)?.first_chunk().copied().map(u32::from_le_bytes)?.try_into().ok();
    let whole: usize = size(bytes).ok_or(PhotoError::Corrupt)?;
    // "RIFF" and the size itself are not counted; what follows the file's end is no part of it.
    let file = whole.checked_add(8).and_then(|end| bytes.get(..end)).ok_or(PhotoError::Corrupt)?;
    let mut rest = file.get(12..).ok_or(PhotoError::Corrupt)?;
    while !rest.is_empty() {
        let length: usize = size(rest).ok_or(PhotoError::Corrupt)?;
        if rest.starts_with(b"ANIM") || rest.starts_with(b"ANMF") {
            return Err(PhotoError::Animated);
        }
        // Chunks have an even length; some writers leave out the last one's padding.
        let chunk = length.checked_add(8).filter(|end| *end <= rest.len()).ok_or(PhotoError::Corrupt)?;
        rest = rest.get(chunk + length % 2..).unwrap_or_default();
    }
    Ok(())
}
