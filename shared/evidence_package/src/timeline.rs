//! The timeline: what happened, in order of time, and which exhibit shows it.

use crate::content::{PackageContent, TimelineEntry};
use crate::flow::{CellTexts, Column, Flow};
use crate::page::{CONTENT_HEIGHT, CONTENT_WIDTH, MARGIN};
use crate::references::{References, exhibit_reference};
use crate::selection::Abridgement;
use crate::structure::Structure;
use crate::styles::{BODY, CELL, CELL_MUTED, CELL_STRONG};
use crate::visible_text::{abridged, with_remark};

/// Maximum number of characters of a title.
const MAX_TITLE_CHARS: usize = 200;

/// Adds the timeline.
pub(crate) fn add(flow: &mut Flow<'_>, content: &PackageContent, references: &References, abridgement: Abridgement) {
    // A row that is lower is not divided, so that less would leave the heading alone on its page.
    let section = flow.heading("Timeline", Structure::ROOT, CONTENT_HEIGHT / 3.0);
    if content.timeline.is_empty() {
        flow.text("Nothing is on record.", BODY, MARGIN, CONTENT_WIDTH, section);
        return;
    }
    let columns = [
        Column { heading: "Time (UTC)", width: 92.0 },
        Column { heading: "Event", width: CONTENT_WIDTH - 192.0 },
        Column { heading: "Shown by", width: 100.0 },
    ];
    let count = content.timeline.len();
    let kept = abridgement.timeline_entries.min(count);
    // The beginning and the end say most: how the customer came, and what led to the dispute.
    let (first, last) = (kept.div_ceil(2), kept / 2);
    let mut rows = Vec::new();
    for (index, entry) in content.timeline.iter().enumerate() {
        if index < first || index >= count - last {
            rows.push(row(entry, content, references, abridgement));
        } else if index == first {
            let omitted = format!("{} entries are omitted here to keep to the accepted number of pages.", count - kept);
            rows.push(vec![vec![], vec![(omitted, CELL_MUTED)], vec![]]);
        }
    }
    flow.table(&columns, rows, section);
}

fn row(
    entry: &TimelineEntry,
    content: &PackageContent,
    references: &References,
    abridgement: Abridgement,
) -> Vec<CellTexts> {
    let time = entry.at.minute_in_words();
    let time = time.strip_suffix(" UTC").unwrap_or(&time).to_owned();
    let title = abridged(&entry.title, MAX_TITLE_CHARS).0;
    let mut event = vec![(title.to_owned(), CELL_STRONG)];
    let details: Vec<String> = [
        entry.channel.map(|channel| format!("By {}", channel.title())),
        entry.delivery.map(|status| status.title().to_owned()),
        entry.detail.as_deref().map(|detail| abridged(detail, MAX_TITLE_CHARS).0.to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !details.is_empty() {
        event.push((details.join(" · "), CELL_MUTED));
    }
    if let Some(text) = entry.text.as_deref().filter(|text| !text.trim().is_empty()) {
        event.push((with_remark(text.trim(), abridgement.entry_chars), CELL));
    }
    let exhibit = entry.exhibit.and_then(|id| content.exhibits.iter().position(|exhibit| exhibit.evidence == id));
    let shown_by = exhibit.map(|index| (exhibit_reference(index, references), CELL));
    vec![vec![(time, CELL)], event, shown_by.into_iter().collect()]
}
