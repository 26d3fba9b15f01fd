//! Writing of pages as a PDF file, with fonts in subsets, logical structure and bookmarks.

use crate::composition::Composition;
use crate::content::PackageContent;
use crate::error::RenderError;
use crate::page::{Area, Drawing, PAGE_HEIGHT, PAGE_WIDTH, Page, TileId};
use crate::pdf_evidence::IncludedPages;
use crate::picture::Picture;
use crate::structure::{Child, NodeId, Role, Structure};
use crate::typesetter::{Color, Line, Typesetter};
use crate::visible_text::visible_line;
use domain::Timestamp;
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::{Document, SerializeSettings};
use std::collections::HashMap;
use std::num::NonZeroU16;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// A tile as it is written.
#[derive(Clone)]
pub(crate) enum WrittenTile {
    /// A picture.
    Picture(Rc<Picture>),
    /// A page of a document.
    Page(Rc<IncludedPages>, usize),
}

/// Writes the document.
pub(crate) fn write(
    composition: &Composition,
    tiles: &HashMap<TileId, WrittenTile>,
    content: &PackageContent,
    typesetter: &mut Typesetter,
) -> Result<Vec<u8>, RenderError> {
    // Included pages are those of untrusted documents, which another library copies.
    let written = catch_unwind(AssertUnwindSafe(|| write_document(composition, tiles, content, typesetter)));
    written.unwrap_or_else(|_| Err(RenderError::Document("the PDF library panicked".to_owned())))
}

fn write_document(
    composition: &Composition,
    tiles: &HashMap<TileId, WrittenTile>,
    content: &PackageContent,
    typesetter: &mut Typesetter,
) -> Result<Vec<u8>, RenderError> {
    let mut document = Document::new_with(SerializeSettings { enable_tagging: true, ..Default::default() });
    let mut marks: Vec<Option<Identifier>> = vec![None; composition.structure.mark_count()];
    for page in &composition.pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or_else(|| defect("page size"))?;
        let mut written = document.start_page_with(settings);
        let mut surface = written.surface();
        write_page(&mut surface, page, tiles, &mut marks, typesetter);
        surface.finish();
        written.finish();
    }
    document.set_outline(outline(composition));
    document.set_metadata(metadata(content));
    document.set_tag_tree(tag_tree(&composition.structure, &marks));
    document.finish().map_err(|error| defect(&error.to_string()))
}

fn defect(reason: &str) -> RenderError {
    RenderError::Document(reason.to_owned())
}

