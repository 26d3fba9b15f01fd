//! Unit tests with generated images of every format, and with files that are no images.

use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::time::{Duration, Instant};

/// Returns an image that is red on the left and blue on the right.
fn two_colours(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) })
}

fn jpeg(photo: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 95).encode_image(photo).expect("a JPEG");
    file
}

fn png(photo: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut file);
    encoder.write_image(photo, photo.width(), photo.height(), ExtendedColorType::Rgb8).expect("a PNG");
    file
}

fn webp(photo: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut file);
    encoder.encode(photo, photo.width(), photo.height(), ExtendedColorType::Rgb8).expect("a WebP");
    file
}

/// Returns a JPEG with an EXIF segment that has this orientation and a location.
fn with_exif(file: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend([0x01, 0x0e, 0, 2, 0, 0, 0, 4, b'G', b'P', b'S', 0]);
    exif.extend([0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&file[..2], &[0xff, 0xe1], &length, &exif, &file[2..]].concat()
}

fn read(file: &[u8]) -> RgbImage {
    assert_eq!(image::guess_format(file).ok(), Some(ImageFormat::Jpeg));
    image::load_from_memory(file).expect("an image").into_rgb8()
}

fn is_red(pixel: Rgb<u8>) -> bool {
    pixel.0[0] > 180 && pixel.0[2] < 70
}

#[test]
fn every_format_is_reencoded() {
    let photo = two_colours(64, 32);
    for file in [jpeg(&photo), png(&photo), webp(&photo)] {
        let clean = read(&reencode(&file).expect("clean"));
        assert_eq!(clean.dimensions(), (64, 32));
        assert!(is_red(*clean.get_pixel(4, 16)) && !is_red(*clean.get_pixel(60, 16)));
    }
}

#[test]
fn photos_are_turned_upright_without_metadata() {
    let file = with_exif(&jpeg(&two_colours(64, 32)), 6);
    let file = [file, b"<script>alert(1)</script>".to_vec()].concat();
    assert!(file.windows(4).any(|four| four == b"Exif"));
    let clean = reencode(&file).expect("clean");
    for trace in ["Exif", "GPS", "script"] {
        assert!(!String::from_utf8_lossy(&clean).contains(trace), "{trace}");
    }
    let turned = read(&clean);
    assert_eq!(turned.dimensions(), (32, 64), "a quarter to the right");
    assert!(is_red(*turned.get_pixel(16, 4)) && !is_red(*turned.get_pixel(16, 60)), "what was left is on top");
}

#[test]
fn transparent_pixels_become_white() {
    let photo = RgbaImage::from_fn(16, 16, |_, _| Rgba([10, 20, 30, 0]));
    let mut file = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut file);
    encoder.write_image(&photo, 16, 16, ExtendedColorType::Rgba8).expect("a PNG");
    assert!(read(&reencode(&file).expect("clean")).pixels().all(|pixel| pixel.0.iter().all(|channel| *channel > 250)));
}

#[test]
fn truncated_files_are_rejected() {
    let photo = two_colours(40, 40);
    // The end marker of a JPEG has two bytes, and may be missing.
    for (file, whole) in [(jpeg(&photo), 2), (webp(&photo), 1)] {
        for end in 12..file.len() - whole {
            assert_eq!(reencode(&file[..end]), Err(PhotoError::Corrupt), "{end} of {}", file.len());
        }
    }
    let file = png(&photo);
    // The last chunk, of twelve bytes, holds nothing; the one before ends with its checksum.
    for end in 12..file.len() - 17 {
        assert!(reencode(&file[..end]).is_err(), "{end} of {}", file.len());
    }
    for file in [jpeg(&photo), png(&photo), webp(&photo)] {
        for end in 0..12 {
            assert!(reencode(&file[..end]).is_err(), "{end}");
        }
    }
}

/// Returns a picture in which no two rows are the same.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut seed = 1_u32;
    RgbImage::from_fn(width, height, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [red, green, blue, _] = seed.to_be_bytes();
        Rgb([red, green, blue])
    })
}

