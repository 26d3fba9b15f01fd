//! Text and tables that flow from page to page.

use crate::page::{
    Area, CONTENT_BOTTOM, CONTENT_HEIGHT, CONTENT_TOP, CONTENT_WIDTH, Drawing, Item, MARGIN, Page, TileId,
};
use crate::structure::{MarkId, NodeId, Role, Structure};
use crate::styles::{HEADING, LABEL, RULE, TINT};
use crate::typesetter::{Color, Line, Style, Typesetter};
use std::rc::Rc;

/// Padding of cells, in points.
#[derive(Clone, Copy, Debug)]
struct CellPadding {
    /// Left and right of the text.
    horizontal: f32,
    /// Above and below the text.
    vertical: f32,
}

/// Padding in a table.
const CELL_PADDING: CellPadding = CellPadding { horizontal: 5.0, vertical: 4.0 };

/// Padding in a table of many short rows.
const DENSE_CELL_PADDING: CellPadding = CellPadding { horizontal: 3.0, vertical: 0.25 };

/// Height of the head of a table.
const TABLE_HEAD_HEIGHT: f32 = LABEL.size * LABEL.leading + 2.0 * CELL_PADDING.vertical;

/// Minimum number of lines of a paragraph at the bottom and the top of a page.
const MIN_LINES: usize = 2;

/// A bookmark.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bookmark {
    /// Level, from one.
    pub(crate) level: u16,
    /// Text.
    pub(crate) title: String,
    /// Index of the page.
    pub(crate) page: usize,
    /// Distance from the top of the page.
    pub(crate) y: f32,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Heading.
    pub(crate) heading: &'static str,
    /// Width in points.
    pub(crate) width: f32,
}

/// A cell: texts below one another.
pub(crate) type CellTexts = Vec<(String, Style)>;

/// Pages that are being filled from top to bottom.
pub(crate) struct Flow<'a> {
    /// Layout of text.
    pub(crate) typesetter: &'a mut Typesetter,
    /// Pages so far.
    pub(crate) pages: Vec<Page>,
    /// Top of the free space on the last page.
    pub(crate) y: f32,
    /// Logical structure.
    pub(crate) structure: Structure,
    /// Bookmarks so far.
    pub(crate) bookmarks: Vec<Bookmark>,
}

impl<'a> Flow<'a> {
    /// Begins a document.
    pub(crate) fn new(typesetter: &'a mut Typesetter) -> Self {
        Self {
            typesetter,
            pages: vec![Page::default()],
            y: CONTENT_TOP,
            structure: Structure::new(),
            bookmarks: Vec::new(),
        }
    }

