//! The cover: the case in one look, the claim, the answer, and the checklist.

use crate::content::{ChecklistItem, PackageContent};
use crate::flow::{CellTexts, Column, Flow};
use crate::page::{Area, CONTENT_WIDTH, Drawing, MARGIN};
use crate::references::{References, exhibit_reference};
use crate::selection::Abridgement;
use crate::structure::{NodeId, Role, Structure};
use crate::styles::{
    ACCENT, BODY, CELL, CELL_ALERT, CELL_MUTED, CELL_PRESENT, CELL_STRONG, FACT, FACT_STRONG, LABEL, RULE, SMALL, TITLE,
};
use crate::typesetter::Style;
use crate::visible_text::with_remark;

/// Distance between the two columns of facts.
const GUTTER: f32 = 24.0;

/// Maximum number of characters of a fact: names and descriptions may be longer.
const MAX_FACT_CHARS: usize = 200;

/// Maximum number of lines of a text of a fact.
const MAX_FACT_LINES: usize = 3;

/// A fact: label, and texts below one another.
type Fact = (&'static str, Vec<(String, Style)>);

/// Adds the cover.
pub(crate) fn add(flow: &mut Flow<'_>, content: &PackageContent, references: &References, abridgement: Abridgement) {
    title(flow, content);
    facts(flow, content);
    let claim = content.dispute.claim.as_deref().unwrap_or("The customer's own words are not on record.");
    for (heading, text) in [("The customer's claim", claim), ("Summary of our answer", content.rebuttal.as_str())] {
        let section = flow.heading(heading, Structure::ROOT, 2.0 * BODY.size * BODY.leading);
        let text = with_remark(text, abridgement.statement_chars);
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            flow.text(paragraph, BODY, MARGIN, CONTENT_WIDTH, section);
            flow.y += 4.0;
        }
    }
    if !content.checklist.is_empty() {
        checklist(flow, content, references);
    }
    contents(flow, references);
}

fn title(flow: &mut Flow<'_>, content: &PackageContent) {
    let bar = Area { x: MARGIN, y: flow.y, width: 36.0, height: 3.0 };
    flow.draw(Drawing::Fill { area: bar, color: ACCENT }, None);
    flow.y += 12.0;
    flow.text("EVIDENCE PACKAGE", LABEL, MARGIN, CONTENT_WIDTH, Structure::ROOT);
    flow.y += 2.0;
    let title = "Response to a payment dispute";
    flow.bookmark(1, "Cover");
    let node = flow.structure.add(Structure::ROOT, Role::Heading(1, title.to_owned()));
    let lines = flow.typesetter.lines(title, TITLE, CONTENT_WIDTH);
    for line in lines.iter() {
        let y = flow.y;
        flow.line(line, MARGIN, y, node);
        flow.y += line.height;
    }
    let generated = format!("Dispute {} · generated {}", content.dispute.id, content.generated_at.minute_in_words());
    flow.text(&generated, SMALL, MARGIN, CONTENT_WIDTH, Structure::ROOT);
    flow.y += 10.0;
}

/// Adds the facts in two columns, row by row.
fn facts(flow: &mut Flow<'_>, content: &PackageContent) {
    let section = flow.structure.add(Structure::ROOT, Role::Section);
    let dispute = &content.dispute;
    let short = |text: &str| with_remark(&crate::visible_text::visible_line(text), MAX_FACT_CHARS);
    let mut merchant = vec![(short(&content.merchant.name), FACT_STRONG)];
    merchant.extend(content.merchant.details.iter().map(|line| (short(line), CELL_MUTED)));
    let customer = content.customer.as_ref().map_or_else(
        || vec![("Not on record".to_owned(), FACT)],
        |customer| {
            let mut texts = vec![(short(&customer.name), FACT_STRONG)];
            texts
                .extend([&customer.email, &customer.phone].into_iter().flatten().map(|line| (short(line), CELL_MUTED)));
            texts
        },
    );
    let transaction = content.transaction.as_ref().map_or_else(
        || vec![("Not on record".to_owned(), FACT)],
        |transaction| {
            let paid = format!("{}, {}", transaction.money.in_words(), transaction.status.title());
            let mut texts = vec![(paid, FACT), (transaction.occurred_at.minute_in_words(), CELL_MUTED)];
            texts.extend(transaction.description.as_deref().map(|text| (short(text), CELL_MUTED)));
            texts.push((format!("Id {}", transaction.id), CELL_MUTED));
            texts
        },
    );
    let mut reason = vec![(dispute.reason.title().to_owned(), FACT)];
    reason.extend(dispute.network.as_deref().map(|network| (format!("Card network: {}", short(network)), CELL_MUTED)));
    reason.push((format!("Status: {}", dispute.status.title()), CELL_MUTED));
    reason.push((format!("Recorded {}", dispute.opened_at.minute_in_words()), CELL_MUTED));
    let rows: [[Fact; 2]; 3] = [
        [("Merchant", merchant), ("Customer", customer)],
        [
            ("Disputed amount", vec![(dispute.money.in_words(), FACT_STRONG)]),
            ("Evidence accepted until", vec![(dispute.respond_by.minute_in_words(), FACT_STRONG)]),
        ],
        [("Reason of the dispute", reason), ("Disputed transaction", transaction)],
    ];
    flow.rule(ACCENT, 1.0);
    flow.y += 1.0;
    for row in &rows {
        fact_row(flow, row, section);
    }
}