#[test]
fn a_jpeg_may_lack_its_end_marker() {
    for photo in [two_colours(40, 40), noise(33, 47), RgbImage::new(16, 16)] {
        let file = jpeg(&photo);
        let whole = reencode(&file);
        for cut in [1, 2] {
            assert_eq!(reencode(&file[..file.len() - cut]), whole, "{cut}");
        }
        for cut in 3..file.len() - 12 {
            assert_eq!(reencode(&file[..file.len() - cut]), Err(PhotoError::Corrupt), "{cut} of {}", file.len());
        }
    }
}

#[test]
fn heic_is_rejected_with_advice() {
    for brand in ["heic", "heix", "mif1", "hevc"] {
        let file = [b"\0\0\0\x18ftyp", brand.as_bytes(), b"\0\0\0\0mif1heic"].concat();
        let error = reencode(&file).expect_err("not decoded").to_string();
        assert!(error.contains("HEIC") && error.contains("Most Compatible"), "{error}");
    }
    assert_eq!(reencode(b"\0\0\0\x18ftypavif\0\0\0\0"), Err(PhotoError::Heif("AVIF")));
    assert_eq!(reencode(b"\0\0\0\x18ftypisom\0\0\0\0"), Err(PhotoError::UnsupportedFormat));
}

/// Returns a PNG with this size in its header.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut file = png(&two_colours(8, 8));
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc(&file[12..29]);
    file[29..33].copy_from_slice(&checksum.to_be_bytes());
    file
}

/// Returns the CRC-32 that PNG uses.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn dimensions_are_checked_before_decoding() {
    for (width, height) in [(60_000, 60_000), (12_001, 1), (1, 12_001), (8_000, 5_001), (u32::MAX >> 1, 1), (0, 8)] {
        let refused = reencode(&png_header(width, height)).expect_err("too large");
        assert!([PhotoError::TooManyPixels, PhotoError::Corrupt].contains(&refused), "{width} × {height}: {refused}");
    }
    let mut file = jpeg(&two_colours(8, 8));
    let frame = file.windows(2).position(|two| two == [0xff, 0xc0]).expect("a frame");
    file[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert_eq!(reencode(&file), Err(PhotoError::TooManyPixels));
}

/// Returns a progressive JPEG of one component whose every scan after the first has two bytes, and which `padding` bytes
/// that no decoder reads make larger.
fn progressive_jpeg(width: u16, height: u16, scans: usize, padding: usize) -> Vec<u8> {
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).expect("short").to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    };
    let mut file = vec![0xff, 0xd8];
    for _ in 0..padding.div_ceil(60_000) {
        file.extend(segment(0xfe, &vec![b' '; padding.min(60_000)]));
    }
    file.extend(segment(0xdb, &[&[0][..], &[1; 64]].concat()));
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    file.extend(segment(0xc2, &[&[8][..], &size, &[1, 1, 0x11, 0]].concat()));
    // A code of one bit in each table: no difference, and the end of 2^14 to 2^15 blocks.
    let code = |class: u8, symbol: u8| [&[class, 1][..], &[0; 15], &[symbol]].concat();
    file.extend(segment(0xc4, &code(0x00, 0)));
    file.extend(segment(0xc4, &code(0x10, 0xe0)));
    file.extend(segment(0xda, &[1, 1, 0, 0, 0, 0]));
    file.extend([0; 16]);
    for number in 1..scans {
        let band = u8::try_from(number % 63 + 1).expect("below 64");
        file.extend(segment(0xda, &[1, 1, 0, band, band, 0]));
        file.extend([0x7f, 0xfe].repeat(1 + usize::from(width) * usize::from(height) / 64 / 32_767));
    }
    file.extend([0xff, 0xd9]);
    file
}

#[test]
fn tiny_files_of_many_pixels_are_rejected() {
    let file = progressive_jpeg(6_300, 6_300, 10, 0);
    assert!(file.len() < 1_500, "{}", file.len());
    for (file, error) in [
        (progressive_jpeg(6_300, 6_300, 1, 0), PhotoError::Corrupt),
        (file, PhotoError::Corrupt),
        (progressive_jpeg(6_300, 6_300, 100, 40_000), PhotoError::TooManyScans),
        (progressive_jpeg(12_000, 3_300, 11, 40_000), PhotoError::TooManyScans),
    ] {
        let started = Instant::now();
        assert_eq!(reencode(&file), Err(error));
        // Decoding takes a second or more.
        assert!(started.elapsed() < Duration::from_millis(100), "{:?} for {} bytes", started.elapsed(), file.len());
    }
}

