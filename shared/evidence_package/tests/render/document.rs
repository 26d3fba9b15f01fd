//! Texts, references and structure of documents.

use crate::cases::{NAMES, bare, common, scripts, sha256};
use crate::{rendered, tools};
use domain::disputes::package::network_profile::NetworkProfile;

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
fn hashes_are_copied_as_one_word() {
    let case = common();
    let package = rendered(&case, NetworkProfile::default());
    let Some(all) = tools::all_text(&package.pdf) else { return };
    let words: Vec<&str> = all.split_whitespace().collect();
    let of_files = package.manifest.exhibits.iter().filter_map(|entry| entry.sha256.as_ref());
    for hash in of_files.chain(case.content.sources.iter().map(|source| &source.sha256)) {
        assert!(words.contains(&hash.as_str()), "{hash:?} is not one word");
    }
}

#[test]
fn types_of_files_are_named_in_words() {
    let package = rendered(&common(), NetworkProfile::default());
    let Some(all) = tools::all_text(&package.pdf) else { return };
    for words in ["delivery-note.jpg (JPEG image)", "contract.pdf (PDF document)", "voice.mp3 (MP3 recording)"] {
        assert!(tools::contains(&all, words), "{words} is not found");
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
fn the_cover_says_what_is_not_shown() {
    let mut case = common();
    let note = case.content.exhibits[0].evidence;
    case.files.remove(&note);
    let package = rendered(&case, NetworkProfile::default());
    let Some(cover) = tools::text(&package.pdf, 1) else { return };
    let row = cover.lines().find(|line| line.contains("Proof of delivery")).expect("a row of the checklist");
    assert!(row.contains("Not shown") && row.contains("Exhibit 1, not shown"), "{row}");
}
