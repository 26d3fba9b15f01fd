//! The exhibits: pictures and pages of documents, alone or several to a page, and texts.

use crate::content::{Exhibit, PackageContent};
use crate::flow::Flow;
use crate::labels;
use crate::page::{Area, CONTENT_HEIGHT, CONTENT_WIDTH, Drawing, MARGIN, TileId};
use crate::prepare::{Body, Prepared, Tile};
use crate::references::References;
use crate::rendered::Shown;
use crate::selection::Selection;
use crate::structure::{NodeId, Role, Structure};
use crate::styles::{BODY, CAPTION, CELL, HASH, RULE, SMALL, SUBHEADING};
use crate::typesetter::Style;
use crate::visible_text::{abridged, visible_line, with_remark};

/// Distance of pictures in a row.
const GUTTER: f32 = 14.0;

/// Distance of exhibits.
const GAP: f32 = 14.0;

/// Maximum number of characters of a title.
const MAX_TITLE_CHARS: usize = 160;

/// Maximum number of characters of a description above pictures.
const MAX_DESCRIPTION_CHARS: usize = 1_500;

/// Maximum number of characters of a text in a cell among pictures, of a row of one.
const MAX_CELL_CHARS: usize = 800;

/// Number of characters of an exhibit that has nothing but its description.
const MIN_TEXT_CHARS: usize = 400;

/// A picture or a short text in a row of a grid.
struct Cell {
    exhibit: usize,
    content: CellContent,
    title: String,
    detail: String,
    description: String,
    node: NodeId,
}

/// Content of a cell below its captions.
enum CellContent {
    /// A picture, and its natural size.
    Tile(TileId, (f32, f32)),
    /// A text.
    Text(String),
}

/// Adds the exhibits that are not left out. Returns how each is shown.
pub(crate) fn add(
    flow: &mut Flow<'_>,
    content: &PackageContent,
    prepared: &[Prepared],
    selection: &Selection,
    references: &mut References,
) -> Vec<Option<Shown>> {
    let is_shown =
        |index: usize| selection.left_out[index].is_none() && !matches!(prepared[index].body, Body::LeftOut(_));
    let mut section = None;
    let mut row: Vec<Cell> = Vec::new();
    let mut all = Vec::new();
    for (index, exhibit) in content.exhibits.iter().enumerate() {
        if !is_shown(index) {
            let reason = match &prepared[index].body {
                Body::LeftOut(reason) => Some(reason.clone()),
                _ => selection.left_out[index].clone(),
            };
            all.push(reason.map(Shown::LeftOut));
            continue;
        }
        let section = *section.get_or_insert_with(|| {
            flow.break_page();
            flow.heading("Exhibits", Structure::ROOT, 120.0)
        });
        let columns = selection.density.columns;
        if let Body::Tiles(tiles, page_count) = &prepared[index].body {
            let count = tiles.len().min(selection.density.max_document_pages);
            let shown = Shown::of_tiles(count, *page_count, selection.down_sampled[index]);
            if columns == 1 {
                add_alone(flow, exhibit, index, &tiles[..count], *page_count, selection, section, references);
            } else {
                for (number, tile) in tiles[..count].iter().enumerate() {
                    row.push(cell(flow, exhibit, index, number, tile, *page_count, section));
                    if row.len() == columns {
                        add_row(flow, std::mem::take(&mut row), selection, references);
                    }
                }
            }
            all.push(Some(shown));
        } else if let Some((text, shown)) = short_text(exhibit, &prepared[index], columns) {
            row.push(text_cell(flow, exhibit, index, text, section));
            if row.len() == columns {
                add_row(flow, std::mem::take(&mut row), selection, references);
            }
            all.push(Some(shown));
        } else {
            add_row(flow, std::mem::take(&mut row), selection, references);
            let shown = add_text(flow, exhibit, index, &prepared[index], selection, section, references);
            all.push(Some(shown));
        }
    }
    add_row(flow, row, selection, references);
    all
}

