//! Renders cases of all kinds, and reads the documents with other programs.

mod cases;
mod tools;

use cases::{CONTRACT, Case, NAMES, bare, common, many, photo, scripts, sha256};
use domain::EvidenceId;
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::package::network_profile::NetworkProfile;
use domain::file::FileType;
use evidence_package::{
    EvidenceFiles, FileReadError, LeftOutReason, RenderContext, RenderError, RenderedPackage, Shown, render,
};
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use std::cell::Cell;
use std::fmt::Write;

const CMYK: &[u8] = include_bytes!("fixtures/cmyk.jpg");
const TURNED: &[u8] = include_bytes!("fixtures/turned.jpg");
const ENCRYPTED: &[u8] = include_bytes!("fixtures/encrypted.pdf");
const OWNER_PASSWORD: &[u8] = include_bytes!("fixtures/owner_password.pdf");

fn rendered(case: &Case, profile: NetworkProfile) -> RenderedPackage {
    let context = RenderContext { files: &case.files, stop: &|| false };
    let package = render(&case.content, profile, &context).expect("a package");
    let budget = profile.budget();
    assert!(package.page_count <= budget.max_pages, "{} pages for {profile:?}", package.page_count);
    assert!(package.pdf.len() as u64 <= budget.max_bytes, "{} bytes for {profile:?}", package.pdf.len());
    assert_eq!(package.manifest.exhibits.len(), case.content.exhibits.len());
    package
}

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
fn the_case_is_on_the_cover() {
    let package = rendered(&common(), NetworkProfile::default());
    tools::check(&package.pdf);
    let Some(cover) = tools::text(&package.pdf, 1) else { return };
    for fact in [
        "Bright Kitchens Ltd",
        "Jane Smith",
        "EUR 2,480.50",
        "Product not received",
        "Mastercard",
        "2026-05-01 00:00 UTC",
        "never delivered",
        "The delivery note is signed",
        "Proof of delivery",
        "Missing",
        "Exhibit 1, page",
    ] {
        assert!(cover.contains(fact), "{fact} is not on the cover:\n{cover}");
    }
}

#[test]
fn every_page_has_its_number() {
    let package = rendered(&common(), NetworkProfile::default());
    for page in 1..=package.page_count {
        let Some(text) = tools::text(&package.pdf, page) else { return };
        assert!(text.contains(&format!("Page {page} of {}", package.page_count)), "{text}");
    }
}

#[test]
fn references_lead_to_the_exhibit() {
    let case = common();
    let package = rendered(&case, NetworkProfile::default());
    let note = &package.manifest.exhibits[0];
    let (page, _) = note.pages.expect("shown");
    let Some(all) = tools::all_text(&package.pdf) else { return };
    assert!(all.matches(&format!("Exhibit 1, page {page}")).count() >= 2, "checklist and timeline refer to it");
    let text = tools::text(&package.pdf, page).expect("read before");
    assert!(text.contains("Exhibit 1 · Delivery note signed by the customer"), "{text}");
}

#[test]
fn names_are_found_in_every_script() {
    let package = rendered(&scripts(), NetworkProfile::Mastercard);
    tools::check(&package.pdf);
    let Some(all) = tools::all_text(&package.pdf) else { return };
    for (script, name) in NAMES {
        assert!(tools::contains(&all, name), "{script}: {name} is not found");
    }
    for words in ["محمد", "INV-2026-0042", "直接", "קיבלתי"] {
        assert!(tools::contains(&all, words), "{words} is not found");
    }
}

