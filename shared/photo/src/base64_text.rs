//! Decoding of photos that callers send as base64 text.

use crate::error::PhotoError;
use crate::limits::MAX_FILE_BYTES;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use domain::text::shows_nothing;

/// Decodes the standard alphabet, with or without padding.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes base64 in either alphabet (RFC 4648, sections 4 and 5), with or without padding, bare or in a data URL of an
/// image (RFC 2397). White space and characters that nobody sees may be anywhere: line breaks of mail programs, the
/// byte-order mark of an editor.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, PhotoError> {
    let text = text.trim_start_matches(shows_nothing);
    let data = if starts_with(text, "data:") { data_of_url(text).ok_or(PhotoError::InvalidBase64)? } else { text };
    let data: String = data
        .chars()
        .filter(|character| !shows_nothing(*character))
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            character => character,
        })
        .collect();
    let bytes = ENGINE.decode(data).map_err(|_| PhotoError::InvalidBase64)?;
    match bytes.len() {
        0 => Err(PhotoError::InvalidBase64),
        length if length > MAX_FILE_BYTES => Err(PhotoError::TooLarge),
        _ => Ok(bytes),
    }
}

/// Returns whether `text` starts with `start`, regardless of case.
fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

/// Returns the data of a URL `data:image/…;base64,…`, or `None` for another media type or encoding.
///
/// What the file is, its content tells. So a type that says nothing is accepted too: browsers write
/// `application/octet-stream`, or none, for files whose type they do not know.
fn data_of_url(url: &str) -> Option<&str> {
    let (header, data) = url.split_once(',')?;
    let header = header.to_ascii_lowercase();
    let media_type = header.strip_prefix("data:")?.strip_suffix("base64")?.trim_end().strip_suffix(';')?;
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    (media_type.starts_with("image/") || matches!(media_type, "" | "application/octet-stream")).then_some(data)
}
