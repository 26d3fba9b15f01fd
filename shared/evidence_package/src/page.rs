//! Pages as lists of what is drawn on them.

pub(crate) use crate::page_size::{
    CONTENT_BOTTOM, CONTENT_HEIGHT, CONTENT_TOP, CONTENT_WIDTH, MARGIN, PAGE_HEIGHT, PAGE_WIDTH,
};
use crate::structure::MarkId;
use crate::typesetter::{Color, Line};
use std::rc::Rc;

/// A rectangle in points, from the top left corner of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    /// Left edge.
    pub(crate) x: f32,
    /// Top edge.
    pub(crate) y: f32,
    /// Width.
    pub(crate) width: f32,
    /// Height.
    pub(crate) height: f32,
}

/// A tile: the picture or page of an exhibit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TileId {
    /// Index of the exhibit.
    pub(crate) exhibit: usize,
    /// Index of the picture or page within the exhibit.
    pub(crate) tile: usize,
}

/// Something that is drawn.
#[derive(Clone, Debug)]
pub(crate) enum Drawing {
    /// A line of text, with its left edge and top.
    Text {
        /// Left edge of the paragraph.
        x: f32,
        /// Top of the line.
        y: f32,
        /// The line.
        line: Rc<Line>,
    },
    /// A filled rectangle.
    Fill {
        /// Place.
        area: Area,
        /// Color.
        color: Color,
    },
    /// A picture, or a page of a document.
    Tile {
        /// Place.
        area: Area,
        /// Tile.
        tile: TileId,
    },
}

/// A drawing, and the content that it is; without one it is decoration.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Drawing.
    pub(crate) drawing: Drawing,
    /// Content.
    pub(crate) mark: Option<MarkId>,
}

/// A page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// Drawings, from the lowest to the topmost.
    pub(crate) items: Vec<Item>,
}
