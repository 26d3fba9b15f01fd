//! The manifest: every exhibit and source with its hash, where it is shown, and what is left out and why.

use crate::content::{Exhibit, PackageContent};
use crate::flow::{CellTexts, Column, Flow};
use crate::page::{CONTENT_WIDTH, MARGIN};
use crate::rendered::{LeftOutReason, ManifestExhibit, Shown};
use crate::structure::{NodeId, Structure};
use crate::styles::{CELL_ALERT, CELL_MUTED, HASH, SMALL};
use crate::typesetter::Style;
use crate::visible_text::{abridged, visible_line};

/// Maximum number of characters of a title.
const MAX_TITLE_CHARS: usize = 40;

/// Adds the manifest.
pub(crate) fn add(flow: &mut Flow<'_>, content: &PackageContent, exhibits: &[ManifestExhibit]) {
    let section = flow.heading("Manifest", Structure::ROOT, 60.0);
    let columns = [
        Column { heading: "No.", width: 26.0 },
        Column { heading: "Exhibit", width: CONTENT_WIDTH - 388.0 },
        Column { heading: "SHA-256 of the file", width: 262.0 },
        Column { heading: "Shown", width: 100.0 },
    ];
    if !exhibits.is_empty() {
        let rows = content.exhibits.iter().zip(exhibits).map(|(exhibit, entry)| row(exhibit, entry)).collect();
        flow.dense_table(&columns, rows, section);
        limits(flow, exhibits, section);
        flow.y += 12.0;
    }
    if !content.sources.is_empty() {
        let columns = [
            Column { heading: "Source record", width: CONTENT_WIDTH - 270.0 },
            Column { heading: "SHA-256", width: 270.0 },
        ];
        let rows = content.sources.iter().map(|source| {
            let name = abridged(&visible_line(&source.name), 2 * MAX_TITLE_CHARS).0.to_owned();
            vec![vec![(name, SMALL)], vec![(source.sha256.as_str().to_owned(), HASH)]]
        });
        flow.dense_table(&columns, rows.collect(), section);
        flow.y += 12.0;
    }
    let note = "A SHA-256 is the fingerprint of a file: whoever has the file can compute it again and compare. Nothing in \
                this document depends on a link.";
    flow.text(note, SMALL, MARGIN, CONTENT_WIDTH, section);
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
    let hash = entry.sha256.as_ref().map(|hash| (hash.as_str().to_owned(), HASH));
    vec![vec![(entry.number.to_string(), SMALL)], vec![(title, SMALL)], hash.into_iter().collect(), shown(entry)]
}

fn shown(entry: &ManifestExhibit) -> CellTexts {
    let pages = match entry.pages {
        Some((first, last)) if first == last => format!("Page {first}"),
        Some((first, last)) => format!("Pages {first}–{last}"),
        None => String::new(),
    };
    let small = |text: String, style: Style| (text, Style { size: SMALL.size, ..style });
    let how = match &entry.shown {
        Shown::Full | Shown::Text => None,
        Shown::DownSampled => Some("reduced resolution".to_owned()),
        Shown::FirstPages { shown, of } => Some(format!("the first {shown} of {of} pages")),
        Shown::Abridged { shown, of } => Some(format!("the first {shown} of {of} characters")),
        Shown::Listed => Some("by its hash".to_owned()),
        // The reasons that many exhibits share are explained once, below the table.
        Shown::LeftOut(LeftOutReason::PageLimit(_)) => {
            return vec![small("Not shown: no page left".to_owned(), CELL_ALERT)];
        }
        Shown::LeftOut(LeftOutReason::SizeLimit(_)) => {
            return vec![small("Not shown: no bytes left".to_owned(), CELL_ALERT)];
        }
        Shown::LeftOut(reason) => return vec![small(format!("Not shown: {reason}"), CELL_ALERT)],
    };
    let text = how.map_or_else(|| pages.clone(), |how| format!("{pages}, {how}"));
    vec![small(text, CELL_MUTED)]
}
