//! Pictures as text: base64, as callers write it.

use crate::{MAX_FILE_BYTES, PhotoError};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padded or not.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes that a text in base64 stands for, of either alphabet (RFC 4648, sections 4 and 5), padded or not, with
/// spaces and line breaks or without, alone or in a data URL (RFC 2397) of a picture.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, PhotoError> {
    let text = text.trim();
    let data = if starts_with(text, "data:") { behind_header(text).ok_or(PhotoError::InvalidBase64)? } else { text };
    let data: Vec<u8> = data
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            byte => byte,
        })
        .collect();
    let bytes = ENGINE.decode(data).map_err(|_| PhotoError::InvalidBase64)?;
    match bytes.len() {
        0 => Err(PhotoError::InvalidBase64),
        length if length > MAX_FILE_BYTES => Err(PhotoError::TooLarge),
        _ => Ok(bytes),
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

/// What stands behind `data:image/…;base64,`.
fn behind_header(url: &str) -> Option<&str> {
    let (header, data) = url.split_once(',')?;
    let ends = header.to_ascii_lowercase().ends_with(";base64");
    (starts_with(header, "data:image/") && ends).then_some(data)
}
