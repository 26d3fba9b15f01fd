//! Exhibits in rows: pictures and short texts beside one another.

use crate::content::Exhibit;
use crate::exhibit_heading::{GAP, Placement, details, note_page, short_details, title};
use crate::flow::Flow;
use crate::page::{Area, CONTENT_HEIGHT, CONTENT_WIDTH, MARGIN, TileId};
use crate::prepare::{Body, Prepared, Tile};
use crate::references::References;
use crate::rendered::Shown;
use crate::selection::Density;
use crate::structure::{NodeId, Role};
use crate::styles::{CAPTION, CELL, SMALL};
use crate::tiles::{alt_text, caption, draw_tile, fitted};
use crate::typesetter::Style;
use crate::visible_text::visible_line;

/// Distance of pictures in a row.
const GUTTER: f32 = 14.0;

/// Maximum number of characters of a text in a cell among pictures, of a row of one.
const MAX_CELL_CHARS: usize = 800;

/// Number of lines of the caption of a cell.
const CAPTION_LINES: usize = 3;

/// Minimum number of columns that are too narrow for the file name of an exhibit.
const MIN_NARROW_COLUMNS: usize = 3;

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

/// The rows, of which the last is being filled.
pub(crate) struct Rows {
    density: Density,
    cells: Vec<Cell>,
}

impl Rows {
    /// Begins rows of a density.
    pub(crate) fn new(density: Density) -> Self {
        Self { density, cells: Vec::new() }
    }

    /// Adds the pictures or pages of an exhibit.
    pub(crate) fn add_tiles(
        &mut self,
        flow: &mut Flow<'_>,
        placement: &Placement<'_>,
        tiles: &[Tile],
        page_count: usize,
        references: &mut References,
    ) {
        for (number, tile) in tiles.iter().enumerate() {
            let cell = tile_cell(flow, placement, number, tile, page_count);
            self.push(flow, cell, references);
        }
    }

    /// Adds the text of an exhibit if it is short enough to stand among pictures. Returns how it is shown.
    pub(crate) fn add_short_text(
        &mut self,
        flow: &mut Flow<'_>,
        placement: &Placement<'_>,
        prepared: &Prepared,
        references: &mut References,
    ) -> Option<Shown> {
        let (text, shown) = short_text(placement.exhibit, prepared, self.density.columns)?;
        let cell = text_cell(flow, placement, text);
        self.push(flow, cell, references);
        Some(shown)
    }

    fn push(&mut self, flow: &mut Flow<'_>, cell: Cell, references: &mut References) {
        self.cells.push(cell);
        if self.cells.len() == self.density.columns {
            self.end(flow, references);
        }
    }

    /// Ends the last row, if it has been begun.
    pub(crate) fn end(&mut self, flow: &mut Flow<'_>, references: &mut References) {
        let cells = std::mem::take(&mut self.cells);
        if !cells.is_empty() {
            add_row(flow, &cells, self.density, references);
        }
    }
}

fn tile_cell(flow: &mut Flow<'_>, placement: &Placement<'_>, number: usize, tile: &Tile, page_count: usize) -> Cell {
    let Placement { exhibit, index, density, section } = *placement;
    let is_narrow = density.columns >= MIN_NARROW_COLUMNS;
    let detail = match caption(index, number, page_count) {
        Some(_) if is_narrow => format!("Page {} of {page_count} · {}", number + 1, exhibit.category.title()),
        Some(_) => format!("Page {} of {page_count} · {}", number + 1, details(exhibit)),
        None => cell_details(placement),
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

/// Returns what the caption of a cell says of an exhibit.
fn cell_details(placement: &Placement<'_>) -> String {
    if placement.density.columns >= MIN_NARROW_COLUMNS {
        short_details(placement.exhibit)
    } else {
        details(placement.exhibit)
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

fn text_cell(flow: &mut Flow<'_>, placement: &Placement<'_>, text: String) -> Cell {
    let Placement { exhibit, index, section, .. } = *placement;
    Cell {
        exhibit: index,
        content: CellContent::Text(text),
        title: format!("Exhibit {} · {}", index + 1, title(exhibit)),
        detail: cell_details(placement),
        description: String::new(),
        node: flow.structure.add(section, Role::Section),
    }
}

/// Adds a row of pictures with captions above them.
fn add_row(flow: &mut Flow<'_>, cells: &[Cell], density: Density, references: &mut References) {
    let columns = density.columns as f32;
    let width = (CONTENT_WIDTH - GUTTER * (columns - 1.0)) / columns;
    let caption_height = CAPTION_LINES as f32 * style_height(SMALL) + 3.0;
    let max_height = CONTENT_HEIGHT * density.max_height - caption_height - GAP;
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
    for cell in cells {
        note_page(flow, cell.exhibit, references);
        if !matches!(cell.content, CellContent::Tile(TileId { tile: 1.., .. }, _)) {
            flow.bookmark(2, &cell.title);
        }
        add_caption(flow, cell, (x, top), width);
        let top = top + caption_height;
        match &cell.content {
            CellContent::Tile(tile, size) => {
                let (width, height) = fitted(*size, width, max_height);
                draw_tile(flow, Area { x, y: top, width, height }, *tile, cell.node);
            }
            CellContent::Text(text) => {
                let mut y = top;
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

/// Adds the caption of a cell. Each text has the lines that the others leave to it.
fn add_caption(flow: &mut Flow<'_>, cell: &Cell, (x, top): (f32, f32), width: f32) {
    let texts = [(&cell.title, CAPTION), (&cell.detail, SMALL), (&cell.description, SMALL)];
    let mut y = top;
    let mut lines_left = CAPTION_LINES;
    for (index, (text, style)) in texts.iter().enumerate() {
        let others = texts[index + 1..].iter().filter(|(text, _)| !text.is_empty()).count();
        let max_lines = lines_left.saturating_sub(others);
        if text.is_empty() || max_lines == 0 {
            continue;
        }
        for line in flow.typesetter.few_lines(text, *style, width, max_lines).iter() {
            flow.line(line, x, y, cell.node);
            y += line.height;
            lines_left = lines_left.saturating_sub(1);
        }
    }
}

/// Returns the height of a line.
fn style_height(style: Style) -> f32 {
    style.size * style.leading
}