impl Shown {
    fn of_tiles(count: usize, page_count: usize, is_down_sampled: bool) -> Self {
        if count < page_count {
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            Self::FirstPages { shown: number(count), of: number(page_count) }
        } else if is_down_sampled {
            Self::DownSampled
        } else {
            Self::Full
        }
    }
}

/// Returns the title of an exhibit: its own, or its category.
fn title(exhibit: &Exhibit) -> String {
    let own = exhibit.title.as_deref().map(visible_line).filter(|title| !title.is_empty());
    let title = own.unwrap_or_else(|| labels::category(exhibit.category).to_owned());
    abridged(&title, MAX_TITLE_CHARS).0.to_owned()
}

/// Returns category, time and file of an exhibit on one line.
fn details(exhibit: &Exhibit) -> String {
    let mut parts =
        vec![labels::category(exhibit.category).to_owned(), format!("recorded {}", labels::time(exhibit.recorded_at))];
    if let Some(file) = &exhibit.file {
        let name = file.name.as_deref().map(visible_line).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "file without a name".to_owned());
        parts.push(format!("{} ({})", abridged(&name, 80).0, file.file_type.name()));
    }
    parts.join(" · ")
}

/// Notes that an exhibit is on the last page.
fn note_page(flow: &Flow<'_>, index: usize, references: &mut References) {
    let page = flow.page_number();
    let pages = &mut references.exhibits[index];
    *pages = Some(pages.map_or((page, page), |(first, _)| (first, page)));
}

/// Adds the heading of an exhibit, and keeps it with what follows it in `with` points.
fn head(flow: &mut Flow<'_>, exhibit: &Exhibit, index: usize, with: f32, section: NodeId) -> NodeId {
    let title = format!("Exhibit {} · {}", index + 1, title(exhibit));
    let lines = flow.typesetter.lines(&title, SUBHEADING, CONTENT_WIDTH);
    let height: f32 = lines.iter().map(|line| line.height).sum();
    flow.space(GAP);
    flow.ensure(height + SMALL.size * SMALL.leading + with);
    flow.bookmark(2, &title);
    let part = flow.structure.add(section, Role::Section);
    let node = flow.structure.add(part, Role::Heading(2, title));
    for line in lines.iter() {
        let y = flow.y;
        flow.line(line, MARGIN, y, node);
        flow.y += line.height;
    }
    flow.text(&details(exhibit), SMALL, MARGIN, CONTENT_WIDTH, part);
    flow.y += 5.0;
    part
}

/// Returns width and height of a tile that fits into a space.
fn fitted((width, height): (f32, f32), max_width: f32, max_height: f32) -> (f32, f32) {
    let scale = (max_width / width).min(max_height / height).min(1.0);
    ((width * scale).max(1.0), (height * scale).max(1.0))
}

/// Adds pictures below one another.
#[expect(clippy::too_many_arguments, reason = "an exhibit, what is known of it, and where it goes")]
fn add_alone(
    flow: &mut Flow<'_>,
    exhibit: &Exhibit,
    index: usize,
    tiles: &[Tile],
    page_count: usize,
    selection: &Selection,
    section: NodeId,
    references: &mut References,
) {
    let max_height = CONTENT_HEIGHT * selection.density.max_height - 58.0;
    let description = exhibit.description.as_deref().map(|text| with_remark(text, MAX_DESCRIPTION_CHARS));
    let description = description.filter(|text| !text.trim().is_empty());
    let sizes: Vec<(f32, f32)> = tiles.iter().map(|tile| fitted(tile.size(), CONTENT_WIDTH, max_height)).collect();
    let mut with = sizes.first().map_or(0.0, |size| size.1);
    if let Some(text) = &description {
        let lines = flow.typesetter.lines(text, BODY, CONTENT_WIDTH);
        with += lines.iter().map(|line| line.height).sum::<f32>() + 6.0;
    }
    let part = head(flow, exhibit, index, with, section);
    note_page(flow, index, references);
    if let Some(text) = &description {
        flow.text(text, BODY, MARGIN, CONTENT_WIDTH, part);
        flow.y += 6.0;
    }
    for (number, size) in sizes.iter().enumerate() {
        let caption = caption(index, number, page_count);
        let caption_height = if caption.is_some() { 14.0 } else { 0.0 };
        // After a long description, the rest of the page may do with a smaller picture.
        flow.ensure(size.1 + caption_height);
        note_page(flow, index, references);
        if let Some(text) = &caption {
            flow.text(text, SMALL, MARGIN, CONTENT_WIDTH, part);
            flow.y += 3.0;
        }
        let area = Area { x: MARGIN, y: flow.y, width: size.0, height: size.1 };
        let figure = flow.structure.add(part, Role::Figure(alt_text(exhibit, index, number, page_count)));
        draw_tile(flow, area, TileId { exhibit: index, tile: number }, figure);
        flow.y += size.1 + 8.0;
    }
}