/// The largest pictures of each format, and the JPEG of the most scans. Each takes below a second on an idle machine.
#[test]
fn the_largest_photos_take_seconds_at_most() {
    let plain = RgbImage::from_pixel(6_400, 6_200, Rgb([9, 9, 9]));
    for file in [progressive_jpeg(6_300, 6_300, 10, 40_000), jpeg(&plain), png(&plain), webp(&plain)] {
        let started = Instant::now();
        assert!(reencode(&file).is_ok(), "{} bytes", file.len());
        assert!(started.elapsed() < Duration::from_secs(8), "{:?} for {} bytes", started.elapsed(), file.len());
    }
}

#[test]
fn large_photos_are_scaled_down() {
    for (photo, expected) in [
        (two_colours(4_000, 1_000), (3_000, 750)),
        (two_colours(1_000, 4_000), (750, 3_000)),
        (two_colours(3_000, 40), (3_000, 40)),
        (two_colours(12_000, 2), (3_000, 1)),
    ] {
        let kept = read(&reencode(&jpeg(&photo)).expect("clean"));
        assert_eq!(kept.dimensions(), expected);
        let middle = kept.height() / 2;
        assert!(is_red(*kept.get_pixel(4, middle)) && !is_red(*kept.get_pixel(kept.width() - 5, middle)));
    }
    let turned = read(&reencode(&with_exif(&jpeg(&two_colours(4_000, 1_000)), 6)).expect("clean"));
    assert_eq!(turned.dimensions(), (750, 3_000));
}

#[test]
fn other_files_and_animations_are_rejected() {
    for other in [
        &b""[..],
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"BM\0\0\0\0",
        b"MZ\x90",
    ] {
        assert_eq!(reencode(other), Err(PhotoError::UnsupportedFormat), "{}", String::from_utf8_lossy(other));
    }
    assert_eq!(reencode(&vec![0xff; MAX_FILE_BYTES + 1]), Err(PhotoError::TooLarge));
    assert_eq!(reencode(b"\xff\xd8\xff<?php system($_GET[0]); ?>\xff\xd9"), Err(PhotoError::Corrupt));
    let moving = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0ANIM\0\0\0\0";
    assert_eq!(reencode(moving), Err(PhotoError::Animated));
}

#[test]
fn oversized_chunks_are_rejected_before_reading() {
    let mut file = webp(&two_colours(8, 8));
    file[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(reencode(&file), Err(PhotoError::Corrupt));
}

#[test]
fn base64_is_decoded_in_every_form() {
    // 0xfb 0xef 0xbe is "++++" in one alphabet, "----" in the other.
    let bytes = vec![0xfb, 0xef, 0xbe, 0xff];
    for text in [
        "++++/w==",
        "----_w==",
        "----_w",
        "++--/w",
        " ++\r\n++\t/ w==\n",
        "\u{feff}++++/w==\u{feff}",
        "+\u{200b}+\u{a0}+\u{ad}+\u{2028}/\u{85}w=\0=",
        "\u{feff}\n data:image/png;base64,\u{feff}++++\r\n\u{2060}/w==\u{200b}",
        "data:image/png;base64,++++/w==",
        "DATA:image/jpeg;charset=x;BASE64,----_w",
        "data:IMAGE/JPG;name=licence.jpg;base64,----_w",
        "data:image/heic; base64,----_w",
        "data:application/octet-stream;base64,----_w",
        "data:;base64,----_w",
    ] {
        assert_eq!(decode_base64(text), Ok(bytes.clone()), "{text}");
    }
    for text in [
        "",
        "...",
        "a",
        "data:",
        "data:image/png;base64,",
        "data:text/html;base64,AAAA",
        "data:image/png,AAAA",
        "ÅÄÖ",
        "=",
        "AAAA=",
    ] {
        assert_eq!(decode_base64(text), Err(PhotoError::InvalidBase64), "{text}");
    }
    assert_eq!(decode_base64(&"A".repeat(MAX_FILE_BYTES / 3 * 4 + 8)), Err(PhotoError::TooLarge));
}
