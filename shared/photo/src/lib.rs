#![doc = include_str!("../README.md")]

mod base64_text;
mod container;
mod error;
mod limits;
mod reencode;
#[cfg(test)]
mod tests;

pub use base64_text::decode_base64;
pub use error::PhotoError;
pub use limits::{MAX_FILE_BYTES, MAX_KEPT_SIDE_PIXELS, MAX_PIXELS, MAX_SCANNED_PIXELS, MAX_SIDE_PIXELS};
pub use reencode::{decode_upright, reencode};
