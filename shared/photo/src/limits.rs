//! Limits of photos. A small file may decode to gigabytes, so every size is limited.

/// Maximum size of a photo in bytes: 4 MiB.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Maximum number of pixels: those of a 40-megapixel camera.
pub const MAX_PIXELS: u64 = 40_000_000;

/// Maximum width and height in pixels.
pub const MAX_SIDE_PIXELS: u32 = 12_000;

/// Maximum size of a decoded photo in bytes: four channels of eight bits for each pixel.
pub(crate) const MAX_DECODED_BYTES: u64 = MAX_PIXELS * 4;
