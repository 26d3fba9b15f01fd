//! Tests of where things are on the pages.

use crate::cases::{self, Case};
use crate::composition::Composition;
use crate::fit::fit;
use crate::page::{Area, CONTENT_TOP, CONTENT_WIDTH, Drawing, Item, MARGIN, PAGE_HEIGHT};
use crate::prepare::prepare;
use crate::render_context::RenderContext;
use crate::typesetter::Line;
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::package::network_profile::NetworkProfile;
use domain::file::FileType;
use std::fmt::Write;

/// Right edge of the content, with what rounding may add.
const RIGHT: f32 = MARGIN + CONTENT_WIDTH + 0.6;

fn composed(case: &Case, profile: NetworkProfile) -> Composition {
    let context = RenderContext { files: &case.files, stop: &|| false };
    let prepared = prepare(&case.content, profile.budget(), &context).expect("no file fails");
    fit(&case.content, &prepared, profile, &context).expect("it fits").composition
}

fn text(line: &Line) -> &str {
    let ranges = || line.runs.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.text_range.clone());
    let start = ranges().map(|range| range.start).min().unwrap_or_default();
    let end = ranges().map(|range| range.end).max().unwrap_or_default();
    line.text.get(start..end).unwrap_or_default()
}

/// Returns everything that is drawn, with its place in points.
fn dump(composition: &Composition) -> String {
    let mut dump = String::new();
    for (index, page) in composition.pages.iter().enumerate() {
        writeln!(dump, "page {}", index + 1).expect("memory");
        for item in &page.items {
            match &item.drawing {
                Drawing::Text { x, y, line } => writeln!(dump, "{x:5.0} {y:5.0}  {}", text(line).trim_end()),
                Drawing::Tile { area: Area { x, y, width, height }, tile } => {
                    writeln!(
                        dump,
                        "{x:5.0} {y:5.0}  [{width:.0} × {height:.0}: {}.{}]",
                        tile.exhibit + 1,
                        tile.tile + 1
                    )
                }
                Drawing::Fill { .. } => Ok(()),
            }
            .expect("memory");
        }
    }
    dump
}

#[test]
fn the_common_case_looks_as_before() {
    let actual = dump(&composed(&cases::common(), NetworkProfile::default()));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/common.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &actual).expect("a writable folder");
    }
    let expected = std::fs::read_to_string(path).expect("the file is in the repository");
    for (number, (actual, expected)) in actual.lines().zip(expected.lines()).enumerate() {
        assert_eq!(actual, expected, "line {}; UPDATE_GOLDEN=1 accepts the new layout", number + 1);
    }
    assert_eq!(actual.lines().count(), expected.lines().count());
}

/// Returns where an item is, and the words to name it by in an error.
fn place(item: &Item) -> (Area, &str) {
    match &item.drawing {
        Drawing::Text { x, y, line } => (Area { x: *x, y: *y, width: line.width, height: line.height }, text(line)),
        Drawing::Fill { area, .. } | Drawing::Tile { area, .. } => (*area, "a picture"),
    }
}

/// Returns whether two places have nothing in common, but for what rounding may add.
fn is_apart(one: &Area, other: &Area) -> bool {
    const ROUNDING: f32 = 0.1;
    let ends_before = |start: f32, length: f32, next: f32| start + length <= next + ROUNDING;
    ends_before(one.x, one.width, other.x)
        || ends_before(other.x, other.width, one.x)
        || ends_before(one.y, one.height, other.y)
        || ends_before(other.y, other.height, one.y)
}

#[test]
fn nothing_leaves_the_page_or_overlaps() {
    let mut long = cases::common();
    long.content.dispute.claim = Some("x".repeat(5_000));
    long.content.merchant.name = "W".repeat(500);
    long.content.exhibits[0].title = Some("W".repeat(500));
    for case in [cases::common(), cases::scripts(), long, cases::many(40)] {
        for profile in [NetworkProfile::Safest, NetworkProfile::Discover] {
            for (number, page) in composed(&case, profile).pages.iter().enumerate() {
                let page_number = number + 1;
                let mut places: Vec<(Area, &str)> = Vec::new();
                for item in &page.items {
                    let (area, what) = place(item);
                    assert!(
                        area.x >= MARGIN - 0.6 && area.x + area.width <= RIGHT,
                        "{what} on page {page_number}: {area:?}"
                    );
                    let bottom = PAGE_HEIGHT - 24.0;
                    assert!(
                        area.y >= CONTENT_TOP - 0.6 && area.y + area.height <= bottom,
                        "{what} on page {page_number}: {area:?}"
                    );
                    if !matches!(item.drawing, Drawing::Fill { .. }) {
                        let below = places.iter().find(|(other, _)| !is_apart(&area, other));
                        assert!(below.is_none(), "{what} overlaps {below:?} on page {page_number}: {area:?}");
                        places.push((area, what));
                    }
                }
            }
        }
    }
}

#[test]
fn headings_are_not_alone_on_their_page() {
    for description in [0, 100, 400, 900, 1_400] {
        let mut case = cases::bare();
        case.file(EvidenceCategory::Contract, "Contract", FileType::Pdf, "contract.pdf", cases::CONTRACT.to_vec());
        case.content.exhibits[0].description = Some("word ".repeat(description / 5));
        let composition = composed(&case, NetworkProfile::default());
        let is_heading =
            |item: &Item| matches!(&item.drawing, Drawing::Text { line, .. } if text(line).trim() == "Exhibits");
        let page = composition.pages.iter().find(|page| page.items.iter().any(is_heading)).expect("a heading");
        let below = page.items.iter().filter(|item| item.mark.is_some() && !is_heading(item)).count();
        assert!(below > 0, "nothing but the heading is on the page, with {description} characters");
    }
}
