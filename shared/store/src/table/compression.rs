//! Compression of texts that are written often and read whole, such as webhook bodies: DEFLATE (RFC 1951) halves the
//! size of JSON, and with it the write units that an item costs.
//!
//! Webhook bodies are short and much alike: most of a body are names of fields and texts of the API. They are compressed
//! against a dictionary of these, to a fifth of their size: the dictionary is what the compressor has seen before the text, and
//! is not part of the result.

use miniz_oxide::DataFormat;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress as decompress_into};
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use std::sync::LazyLock;

/// Compression level, from 0 (none) to 10 (smallest); 6 is zlib's default, and higher levels gain next to nothing on
/// a few kilobytes of JSON.
const COMPRESSION_LEVEL: u8 = 6;

/// Maximum size in bytes of a decompressed text. Texts that are stored here are a few kilobytes; the limit keeps a
/// corrupt item from taking up a function's memory.
const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// Size in bytes of the buffer that a payload is decompressed into at first. It doubles while the payload is larger.
const FIRST_BUFFER_BYTES: usize = 8 * 1024;

/// The first byte of what [`compress_payload`] returns. DEFLATE never begins with it: its three low bits would name a
/// reserved type of block.
const WITH_DICTIONARY: u8 = 0x07;

/// Names of fields and texts of payloads, the most frequent ones last. Stored data depends on every byte: it never
/// changes, and another dictionary needs another first byte.
const DICTIONARY: &[u8] = include_bytes!("payload_dictionary.txt");

/// Compresses `text`.
pub(crate) fn compress(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), COMPRESSION_LEVEL)
}

/// A compressor that has seen the dictionary; `None` if it cannot. With a copy of it, compressing a payload takes a third
/// of the time.
static COMPRESSOR_WITH_DICTIONARY: LazyLock<Option<CompressorOxide>> = LazyLock::new(|| {
    let flags = create_comp_flags_from_zip_params(COMPRESSION_LEVEL.into(), DataFormat::Raw.to_window_bits(), 0);
    let mut compressor = CompressorOxide::new(flags);
    // After the flush, the compressor knows the dictionary and begins a new byte and a new block.
    let (status, _) = compress_to_output(&mut compressor, DICTIONARY, TDEFLFlush::Sync, |_| true);
    (status == TDEFLStatus::Okay).then_some(compressor)
});

/// Compresses `text` against the dictionary. Releases before it cannot decompress the result.
pub(crate) fn compress_payload(text: &str) -> Vec<u8> {
    let Some(mut compressor) = COMPRESSOR_WITH_DICTIONARY.clone() else { return compress(text) };
    let mut compressed = vec![WITH_DICTIONARY];
    let (status, _) = compress_to_output(&mut compressor, text.as_bytes(), TDEFLFlush::Finish, |bytes| {
        compressed.extend_from_slice(bytes);
        true
    });
    if status == TDEFLStatus::Done { compressed } else { compress(text) }
}

/// Decompresses what [`compress`] or [`compress_payload`] returned; `None` for anything else.
pub(crate) fn decompress(compressed: &[u8]) -> Option<String> {
    let text = match compressed.strip_prefix(&[WITH_DICTIONARY]) {
        Some(payload) => decompress_payload(payload)?,
        None => decompress_to_vec_with_limit(compressed, MAX_TEXT_BYTES).ok()?,
    };
    String::from_utf8(text).ok()
}

fn decompress_payload(payload: &[u8]) -> Option<Vec<u8>> {
    let mut decompressor = Box::<DecompressorOxide>::default();
    let mut buffer = DICTIONARY.to_vec();
    buffer.resize(DICTIONARY.len() + FIRST_BUFFER_BYTES, 0);
    let (mut read, mut written) = (0, DICTIONARY.len());
    loop {
        let rest = payload.get(read..)?;
        let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, consumed, produced) = decompress_into(&mut decompressor, rest, &mut buffer, written, flags);
        (read, written) = (read + consumed, written + produced);
        match status {
            TINFLStatus::Done => {
                buffer.truncate(written);
                return Some(buffer.split_off(DICTIONARY.len()));
            }
            TINFLStatus::HasMoreOutput if buffer.len() < MAX_TEXT_BYTES => buffer.resize(buffer.len() * 2, 0),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decompression_restores_the_text() {
        let long = r#"{"name": "Zoë", "email": "zoe@example.com"}"#.repeat(50);
        let numbers: Vec<_> = (0..100_000).map(|number: u32| number.to_string()).collect();
        let very_long = numbers.join(",");
        for text in ["", "{}", &long, &very_long] {
            assert_eq!(decompress(&compress(text)).as_deref(), Some(text));
            assert_eq!(decompress(&compress_payload(text)).as_deref(), Some(text));
        }
        assert!(compress(&long).len() < long.len() / 2);
    }

    #[test]
    fn payloads_are_compressed_to_a_fifth() {
        let dictionary = std::str::from_utf8(DICTIONARY).expect("text");
        let (_, body) = dictionary.split_once(r#"{"id":"","type":"lead.created""#).expect("the native payload");
        assert!(compress_payload(body).len() < 40, "{}", compress_payload(body).len());
        assert!(compress_payload(body).len() < compress(body).len() / 5);
    }

    #[test]
    fn the_dictionary_has_not_changed() {
        let digest = "fe12bc52a6678c0d37135c1a361b053b2615f8efaa5883230a3dbea287eef3b2";
        assert_eq!(domain::id::digest(&[DICTIONARY]), digest, "stored data depends on it");
    }

    #[test]
    fn arbitrary_bytes_are_not_decompressed() {
        assert_eq!(decompress(&[0xff; 8]), None);
        assert_eq!(decompress(&[WITH_DICTIONARY; 8]), None);
        assert_eq!(decompress(&[WITH_DICTIONARY]), None);
        let whole = compress_payload(&"0123456789".repeat(10));
        assert_eq!(decompress(&whole[..whole.len() - 4]), None);
    }
}
