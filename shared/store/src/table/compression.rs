//! Compression of texts that are written often and read whole, such as webhook bodies: DEFLATE (RFC 1951) halves the
//! size of JSON, and with it the write units that an item costs.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// Compression level, from 0 (none) to 10 (smallest); 6 is zlib's default, and higher levels gain next to nothing on
/// a few kilobytes of JSON.
const COMPRESSION_LEVEL: u8 = 6;

/// Maximum size in bytes of a decompressed text. Texts that are stored here are a few kilobytes; the limit keeps a
/// corrupt item from taking up a function's memory.
const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// Compresses `text`.
pub(crate) fn compress(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), COMPRESSION_LEVEL)
}

/// Decompresses what [`compress`] returned; `None` for anything else.
pub(crate) fn decompress(compressed: &[u8]) -> Option<String> {
    String::from_utf8(decompress_to_vec_with_limit(compressed, MAX_TEXT_BYTES).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decompression_restores_the_text() {
        let long = r#"{"name": "Zoë", "email": "zoe@example.com"}"#.repeat(50);
        for text in ["", "{}", &long] {
            assert_eq!(decompress(&compress(text)).as_deref(), Some(text));
        }
        assert!(compress(&long).len() < long.len() / 2);
    }

    #[test]
    fn arbitrary_bytes_are_not_decompressed() {
        assert_eq!(decompress(&[0xff; 8]), None);
    }
}
