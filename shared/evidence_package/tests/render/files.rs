//! Files of evidence: shown, or left out with a reason.

use crate::cases::{CONTRACT, bare, common, photo};
use crate::{rendered, tools};
use domain::EvidenceId;
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::package::network_profile::NetworkProfile;
use domain::file::FileType;
use evidence_package::{EvidenceFiles, FileReadError, LeftOutReason, RenderContext, RenderError, Shown, render};
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use std::fmt::Write;

const CMYK: &[u8] = include_bytes!("../fixtures/cmyk.jpg");
const TURNED: &[u8] = include_bytes!("../fixtures/turned.jpg");
const ENCRYPTED: &[u8] = include_bytes!("../fixtures/encrypted.pdf");
const OWNER_PASSWORD: &[u8] = include_bytes!("../fixtures/owner_password.pdf");

/// Returns how the only exhibit of a case with one file is shown.
fn shown(file_type: FileType, bytes: Vec<u8>) -> Shown {
    let mut case = bare();
    case.file(EvidenceCategory::Other, "The only exhibit", file_type, "file", bytes);
    let package = rendered(&case, NetworkProfile::default());
    tools::check(&package.pdf);
    package.manifest.exhibits[0].shown.clone()
}

fn left_out(file_type: FileType, bytes: Vec<u8>) -> LeftOutReason {
    match shown(file_type, bytes) {
        Shown::LeftOut(reason) => reason,
        other => panic!("shown as {other:?}"),
    }
}

#[test]
fn pages_of_documents_keep_their_text() {
    let package = rendered(&common(), NetworkProfile::default());
    assert_eq!(package.manifest.exhibits[1].shown, Shown::Full);
    let Some(all) = tools::all_text(&package.pdf) else { return };
    for page in 1..=3 {
        assert!(all.contains(&format!("Service contract, page {page}")), "{all}");
    }
}

#[test]
fn broken_pictures_are_left_out() {
    let whole = photo(1, 400, 300);
    assert_eq!(left_out(FileType::Jpeg, whole[..whole.len() / 2].to_vec()), LeftOutReason::Damaged);
    assert_eq!(left_out(FileType::Jpeg, b"no picture at all".to_vec()), LeftOutReason::Damaged);
    assert_eq!(left_out(FileType::Png, b"\x89PNG\r\n\x1a\n".to_vec()), LeftOutReason::Damaged);
    assert_eq!(left_out(FileType::Webp, Vec::new()), LeftOutReason::Empty);
    assert_eq!(left_out(FileType::Text, b" \n\t".to_vec()), LeftOutReason::Empty);
}

#[test]
fn huge_pictures_are_not_decoded() {
    let mut png = Vec::new();
    PngEncoder::new(&mut png);
    image::ImageEncoder::write_image(PngEncoder::new(&mut png), &[0; 3], 1, 1, image::ExtendedColorType::Rgb8)
        .expect("a png");
    // The header says 60,000 × 60,000 pixels.
    png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let checksum = crc(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(left_out(FileType::Png, png), LeftOutReason::TooManyPixels);
    let mut jpeg = photo(1, 64, 64);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).expect("a frame header");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert_eq!(left_out(FileType::Jpeg, jpeg), LeftOutReason::TooManyPixels);
}

/// Returns the CRC-32 of a chunk of a PNG.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
        crc
    })
}

#[test]
fn pictures_of_printers_and_phones_are_shown() {
    assert!(matches!(shown(FileType::Jpeg, CMYK.to_vec()), Shown::Full | Shown::DownSampled));
    assert!(matches!(shown(FileType::Jpeg, TURNED.to_vec()), Shown::Full | Shown::DownSampled));
    // A declared type that is wrong does no harm.
    assert!(matches!(shown(FileType::Pdf, photo(2, 300, 200)), Shown::Full | Shown::DownSampled));
}

#[test]
fn encrypted_documents_are_left_out() {
    assert_eq!(left_out(FileType::Pdf, ENCRYPTED.to_vec()), LeftOutReason::Encrypted);
    // A password that only protects from changes does not keep anybody from reading.
    assert!(matches!(shown(FileType::Pdf, OWNER_PASSWORD.to_vec()), Shown::Full | Shown::DownSampled));
}

