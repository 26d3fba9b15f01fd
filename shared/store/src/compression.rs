//! Texts that are written often and read whole: packed with DEFLATE (RFC 1951), which halves what JSON weighs.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// How hard to try, from 0 to 10.
const LEVEL: u8 = 6;

/// Bytes of a text at most: more than an item can hold of any that is not made up.
const MOST: usize = 4 * 1024 * 1024;

pub(crate) fn pack(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), LEVEL)
}

/// The text, if that is what was packed.
pub(crate) fn unpack(packed: &[u8]) -> Option<String> {
    String::from_utf8(decompress_to_vec_with_limit(packed, MOST).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_as_it_was() {
        let long = r#"{"name": "Zoë", "email": "zoe@example.com"}"#.repeat(50);
        for text in ["", "{}", &long] {
            assert_eq!(unpack(&pack(text)).as_deref(), Some(text));
        }
        assert!(pack(&long).len() < long.len() / 2);
    }

    #[test]
    fn what_was_not_packed_is_no_text() {
        assert_eq!(unpack(&[0xff; 8]), None);
    }
}