fn fact_row(flow: &mut Flow<'_>, row: &[Fact; 2], section: NodeId) {
    let width = (CONTENT_WIDTH - GUTTER) / 2.0;
    let top = flow.y + 8.0;
    let mut bottom = top;
    for (index, (label, texts)) in row.iter().enumerate() {
        let x = if index == 0 { MARGIN } else { MARGIN + width + GUTTER };
        let node = flow.structure.add(section, Role::Paragraph);
        let mut y = top;
        for (text, style) in [(label.to_uppercase(), LABEL)].iter().chain(texts) {
            let lines = flow.typesetter.lines(text, *style, width);
            for line in lines.iter().take(MAX_FACT_LINES) {
                flow.line(line, x, y, node);
                y += line.height;
            }
        }
        bottom = bottom.max(y);
    }
    flow.y = bottom + 8.0;
    flow.rule(RULE, 0.5);
    flow.y += 0.5;
}

/// Adds the checklist of the dispute's reason.
fn checklist(flow: &mut Flow<'_>, content: &PackageContent, references: &References) {
    let section = flow.heading("Evidence that this reason asks for", Structure::ROOT, 60.0);
    let columns = [
        Column { heading: "Evidence", width: CONTENT_WIDTH - 190.0 },
        Column { heading: "Status", width: 60.0 },
        Column { heading: "Where", width: 130.0 },
    ];
    let rows = content.checklist.iter().map(|item| checklist_row(item, content, references)).collect();
    flow.table(&columns, rows, section);
}

fn checklist_row(item: &ChecklistItem, content: &PackageContent, references: &References) -> Vec<CellTexts> {
    let mut name = vec![(item.name.clone(), CELL_STRONG)];
    name.extend(item.explanation.iter().map(|text| (text.clone(), CELL_MUTED)));
    let mut places: Vec<String> = Vec::new();
    let known: Vec<usize> = item
        .exhibits
        .iter()
        .filter_map(|id| content.exhibits.iter().position(|exhibit| exhibit.evidence == *id))
        .collect();
    places.extend(known.iter().take(4).map(|index| exhibit_reference(*index, references)));
    if known.len() > 4 {
        places.push(format!("and {} more", known.len() - 4));
    }
    if item.in_timeline {
        places.push(references.timeline.map_or_else(|| "Timeline".to_owned(), |page| format!("Timeline, page {page}")));
    }
    // The document does not have what is left out; the manifest gives the reason.
    let is_shown = |index: &usize| references.exhibits.get(*index).is_some_and(Option::is_some);
    let status = if item.in_timeline || known.iter().any(is_shown) {
        ("Present".to_owned(), CELL_PRESENT)
    } else if known.is_empty() {
        ("Missing".to_owned(), CELL_ALERT)
    } else {
        ("Not shown".to_owned(), CELL_ALERT)
    };
    let places = if places.is_empty() { vec!["–".to_owned()] } else { places };
    vec![name, vec![status], places.into_iter().map(|place| (place, CELL)).collect()]
}

/// Adds the table of contents.
fn contents(flow: &mut Flow<'_>, references: &References) {
    let entries =
        [("Timeline", references.timeline), ("Exhibits", references.exhibits_start), ("Manifest", references.manifest)];
    let parts: Vec<String> =
        entries.iter().filter_map(|(name, page)| page.map(|page| format!("{name}: page {page}"))).collect();
    flow.space(10.0);
    flow.text(&format!("Contents. {}.", parts.join(" · ")), SMALL, MARGIN, CONTENT_WIDTH, Structure::ROOT);
}