#[test]
fn broken_documents_cost_only_themselves() {
    assert_eq!(left_out(FileType::Pdf, b"%PDF-1.7\nnothing else".to_vec()), LeftOutReason::Damaged);
    assert_eq!(left_out(FileType::Pdf, CONTRACT[..200].to_vec()), LeftOutReason::Damaged);
    for length in (400..CONTRACT.len()).step_by(190) {
        // Whatever is shown of the rest of a document, the package is sound.
        let mut bytes = CONTRACT[..length].to_vec();
        shown(FileType::Pdf, bytes.clone());
        bytes.extend(&CONTRACT[length..]);
        bytes[length] ^= 0x55;
        shown(FileType::Pdf, bytes);
    }
}

#[test]
fn expanding_documents_are_not_read() {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1_000_000];
    for _ in 0..310 {
        std::io::Write::write_all(&mut encoder, &zeros).expect("memory");
    }
    let mut bytes = b"%PDF-1.7\n1 0 obj\n<</Filter/FlateDecode/Length 400000>>\nstream\n".to_vec();
    bytes.extend(encoder.finish().expect("memory"));
    bytes.extend(b"\nendstream\nendobj\n");
    assert_eq!(left_out(FileType::Pdf, bytes), LeftOutReason::Damaged);
}

/// Returns a document with a number of pages.
fn document(pages: usize) -> Vec<u8> {
    let mut text = String::from("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", page + 3)).collect();
    write!(text, "2 0 obj\n<</Type/Pages/Count {pages}/Kids[{}]>>\nendobj\n", kids.join(" ")).expect("memory");
    for page in 0..pages {
        write!(text, "{} 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n", page + 3)
            .expect("memory");
    }
    text.push_str("trailer\n<</Root 1 0 R>>\n%%EOF\n");
    text.into_bytes()
}

#[test]
fn long_documents_are_shown_in_part() {
    match shown(FileType::Pdf, document(500)) {
        Shown::FirstPages { shown, of: 500 } => assert!((14..19).contains(&shown), "{shown} pages"),
        other => panic!("shown as {other:?}"),
    }
}

#[test]
fn large_files_are_read() {
    let pixels = RgbImage::from_fn(3_000, 2_600, |x, y| {
        let noise = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).rotate_left(x % 31);
        image::Rgb(noise.to_le_bytes()[..3].try_into().expect("three bytes"))
    });
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 100).encode_image(&pixels).expect("an image");
    assert!(file.len() > 10_000_000);
    assert_eq!(shown(FileType::Jpeg, file), Shown::DownSampled);
    let text = "All work and no play makes Jack a dull boy.\n".repeat(450_000);
    match shown(FileType::Text, text.into_bytes()) {
        Shown::Abridged { shown, of: 19_800_000 } => assert!(shown >= 800),
        other => panic!("shown as {other:?}"),
    }
}

#[test]
fn erased_and_changed_files_are_left_out() {
    let mut case = common();
    let [erased, changed] = [0, 1].map(|index| case.content.exhibits[index].evidence);
    case.files.remove(&erased);
    case.files.insert(changed, photo(9, 100, 100));
    let reasons: Vec<_> =
        rendered(&case, NetworkProfile::default()).left_out().map(|left_out| left_out.reason).collect();
    assert_eq!(reasons, [LeftOutReason::Erased, LeftOutReason::HashMismatch]);
}

#[test]
fn an_unreadable_file_is_an_error() {
    struct Unavailable;
    impl EvidenceFiles for Unavailable {
        fn read(&self, _: EvidenceId) -> Result<Vec<u8>, FileReadError> {
            Err(FileReadError::Unavailable("timeout".to_owned()))
        }
    }
    let case = common();
    let context = RenderContext { files: &Unavailable, stop: &|| false };
    let evidence = case.content.exhibits[0].evidence;
    let expected = RenderError::FileUnavailable { evidence, reason: "timeout".to_owned() };
    assert_eq!(render(&case.content, NetworkProfile::default(), &context).err(), Some(expected));
}
