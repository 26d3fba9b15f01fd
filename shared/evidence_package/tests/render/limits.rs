//! The limits of profiles, of texts and of time.

use crate::cases::{bare, common, many};
use crate::{rendered, tools};
use domain::EvidenceId;
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::package::network_profile::NetworkProfile;
use evidence_package::{LeftOutReason, RenderContext, RenderError, Shown, render};
use std::cell::Cell;

/// Number of exhibits that no profile of few pages has room for.
const TOO_MANY_EXHIBITS: usize = 300;

#[test]
fn two_hundred_exhibits_fit_every_profile() {
    let case = many(200);
    for profile in NetworkProfile::ALL {
        let package = rendered(&case, profile);
        tools::check(&package.pdf);
        assert_eq!(package.left_out().count(), 0, "left out for {profile:?}");
    }
}

#[test]
fn the_least_important_exhibits_are_left_out() {
    let case = many(TOO_MANY_EXHIBITS);
    let package = rendered(&case, NetworkProfile::Mastercard);
    tools::check(&package.pdf);
    let left_out: Vec<_> = package.left_out().collect();
    assert!((1..150).contains(&left_out.len()), "{} left out", left_out.len());
    // What is left out for want of space is less important than all that is shown.
    let place = |id: EvidenceId| case.content.exhibits.iter().position(|exhibit| exhibit.evidence == id);
    let first = left_out.iter().filter_map(|left_out| place(left_out.evidence)).min().expect("left out");
    assert!(package.manifest.exhibits[first..].iter().all(|entry| matches!(entry.shown, Shown::LeftOut(_))));
    for left_out in left_out {
        let expected = matches!(left_out.reason, LeftOutReason::PageLimit(_) | LeftOutReason::SizeLimit(_));
        assert!(expected, "{:?}", left_out.reason);
    }
}

#[test]
fn more_important_exhibits_are_kept() {
    let mut case = many(TOO_MANY_EXHIBITS);
    // The last exhibit of the document is the most important.
    case.content.exhibits[TOO_MANY_EXHIBITS - 1].priority = 0;
    let package = rendered(&case, NetworkProfile::default());
    assert!(!matches!(package.manifest.exhibits[TOO_MANY_EXHIBITS - 1].shown, Shown::LeftOut(_)));
    assert!(package.left_out().count() > 0);
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
fn texts_above_every_limit_are_an_error() {
    let mut case = bare();
    for number in 0..3_000 {
        case.note(EvidenceCategory::Message, &format!("Message {number}"), "");
    }
    let context = RenderContext { files: &case.files, stop: &|| false };
    let error = render(&case.content, NetworkProfile::default(), &context).expect_err("too long");
    assert!(matches!(error, RenderError::TextsTooLong { profile: "SAFEST", pages: 20.., .. }), "{error}");
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
