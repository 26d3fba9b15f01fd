//! The timeline: what happened, in order of time, and which exhibit shows it.

use crate::content::{PackageContent, TimelineEntry, TimelineKind};
use crate::flow::{CellTexts, Column, Flow};
use crate::labels;
use crate::page::{CONTENT_WIDTH, MARGIN};
use crate::references::{References, exhibit_reference};
use crate::selection::Abridgement;
use crate::structure::Structure;
use crate::styles::{BODY, CELL, CELL_MUTED, CELL_STRONG};
use crate::visible_text::{abridged, with_remark};

/// Maximum number of characters of a title.
const MAX_TITLE_CHARS: usize = 200;

/// Adds the timeline.
pub(crate) fn add(flow: &mut Flow<'_>, content: &PackageContent, references: &References, abridgement: Abridgement) {
    let section = flow.heading("Timeline", Structure::ROOT, 60.0);
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
    let time = labels::time(entry.at);
    let time = time.strip_suffix(" UTC").unwrap_or(&time).to_owned();
    let kind = match entry.kind {
        TimelineKind::Lead => "Inquiry",
        TimelineKind::Consent => "Consent",
        TimelineKind::MessageSent => "Message to the customer",
        TimelineKind::MessageReceived => "Message from the customer",
        TimelineKind::Transaction => "Transaction",
        TimelineKind::Evidence => "Evidence",
        TimelineKind::Dispute => "Dispute",
    };
    let channel = entry.channel.map(|channel| format!(" by {}", labels::channel(channel))).unwrap_or_default();
    let delivery = entry.delivery.map(|status| format!(" · {}", labels::delivery(status))).unwrap_or_default();
    let title = abridged(&entry.title, MAX_TITLE_CHARS).0;
    let mut event = vec![(title.to_owned(), CELL_STRONG), (format!("{kind}{channel}{delivery}"), CELL_MUTED)];
    if let Some(text) = entry.text.as_deref().filter(|text| !text.trim().is_empty()) {
        event.push((with_remark(text.trim(), abridgement.entry_chars), CELL));
    }
    let exhibit = entry.exhibit.and_then(|id| content.exhibits.iter().position(|exhibit| exhibit.evidence == id));
    let shown_by = exhibit.map(|index| (exhibit_reference(index, references), CELL));
    vec![vec![(time, CELL)], event, shown_by.into_iter().collect()]
}