#[test]
fn hashes_are_those_of_the_files() {
    let case = common();
    let package = rendered(&case, NetworkProfile::default());
    let all = tools::all_text(&package.pdf).map(|text| text.split_whitespace().collect::<String>());
    let mut with_file = 0;
    for (exhibit, entry) in case.content.exhibits.iter().zip(&package.manifest.exhibits) {
        let Some(bytes) = case.files.get(&exhibit.evidence) else { continue };
        with_file += 1;
        assert_eq!(entry.sha256.as_ref(), Some(&sha256(bytes)));
        assert_eq!(entry.bytes, Some(bytes.len() as u64));
        assert!(all.as_ref().is_none_or(|all| all.contains(sha256(bytes).as_str())), "the hash is in the document");
    }
    assert_eq!(with_file, 4);
    assert_eq!(package.manifest.sources, case.content.sources);
    for source in &case.content.sources {
        assert!(all.as_ref().is_none_or(|all| all.contains(source.sha256.as_str())));
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let first = rendered(&scripts(), NetworkProfile::default());
    assert_eq!(first.pdf, rendered(&scripts(), NetworkProfile::default()).pdf);
    let mut later = scripts();
    later.content.generated_at = later.content.dispute.respond_by;
    assert_ne!(first.pdf, rendered(&later, NetworkProfile::default()).pdf);
}

#[test]
fn documents_are_tagged_and_have_bookmarks() {
    let package = rendered(&common(), NetworkProfile::default());
    let Some(info) = tools::info(&package.pdf) else { return };
    assert!(info.contains("Tagged:          yes"), "{info}");
    assert!(info.contains("Title:           Evidence package for dispute "), "{info}");
    let file = String::from_utf8_lossy(&package.pdf);
    assert!(file.contains("/Outlines") && file.contains("/Lang"));
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
fn two_hundred_exhibits_fit_every_profile() {
    let case = many(200);
    for profile in NetworkProfile::ALL {
        let package = rendered(&case, profile);
        tools::check(&package.pdf);
        let left_out: Vec<_> = package.left_out().collect();
        assert!(left_out.len() < 150, "{} left out for {profile:?}", left_out.len());
        // What is left out for want of space is less important than all that is shown.
        let place = |id: EvidenceId| case.content.exhibits.iter().position(|exhibit| exhibit.evidence == id);
        let first = left_out.iter().filter_map(|left_out| place(left_out.evidence)).min();
        if let (Some(first), true) = (first, profile == NetworkProfile::Mastercard) {
            assert!(package.manifest.exhibits[first..].iter().all(|entry| matches!(entry.shown, Shown::LeftOut(_))));
        }
        for left_out in left_out {
            let expected = matches!(left_out.reason, LeftOutReason::PageLimit(_) | LeftOutReason::SizeLimit(_));
            assert!(expected, "{:?}", left_out.reason);
        }
    }
}

#[test]
fn more_important_exhibits_are_kept() {
    let mut case = many(200);
    // The last exhibit of the document is the most important.
    case.content.exhibits[199].priority = 0;
    let package = rendered(&case, NetworkProfile::default());
    assert!(!matches!(package.manifest.exhibits[199].shown, Shown::LeftOut(_)));
    assert!(package.left_out().count() > 0);
}

#[test]
fn a_package_needs_no_evidence() {
    let mut case = bare();
    case.content.timeline.clear();
    case.content.customer = None;
    case.content.transaction = None;
    case.content.dispute.claim = None;
    case.content.rebuttal = String::new();
    case.content.sources.clear();
    let package = rendered(&case, NetworkProfile::default());
    tools::check(&package.pdf);
    assert_eq!(package.left_out().count(), 0);
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
fn long_texts_are_abridged() {
    let mut case = common();
    let words = "The customer wrote another word. ".repeat(2_000);
    case.content.rebuttal = words.clone();
    case.content.dispute.claim = Some("x".repeat(5_000));
    case.content.merchant.name = "Donaudampfschiffahrt".repeat(250);
    case.content.exhibits[0].title = Some("y".repeat(5_000));
    case.content.exhibits[3].description = Some(words.clone());
    for entry in &mut case.content.timeline {
        entry.text = Some(words.clone());
        entry.title = "z".repeat(5_000);
    }
    let package = rendered(&case, NetworkProfile::default());
    tools::check(&package.pdf);
    assert!(package.left_out().count() == 0);
    let Some(all) = tools::all_text(&package.pdf) else { return };
    assert!(all.contains("[Abridged: the first "), "{all}");
}

#[test]
fn a_long_history_leaves_room_for_exhibits() {
    let mut case = common();
    let entries = case.content.timeline.clone();
    for _ in 0..200 {
        case.content.timeline.extend(entries.iter().cloned());
    }
    let package = rendered(&case, NetworkProfile::default());
    assert_eq!(package.left_out().count(), 0);
    let Some(all) = tools::all_text(&package.pdf) else { return };
    assert!(all.contains("entries are omitted here"));
}

#[test]
fn control_characters_change_nothing() {
    let mut case = bare();
    case.content.customer.as_mut().expect("a customer").name =
        "Jane\u{202e}\u{2066} \u{0}\u{1b}[31mSmith\u{feff}".to_owned();
    case.content.rebuttal = "\u{202e}\u{2067}All is well.\u{fffe}\u{e000}\u{10ffff}".to_owned();
    let package = rendered(&case, NetworkProfile::default());
    tools::check(&package.pdf);
    let Some(cover) = tools::text(&package.pdf, 1) else { return };
    assert!(cover.contains("Jane [31mSmith"), "{cover}");
    assert!(cover.contains("All is well."), "{cover}");
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
fn the_cover_says_what_is_not_shown() {
    let mut case = common();
    let note = case.content.exhibits[0].evidence;
    case.files.remove(&note);
    let package = rendered(&case, NetworkProfile::default());
    let Some(cover) = tools::text(&package.pdf, 1) else { return };
    let row = cover.lines().find(|line| line.contains("Proof of delivery")).expect("a row of the checklist");
    assert!(row.contains("Not shown") && row.contains("Exhibit 1, not shown"), "{row}");
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

#[test]
fn rendering_ends_when_it_is_stopped() {
    let case = common();
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 3
    };
    let context = RenderContext { files: &case.files, stop: &stop };
    assert_eq!(render(&case.content, NetworkProfile::default(), &context).err(), Some(RenderError::Stopped));
    assert_eq!(asked.get(), 4);
}

#[test]
fn texts_above_every_limit_are_an_error() {
    let mut case = bare();
    for number in 0..3_000 {
        case.note(EvidenceCategory::Message, &format!("Message {number}"), "");
    }
    let context = RenderContext { files: &case.files, stop: &|| false };
    let error = render(&case.content, NetworkProfile::default(), &context).expect_err("too long");
    assert!(matches!(error, RenderError::TextsTooLong { profile: "SAFEST", pages: 20.., .. }), "{error}");
}