fn write_page(
    surface: &mut Surface<'_>,
    page: &Page,
    tiles: &HashMap<TileId, WrittenTile>,
    marks: &mut [Option<Identifier>],
    typesetter: &mut Typesetter,
) {
    for item in &page.items {
        let tag = match (&item.mark, &item.drawing) {
            (None, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
            (Some(_), Drawing::Text { .. }) => ContentTag::Span(SpanTag::empty()),
            (Some(_), _) => ContentTag::Other,
        };
        let identifier = surface.start_tagged(tag);
        match &item.drawing {
            Drawing::Text { x, y, line } => write_line(surface, *x, *y, line, typesetter),
            Drawing::Fill { area, color } => write_fill(surface, *area, *color),
            Drawing::Tile { area, tile } => write_tile(surface, *area, tiles.get(tile)),
        }
        surface.end_tagged();
        if let Some(mark) = item.mark {
            marks[mark.0] = Some(identifier);
        }
    }
}

fn fill(color: Color) -> Fill {
    let [red, green, blue] = color;
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

fn write_line(surface: &mut Surface<'_>, x: f32, y: f32, line: &Line, typesetter: &mut Typesetter) {
    surface.set_fill(Some(fill(line.color)));
    for run in &line.runs {
        if let Some(font) = typesetter.font(run.font) {
            let start = Point::from_xy(x + run.x, y + line.baseline);
            surface.draw_glyphs(start, &run.glyphs, font, &line.text, run.size, false);
        }
    }
}

fn write_fill(surface: &mut Surface<'_>, area: Area, color: Color) {
    let mut path = PathBuilder::new();
    if let Some(rect) = Rect::from_xywh(area.x, area.y, area.width, area.height) {
        path.push_rect(rect);
    }
    if let Some(path) = path.finish() {
        surface.set_fill(Some(fill(color)));
        surface.draw_path(&path);
    }
}

fn write_tile(surface: &mut Surface<'_>, area: Area, tile: Option<&WrittenTile>) {
    let Some(size) = Size::from_wh(area.width, area.height) else { return };
    surface.push_transform(&Transform::from_translate(area.x, area.y));
    match tile {
        Some(WrittenTile::Picture(picture)) => {
            if let Ok(image) = Image::from_jpeg(picture.jpeg.clone().into(), false) {
                surface.draw_image(image, size);
            }
        }
        Some(WrittenTile::Page(pages, index)) => surface.draw_pdf_page(&pages.document, size, *index),
        None => {}
    }
    surface.pop();
}

/// Returns the bookmarks: sections, and exhibits below theirs.
fn outline(composition: &Composition) -> Outline {
    let mut outline = Outline::new();
    let mut section: Option<OutlineNode> = None;
    for bookmark in &composition.bookmarks {
        let destination = XyzDestination::new(bookmark.page, Point::from_xy(0.0, (bookmark.y - 8.0).max(0.0)));
        let node = OutlineNode::new(visible_line(&bookmark.title), destination);
        match &mut section {
            Some(parent) if bookmark.level > 1 => parent.push_child(node),
            _ => {
                if let Some(finished) = section.replace(node) {
                    outline.push_child(finished);
                }
            }
        }
    }
    if let Some(last) = section {
        outline.push_child(last);
    }
    outline
}

fn metadata(content: &PackageContent) -> Metadata {
    Metadata::new()
        .title(format!("Evidence package for dispute {}", content.dispute.id))
        .authors(vec![visible_line(&content.merchant.name)])
        .language("en".to_owned())
        .creator("Leadhouse".to_owned())
        .document_id(content.package.to_string())
        .creation_date(date_time(content.generated_at))
}

fn date_time(at: Timestamp) -> DateTime {
    // RFC 3339 in UTC: 2026-05-25T12:00:00.000Z.
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u8>().ok()).unwrap_or(0);
    let year = text.get(..4).and_then(|digits| digits.parse().ok()).unwrap_or(1970);
    DateTime::new(year)
        .month(part(5, 7))
        .day(part(8, 10))
        .hour(part(11, 13))
        .minute(part(14, 16))
        .second(part(17, 19))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn tag_tree(structure: &Structure, marks: &[Option<Identifier>]) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    for child in children(Structure::ROOT, structure, marks) {
        tree.push(child);
    }
    tree
}

fn children(node: NodeId, structure: &Structure, marks: &[Option<Identifier>]) -> Vec<Node> {
    let children = structure.node(node).children.iter();
    children
        .filter_map(|child| match child {
            Child::Mark(mark) => marks.get(mark.0).copied().flatten().map(Node::from),
            Child::Node(id) => {
                let inner = children_of(*id, structure, marks);
                (!inner.is_empty()).then(|| Node::from(group(&structure.node(*id).role, inner)))
            }
        })
        .collect()
}

fn children_of(node: NodeId, structure: &Structure, marks: &[Option<Identifier>]) -> Vec<Node> {
    children(node, structure, marks)
}

fn group(role: &Role, children: Vec<Node>) -> TagGroup {
    match role {
        Role::Section => TagGroup::with_children(Tag::Section, children),
        Role::Heading(level, title) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            TagGroup::with_children(Tag::Hn(level, Some(title.clone())), children)
        }
        Role::Paragraph => TagGroup::with_children(Tag::P, children),
        Role::Table => TagGroup::with_children(Tag::Table, children),
        Role::Row => TagGroup::with_children(Tag::TR, children),
        Role::HeaderCell => TagGroup::with_children(Tag::TH(TableHeaderScope::Column), children),
        Role::Cell => TagGroup::with_children(Tag::TD, children),
        Role::Figure(alt) => TagGroup::with_children(Tag::Figure(Some(alt.clone())), children),
    }
}