    /// Returns the number of the last page, from one.
    pub(crate) fn page_number(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    /// Returns the height that is free on the last page.
    pub(crate) fn remaining(&self) -> f32 {
        CONTENT_BOTTOM - self.y
    }

    /// Begins a page, unless the last one is empty.
    pub(crate) fn break_page(&mut self) {
        if self.y > CONTENT_TOP {
            self.pages.push(Page::default());
            self.y = CONTENT_TOP;
        }
    }

    /// Begins a page if less than `height` is free.
    pub(crate) fn ensure(&mut self, height: f32) {
        if self.remaining() < height.min(CONTENT_HEIGHT) {
            self.break_page();
        }
    }

    /// Leaves space, except at the top of a page.
    pub(crate) fn space(&mut self, height: f32) {
        if self.y > CONTENT_TOP {
            self.y += height;
        }
    }

    /// Draws on the last page.
    pub(crate) fn draw(&mut self, drawing: Drawing, mark: Option<MarkId>) {
        if let Some(page) = self.pages.last_mut() {
            page.items.push(Item { drawing, mark });
        }
    }

    /// Draws a horizontal rule at the top of the free space.
    pub(crate) fn rule(&mut self, color: Color, height: f32) {
        let area = Area { x: MARGIN, y: self.y, width: CONTENT_WIDTH, height };
        self.draw(Drawing::Fill { area, color }, None);
    }

    /// Draws a line as content of `node`.
    pub(crate) fn line(&mut self, line: &Rc<Line>, x: f32, y: f32, node: NodeId) {
        if line.runs.is_empty() {
            return;
        }
        let mark = self.structure.mark(node);
        self.draw(Drawing::Text { x, y, line: Rc::clone(line) }, Some(mark));
    }

    /// Draws a picture or a page as content of `node`.
    pub(crate) fn tile(&mut self, area: Area, tile: TileId, node: NodeId) {
        let mark = self.structure.mark(node);
        self.draw(Drawing::Tile { area, tile }, Some(mark));
    }

    /// Adds a heading of a section, with a bookmark, and keeps it with what follows it in `with` points.
    pub(crate) fn heading(&mut self, title: &str, parent: NodeId, with: f32) -> NodeId {
        self.space(18.0);
        self.ensure(HEADING.size * HEADING.leading + 8.0 + with);
        let section = self.structure.add(parent, Role::Section);
        let node = self.structure.add(section, Role::Heading(1, title.to_owned()));
        self.bookmark(1, title);
        let lines = self.typesetter.lines(title, HEADING, CONTENT_WIDTH);
        for line in lines.iter() {
            let y = self.y;
            self.line(line, MARGIN, y, node);
            self.y += line.height;
        }
        self.y += 3.0;
        self.rule(RULE, 0.75);
        self.y += 8.0;
        section
    }

    /// Adds a bookmark to the top of the free space.
    pub(crate) fn bookmark(&mut self, level: u16, title: &str) {
        let page = self.pages.len().saturating_sub(1);
        self.bookmarks.push(Bookmark { level, title: title.to_owned(), page, y: self.y });
    }

    /// Adds a text. At a page break, at least two lines stay together.
    pub(crate) fn text(&mut self, text: &str, style: Style, x: f32, width: f32, parent: NodeId) {
        let lines = self.typesetter.lines(text, style, width);
        let node = self.structure.add(parent, Role::Paragraph);
        for (index, line) in lines.iter().enumerate() {
            let left = lines.len() - index;
            let is_start_of_group = index == 0 || left == MIN_LINES;
            let together = if is_start_of_group { MIN_LINES.min(left) } else { 1 };
            self.ensure(line.height * together as f32);
            let y = self.y;
            self.line(line, x, y, node);
            self.y += line.height;
        }
    }

    /// Adds a table. Its head is repeated on each page, and a row that is higher than the rest of a page is continued on
    /// the next if it would leave much of the page empty.
    pub(crate) fn table(&mut self, columns: &[Column], rows: Vec<Vec<CellTexts>>, parent: NodeId) {
        self.padded_table(columns, rows, parent, CELL_PADDING);
    }

    /// Adds a table of many short rows.
    pub(crate) fn dense_table(&mut self, columns: &[Column], rows: Vec<Vec<CellTexts>>, parent: NodeId) {
        self.padded_table(columns, rows, parent, DENSE_CELL_PADDING);
    }

    fn padded_table(&mut self, columns: &[Column], rows: Vec<Vec<CellTexts>>, parent: NodeId, padding: CellPadding) {
        let table = self.structure.add(parent, Role::Table);
        self.ensure(TABLE_HEAD_HEIGHT + 40.0);
        self.table_head(columns, Some(table), padding);
        for row in rows {
            let cells: Vec<Vec<Rc<Line>>> =
                row.iter().zip(columns).map(|(cell, column)| self.cell(cell, column, padding)).collect();
            self.row(columns, &cells, table, padding);
        }
    }

    /// Returns the lines of a cell.
    fn cell(&mut self, cell: &CellTexts, column: &Column, padding: CellPadding) -> Vec<Rc<Line>> {
        let width = column.width - 2.0 * padding.horizontal;
        let mut lines = Vec::new();
        for (text, style) in cell {
            lines.extend(self.typesetter.lines(text, *style, width).iter().cloned());
        }
        lines
    }

    /// Draws the head of a table; only its first is content.
    fn table_head(&mut self, columns: &[Column], table: Option<NodeId>, padding: CellPadding) {
        let height = TABLE_HEAD_HEIGHT;
        let area = Area { x: MARGIN, y: self.y, width: CONTENT_WIDTH, height };
        self.draw(Drawing::Fill { area, color: TINT }, None);
        let row = table.map(|table| self.structure.add(table, Role::Row));
        let mut x = MARGIN;
        for column in columns {
            let width = column.width - padding.horizontal - 1.0;
            let line = self.typesetter.one_line(&column.heading.to_uppercase(), LABEL, width);
            let (x_of_text, y) = (x + padding.horizontal, self.y + CELL_PADDING.vertical);
            if let Some(row) = row {
                let cell = self.structure.add(row, Role::HeaderCell);
                self.line(&line, x_of_text, y, cell);
            } else {
                self.draw(Drawing::Text { x: x_of_text, y, line }, None);
            }
            x += column.width;
        }
        self.y += height;
    }

    /// Draws a row.
    fn row(&mut self, columns: &[Column], cells: &[Vec<Rc<Line>>], table: NodeId, padding: CellPadding) {
        let height_of = |lines: &[Rc<Line>]| lines.iter().map(|line| line.height).sum::<f32>();
        let height = cells.iter().map(|lines| height_of(lines)).fold(0.0, f32::max) + 2.0 * padding.vertical;
        if height > self.remaining() && (height < CONTENT_HEIGHT / 3.0 || self.remaining() < 60.0) {
            self.break_page();
            self.table_head(columns, None, padding);
        }
        let row = self.structure.add(table, Role::Row);
        let nodes: Vec<NodeId> = cells.iter().map(|_| self.structure.add(row, Role::Cell)).collect();
        let mut next = vec![0; cells.len()];
        loop {
            let top = self.y + padding.vertical;
            let mut bottom = top;
            let mut x = MARGIN;
            for (index, lines) in cells.iter().enumerate() {
                let mut y = top;
                while let Some(line) = lines.get(next[index]) {
                    if y + line.height + padding.vertical > CONTENT_BOTTOM && y > CONTENT_TOP + 40.0 {
                        break;
                    }
                    self.line(line, x + padding.horizontal, y, nodes[index]);
                    y += line.height;
                    next[index] += 1;
                }
                bottom = bottom.max(y);
                x += columns[index].width;
            }
            self.y = bottom + padding.vertical;
            self.rule(RULE, 0.5);
            self.y += 0.5;
            if next.iter().zip(cells).all(|(next, lines)| *next >= lines.len()) {
                return;
            }
            self.break_page();
            self.table_head(columns, None, padding);
        }
    }
}
