//! Limits of photos. A small file may decode to gigabytes, so every size is limited.

/// Maximum size of a photo in bytes: 4 MiB.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Maximum number of pixels: those of a 40-megapixel camera.
pub const MAX_PIXELS: u64 = 40_000_000;

/// Maximum width and height in pixels.
pub const MAX_SIDE_PIXELS: u32 = 12_000;

/// Maximum size of a decoded photo in bytes: four channels of eight bits for each pixel.
pub(crate) const MAX_DECODED_BYTES: u64 = MAX_PIXELS * 4;

/// Maximum number of pixels that the scans of a JPEG go over in all. A decoder goes over all pixels for each scan, and a
/// scan may take a few bytes. Encoders write ten to twelve scans: enough for 33 megapixels.
pub const MAX_SCANNED_PIXELS: u64 = 400_000_000;

/// Maximum number of pixels of a JPEG for each byte of the file. Each block of 8 × 8 pixels takes at least one bit, and
/// the components with the most blocks may share them (ITU-T T.81, annexes A.1 and F.1.2).
pub(crate) const MAX_JPEG_PIXELS_PER_BYTE: u64 = 1_024;

/// Maximum width and height of the photo that is kept; a larger one is scaled down. A card that fills the picture then
/// has 35 pixels per millimetre.
pub const MAX_KEPT_SIDE_PIXELS: u32 = 3_000;
