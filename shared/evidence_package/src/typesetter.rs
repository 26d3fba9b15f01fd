//! Layout of text: choice of fonts, shaping, direction and line breaks.

use crate::fonts::{FONTS, Weight};
use crate::page_size::CONTENT_WIDTH;
use crate::visible_text::{REPLACEMENT, is_joiner, visible, visible_line};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::fontique::{Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontWeight, Layout, LayoutContext, Line as LaidOutLine,
    LineHeight, OverflowWrap, StyleProperty,
};
use skrifa::charmap::Charmap;
use skrifa::{FontRef, MetadataProvider};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A color: red, green, blue.
pub(crate) type Color = [u8; 3];

/// The look of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    /// Font size in points.
    pub(crate) size: f32,
    /// Weight.
    pub(crate) weight: Weight,
    /// Color.
    pub(crate) color: Color,
    /// Distance of lines, relative to the size.
    pub(crate) leading: f32,
    /// Width of letters.
    pub(crate) spacing: Spacing,
}

/// The width of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Spacing {
    /// As the letters ask for.
    Proportional,
    /// The same for all.
    Mono,
    /// Wider, for short labels in capitals.
    Wide,
}

/// A laid out line.
#[derive(Debug)]
pub(crate) struct Line {
    /// Text of the paragraph, which the glyphs refer to.
    pub(crate) text: Arc<str>,
    /// Height in points.
    pub(crate) height: f32,
    /// Distance of the baseline from the top.
    pub(crate) baseline: f32,
    /// Width of the visible part.
    pub(crate) width: f32,
    /// Glyphs with the same font, from left to right.
    pub(crate) runs: Vec<Run>,
    /// Color.
    pub(crate) color: Color,
}

/// Glyphs with the same font.
#[derive(Debug)]
pub(crate) struct Run {
    /// Distance from the left edge of the paragraph.
    pub(crate) x: f32,
    /// Index into [`FONTS`].
    pub(crate) font: usize,
    /// Font size in points.
    pub(crate) size: f32,
    /// Glyphs, with advances relative to the size.
    pub(crate) glyphs: Vec<KrillaGlyph>,
}

/// Lines of a text, shared by every place that shows it.
pub(crate) type Lines = Rc<Vec<Rc<Line>>>;

/// Key of a laid out text: text, size and width in hundredths of a point, weight, color, leading, spacing.
type Key = (String, i32, i32, Weight, Color, i32, Spacing);

/// Maximum number of characters of a text of which a few lines are shown.
const MAX_CHARS_OF_FEW_LINES: usize = 400;

/// Lays out texts, and keeps what it laid out: the search for a plan lays out the same texts many times.
pub(crate) struct Typesetter {
    fonts: FontContext,
    layouts: LayoutContext<()>,
    by_blob: HashMap<u64, usize>,
    charmaps: Vec<Charmap<'static>>,
    covered: HashMap<char, bool>,
    krilla_fonts: Vec<Option<Font>>,
    laid_out: HashMap<Key, Lines>,
}

impl Typesetter {
    /// Creates a typesetter with the embedded fonts and no others, so that the result is the same on every machine.
    pub(crate) fn new() -> Self {
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        let mut by_blob = HashMap::new();
        for (index, font) in FONTS.iter().enumerate() {
            let blob = Blob::new(Arc::new(font.data));
            by_blob.insert(blob.id(), index);
            let weight = match font.weight {
                Weight::Regular => FontWeight::NORMAL,
                Weight::SemiBold => FontWeight::SEMI_BOLD,
            };
            let info = FontInfoOverride { family_name: Some(font.family), weight: Some(weight), ..Default::default() };
            collection.register_fonts(blob, Some(info));
        }
        let charmaps = FONTS.iter().filter_map(|font| Some(FontRef::new(font.data).ok()?.charmap())).collect();
        Self {
            fonts: FontContext { collection, source_cache: SourceCache::default() },
            layouts: LayoutContext::new(),
            by_blob,
            charmaps,
            covered: HashMap::new(),
            krilla_fonts: FONTS.iter().map(|_| None).collect(),
            laid_out: HashMap::new(),
        }
    }

    /// Returns the font with an index for drawing.
    pub(crate) fn font(&mut self, index: usize) -> Option<Font> {
        let slot = self.krilla_fonts.get_mut(index)?;
        if slot.is_none() {
            *slot = Font::new(FONTS.get(index)?.data.into(), 0);
        }
        slot.clone()
    }

    /// Lays out `text` in lines of at most `width` points. Words that are longer are broken.
    pub(crate) fn lines(&mut self, text: &str, style: Style, width: f32) -> Lines {
        let hundredths = |points: f32| (points * 100.0).round() as i32;
        let key = (
            text.to_owned(),
            hundredths(style.size),
            hundredths(width),
            style.weight,
            style.color,
            hundredths(style.leading),
            style.spacing,
        );
        if let Some(lines) = self.laid_out.get(&key) {
            return Rc::clone(lines);
        }
        let text = self.drawable(&visible(text));
        let lines = text.split('\n').flat_map(|paragraph| self.paragraph(paragraph, style, width));
        let lines = Rc::new(lines.collect::<Vec<_>>());
        self.laid_out.insert(key, Rc::clone(&lines));
        lines
    }

    /// Returns the first line of `text` in at most `width` points, with an ellipsis if there is more.
    pub(crate) fn one_line(&mut self, text: &str, style: Style, width: f32) -> Rc<Line> {
        let text = visible_line(text);
        let lines = self.few_lines(&text, style, width, 1);
        lines.first().cloned().unwrap_or_else(|| Rc::new(empty_line(style)))
    }