fn caption(index: usize, number: usize, page_count: usize) -> Option<String> {
    (page_count > 1).then(|| format!("Exhibit {}, page {} of {page_count}", index + 1, number + 1))
}

fn alt_text(exhibit: &Exhibit, index: usize, number: usize, page_count: usize) -> String {
    let page = if page_count > 1 { format!(", page {} of {page_count}", number + 1) } else { String::new() };
    format!("Exhibit {}{page}: {}", index + 1, title(exhibit))
}

/// Draws a tile in a thin frame.
fn draw_tile(flow: &mut Flow<'_>, area: Area, tile: TileId, node: NodeId) {
    let frame = Area { x: area.x - 0.5, y: area.y - 0.5, width: area.width + 1.0, height: area.height + 1.0 };
    flow.draw(Drawing::Fill { area: frame, color: RULE }, None);
    let inside = Area { x: area.x, y: area.y, width: area.width, height: area.height };
    flow.draw(Drawing::Fill { area: inside, color: [0xff; 3] }, None);
    flow.tile(area, tile, node);
}

fn cell(
    flow: &mut Flow<'_>,
    exhibit: &Exhibit,
    index: usize,
    number: usize,
    tile: &Tile,
    page_count: usize,
    section: NodeId,
) -> Cell {
    let detail = match caption(index, number, page_count) {
        Some(_) => format!("Page {} of {page_count} · {}", number + 1, details(exhibit)),
        None => details(exhibit),
    };
    let description = exhibit.description.as_deref().filter(|_| number == 0).map(visible_line).unwrap_or_default();
    Cell {
        exhibit: index,
        content: CellContent::Tile(TileId { exhibit: index, tile: number }, tile.size()),
        title: format!("Exhibit {} · {}", index + 1, title(exhibit)),
        detail,
        description,
        node: flow.structure.add(section, Role::Figure(alt_text(exhibit, index, number, page_count))),
    }
}

/// Returns the text of an exhibit that is short enough for a cell among pictures.
fn short_text(exhibit: &Exhibit, prepared: &Prepared, columns: usize) -> Option<(String, Shown)> {
    let description = exhibit.description.as_deref().unwrap_or_default();
    let (text, shown) = match &prepared.body {
        Body::Text(text, length) if *length == text.chars().count() => (format!("{description}\n{text}"), Shown::Text),
        Body::Listed => (format!("{description}\nA recording; its hash is in the manifest."), Shown::Listed),
        Body::Description => (description.to_owned(), Shown::Text),
        Body::Text(..) | Body::Tiles(..) | Body::LeftOut(_) => return None,
    };
    let text = text.trim().to_owned();
    (columns > 1 && text.chars().count() <= MAX_CELL_CHARS / columns && text.lines().count() < 6)
        .then_some((text, shown))
}

fn text_cell(flow: &mut Flow<'_>, exhibit: &Exhibit, index: usize, text: String, section: NodeId) -> Cell {
    Cell {
        exhibit: index,
        content: CellContent::Text(text),
        title: format!("Exhibit {} · {}", index + 1, title(exhibit)),
        detail: details(exhibit),
        description: String::new(),
        node: flow.structure.add(section, Role::Section),
    }
}

