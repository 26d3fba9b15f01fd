//! The manifest: every exhibit and source with its hash, where it is shown, and what is left out and why.

use crate::content::{Exhibit, PackageContent};
use crate::flow::{CellTexts, Column, Flow};
use crate::page::{CONTENT_WIDTH, MARGIN};
use crate::rendered::{LeftOutReason, ManifestExhibit, Shown};
use crate::structure::{NodeId, Structure};
use crate::styles::{ROW, ROW_ALERT, ROW_HASH, ROW_MUTED, SMALL};
use crate::visible_text::{abridged, visible_line};

/// Maximum number of characters of a title.
const MAX_TITLE_CHARS: usize = 40;

/// Width of the column of numbers, which have up to three digits.
const NUMBER_WIDTH: f32 = 20.0;

/// Width of the column of hashes: 64 digits in one line, so that they are copied as one word.
const HASH_WIDTH: f32 = 238.0;

/// Width of the column that says where an exhibit is shown: "Page 12, reduced resolution" in one line.
const SHOWN_WIDTH: f32 = 100.0;

/// Explanation of the hashes, in one line.
const EXPLANATION: &str =
    "A SHA-256 is the fingerprint of a file: whoever has the file can compute it again and compare.";

/// Adds the manifest.
pub(crate) fn add(flow: &mut Flow<'_>, content: &PackageContent, exhibits: &[ManifestExhibit]) {
    let section = flow.heading("Manifest", Structure::ROOT, 60.0);
    // Above the tables: below them, it might be alone on its page.
    flow.text(EXPLANATION, SMALL, MARGIN, CONTENT_WIDTH, section);
    flow.y += 4.0;
    let columns = [
        Column { heading: "No.", width: NUMBER_WIDTH },
        Column { heading: "Exhibit", width: CONTENT_WIDTH - NUMBER_WIDTH - HASH_WIDTH - SHOWN_WIDTH },
        Column { heading: "SHA-256 of the file", width: HASH_WIDTH },
        Column { heading: "Shown", width: SHOWN_WIDTH },
    ];
    if !exhibits.is_empty() {
        let rows = content.exhibits.iter().zip(exhibits).map(|(exhibit, entry)| row(exhibit, entry)).collect();
        flow.dense_table(&columns, rows, section);
        limits(flow, exhibits, section);
        flow.y += 12.0;
    }
    if !content.sources.is_empty() {
        let columns = [
            Column { heading: "Source record", width: CONTENT_WIDTH - HASH_WIDTH - SHOWN_WIDTH },
            Column { heading: "SHA-256", width: HASH_WIDTH + SHOWN_WIDTH },
        ];
        let rows = content.sources.iter().map(|source| {
            let name = abridged(&visible_line(&source.name), 2 * MAX_TITLE_CHARS).0.to_owned();
            vec![vec![(name, ROW)], vec![(source.sha256.as_str().to_owned(), ROW_HASH)]]
        });
        flow.dense_table(&columns, rows.collect(), section);
    }
}

/// Explains the limits that exhibits were left out for.
fn limits(flow: &mut Flow<'_>, exhibits: &[ManifestExhibit], section: NodeId) {
    let reasons = exhibits.iter().filter_map(|entry| match &entry.shown {
        Shown::LeftOut(reason @ (LeftOutReason::PageLimit(_) | LeftOutReason::SizeLimit(_))) => Some(reason),
        _ => None,
    });
    let mut explained = Vec::new();
    for reason in reasons {
        if !explained.contains(&reason) {
            explained.push(reason);
            let label = if matches!(reason, LeftOutReason::PageLimit(_)) { "No page left" } else { "No bytes left" };
            flow.y += 4.0;
            flow.text(&format!("{label}: {reason}."), SMALL, MARGIN, CONTENT_WIDTH, section);
        }
    }
}

fn row(exhibit: &Exhibit, entry: &ManifestExhibit) -> Vec<CellTexts> {
    let title = exhibit.title.as_deref().map(visible_line).filter(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| exhibit.category.title().to_owned());
    let title = abridged(&title, MAX_TITLE_CHARS).0.to_owned();
    let hash = entry.sha256.as_ref().map(|hash| (hash.as_str().to_owned(), ROW_HASH));
    vec![vec![(entry.number.to_string(), ROW)], vec![(title, ROW)], hash.into_iter().collect(), shown(entry)]
}

fn shown(entry: &ManifestExhibit) -> CellTexts {
    let pages = match entry.pages {
        Some((first, last)) if first == last => format!("Page {first}"),
        Some((first, last)) => format!("Pages {first}–{last}"),
        None => String::new(),
    };
    let how = match &entry.shown {
        Shown::Full | Shown::Text => None,
        Shown::DownSampled => Some("reduced resolution".to_owned()),
        Shown::FirstPages { shown, of } => Some(format!("the first {shown} of {of} pages")),
        Shown::Abridged { shown, of } => Some(format!("the first {shown} of {of} characters")),
        Shown::Listed => Some("by its hash".to_owned()),
        // The reasons that many exhibits share are explained once, below the table.
        Shown::LeftOut(LeftOutReason::PageLimit(_)) => {
            return vec![("Not shown: no page left".to_owned(), ROW_ALERT)];
        }
        Shown::LeftOut(LeftOutReason::SizeLimit(_)) => {
            return vec![("Not shown: no bytes left".to_owned(), ROW_ALERT)];
        }
        Shown::LeftOut(reason) => return vec![(format!("Not shown: {reason}"), ROW_ALERT)],
    };
    let text = how.map_or_else(|| pages.clone(), |how| format!("{pages}, {how}"));
    vec![(text, ROW_MUTED)]
}