    /// Returns the first `max_lines` lines of `text`, with an ellipsis if there is more.
    pub(crate) fn few_lines(&mut self, text: &str, style: Style, width: f32, max_lines: usize) -> Lines {
        let count = text.chars().count();
        let mut first = |end: usize| {
            let start: String = text.chars().take(end).collect();
            let shown = if end < count { format!("{}…", start.trim_end()) } else { start };
            self.lines(&shown, style, width)
        };
        // So many characters fit: `low` do, `high` do not.
        let (mut low, mut high) = (0, count.min(MAX_CHARS_OF_FEW_LINES) + 1);
        while high - low > 1 {
            // Mostly everything fits.
            let middle = if high == count + 1 { count } else { usize::midpoint(low, high) };
            if first(middle).len() <= max_lines { low = middle } else { high = middle }
        }
        first(low)
    }

    /// Returns `text` with a replacement for characters that no font has.
    fn drawable(&mut self, text: &str) -> String {
        let charmaps = &self.charmaps;
        let covered = &mut self.covered;
        text.chars()
            .map(|character| {
                let is_drawn = character == '\n'
                    || is_joiner(character)
                    || *covered
                        .entry(character)
                        .or_insert_with(|| charmaps.iter().any(|charmap| charmap.map(character).is_some()));
                if is_drawn { character } else { REPLACEMENT }
            })
            .collect()
    }

    /// Lays out a paragraph without line breaks.
    fn paragraph(&mut self, text: &str, style: Style, width: f32) -> Vec<Rc<Line>> {
        if text.trim().is_empty() {
            return vec![Rc::new(empty_line(style))];
        }
        let families = families(text, style.spacing);
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::Source(Cow::Owned(families))));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::Absolute(style.size * style.leading)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        if style.weight == Weight::SemiBold {
            builder.push_default(StyleProperty::FontWeight(FontWeight::SEMI_BOLD));
        }
        if style.spacing == Spacing::Wide {
            builder.push_default(StyleProperty::LetterSpacing(style.size * 0.09));
        }
        let mut layout: Layout<()> = builder.build(text);
        layout.break_all_lines(Some(width));
        // In columns, a name begins at the left in every script, below its label; texts begin where their script does.
        let is_name = layout.len() == 1 && width < CONTENT_WIDTH - 1.0;
        let alignment = if is_name { Alignment::Left } else { Alignment::Start };
        layout.align(alignment, AlignmentOptions::default());
        let shared: Arc<str> = Arc::from(text);
        layout.lines().map(|line| Rc::new(self.line(&line, &shared, style))).collect()
    }

    fn line(&self, line: &LaidOutLine<'_, ()>, text: &Arc<str>, style: Style) -> Line {
        let metrics = line.metrics();
        let height = style.size * style.leading;
        let mut x = metrics.offset;
        let mut runs = Vec::new();
        for run in line.runs() {
            let size = run.font_size();
            let font = self.by_blob.get(&run.font().data.id()).copied().unwrap_or_default();
            let clusters: Vec<_> = run.clusters().collect();
            // The parts of a ligature have no glyphs: its first cluster stands for the text of all.
            let mut ends: Vec<usize> = clusters.iter().map(|cluster| cluster.text_range().end).collect();
            for index in (1..clusters.len()).rev() {
                if clusters[index].is_ligature_continuation() {
                    ends[index - 1] = ends[index - 1].max(ends[index]);
                }
            }
            let mut visual: Vec<usize> = (0..clusters.len()).collect();
            if run.is_rtl() {
                visual.reverse();
            }
            let start = x;
            let mut glyphs = Vec::new();
            for index in visual {
                let range = clusters[index].text_range().start..ends[index];
                for glyph in clusters[index].glyphs() {
                    glyphs.push(KrillaGlyph::new(
                        GlyphId::new(glyph.id),
                        glyph.advance / size,
                        glyph.x / size,
                        -glyph.y / size,
                        0.0,
                        range.clone(),
                        None,
                    ));
                    x += glyph.advance;
                }
            }
            if !glyphs.is_empty() {
                runs.push(Run { x: start, font, size, glyphs });
            }
        }
        // Fonts of other scripts have other heights; the baseline of a line stays where that of Latin text is.
        let baseline = height / 2.0 + style.size * 0.35;
        let width = metrics.offset + metrics.advance - metrics.trailing_whitespace;
        Line { text: Arc::clone(text), height, baseline, width, runs, color: style.color }
    }
}

fn empty_line(style: Style) -> Line {
    let height = style.size * style.leading;
    Line { text: Arc::from(""), height, baseline: height * 0.75, width: 0.0, runs: Vec::new(), color: style.color }
}

/// Returns the families in the order in which they are asked for a character. Han characters have other forms in Japanese,
/// which a text is taken for if it has kana.
fn families(text: &str, spacing: Spacing) -> String {
    let is_japanese = text.chars().any(|character| matches!(character, '\u{3040}'..='\u{30ff}'));
    let mut names: Vec<&str> = FONTS.iter().map(|font| font.family).collect();
    names.dedup();
    names.retain(|name| *name != "Noto Sans Mono");
    if spacing == Spacing::Mono {
        names.insert(0, "Noto Sans Mono");
    }
    if !is_japanese {
        names.retain(|name| *name != "Noto Sans JP");
        names.push("Noto Sans JP");
    }
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}