/// Adds a row of pictures with captions above them.
fn add_row(flow: &mut Flow<'_>, cells: Vec<Cell>, selection: &Selection, references: &mut References) {
    if cells.is_empty() {
        return;
    }
    let columns = selection.density.columns as f32;
    let width = (CONTENT_WIDTH - GUTTER * (columns - 1.0)) / columns;
    let caption_height = 3.0 * SMALL.size * SMALL.leading + 3.0;
    let max_height = CONTENT_HEIGHT * selection.density.max_height - caption_height - GAP;
    let heights: Vec<f32> = cells
        .iter()
        .map(|cell| match &cell.content {
            CellContent::Tile(_, size) => fitted(*size, width, max_height).1,
            CellContent::Text(text) => flow.typesetter.lines(text, CELL, width).iter().map(|line| line.height).sum(),
        })
        .collect();
    let height = heights.iter().copied().fold(0.0, f32::max);
    flow.ensure(caption_height + height);
    let top = flow.y;
    let mut x = MARGIN;
    for cell in &cells {
        note_page(flow, cell.exhibit, references);
        if !matches!(cell.content, CellContent::Tile(TileId { tile: 1.., .. }, _)) {
            flow.bookmark(2, &cell.title);
        }
        let mut y = top;
        for (text, style) in [(&cell.title, CAPTION), (&cell.detail, SMALL), (&cell.description, SMALL)] {
            let line = flow.typesetter.one_line(text, style, width);
            flow.line(&line, x, y, cell.node);
            y += line.height;
        }
        let top = top + caption_height;
        match &cell.content {
            CellContent::Tile(tile, size) => {
                let (width, height) = fitted(*size, width, max_height);
                draw_tile(flow, Area { x, y: top, width, height }, *tile, cell.node);
            }
            CellContent::Text(text) => {
                let mut y = top - style_height(SMALL);
                for line in flow.typesetter.lines(text, CELL, width).iter() {
                    flow.line(line, x, y, cell.node);
                    y += line.height;
                }
            }
        }
        x += width + GUTTER;
    }
    flow.y = top + caption_height + height + GAP;
}

/// Returns the height of a line.
fn style_height(style: Style) -> f32 {
    style.size * style.leading
}

/// Adds an exhibit that is a text, or that paper cannot show.
fn add_text(
    flow: &mut Flow<'_>,
    exhibit: &Exhibit,
    index: usize,
    prepared: &Prepared,
    selection: &Selection,
    section: NodeId,
    references: &mut References,
) -> Shown {
    let part = head(flow, exhibit, index, 2.0 * BODY.size * BODY.leading, section);
    note_page(flow, index, references);
    let max_chars = selection.density.max_text_chars.max(MIN_TEXT_CHARS);
    if let Some(hash) = &prepared.sha256 {
        let size = prepared.bytes.map(labels::size).unwrap_or_default();
        flow.text(&format!("SHA-256 {} · {size}", hash.as_str()), HASH, MARGIN, CONTENT_WIDTH, part);
        flow.y += 3.0;
    }
    let description = exhibit.description.as_deref().unwrap_or_default();
    if !description.trim().is_empty() {
        flow.text(&with_remark(description, max_chars), BODY, MARGIN, CONTENT_WIDTH, part);
    }
    let shown = match &prepared.body {
        Body::Text(text, length) => {
            let (start, _) = abridged(text, max_chars);
            flow.y += 4.0;
            flow.text(start, BODY, MARGIN + 10.0, CONTENT_WIDTH - 20.0, part);
            let shown = start.chars().count();
            if text.chars().count() > shown || *length > text.chars().count().saturating_mul(2) {
                let remark = format!("[Abridged: the first {shown} of {length} characters.]");
                flow.text(&remark, SMALL, MARGIN + 10.0, CONTENT_WIDTH - 20.0, part);
                let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
                Shown::Abridged { shown: number(shown), of: number(*length) }
            } else {
                Shown::Text
            }
        }
        Body::Listed => {
            flow.text("A recording: it is kept, and its hash identifies it.", SMALL, MARGIN, CONTENT_WIDTH, part);
            Shown::Listed
        }
        Body::Description | Body::Tiles(..) | Body::LeftOut(_) => Shown::Text,
    };
    note_page(flow, index, references);
    shown
}
