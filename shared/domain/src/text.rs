//! Text from people and forms: normalization, length limits and upper-snake words.

use serde::{Deserialize, Serialize};

/// Maximum length of a [`MultiLine`], in characters: ten times a long message to a business.
pub const MAX_MULTI_LINE_CHARS: usize = 10_000;

/// Maximum length of a [`SingleLine`], in characters.
pub const MAX_SINGLE_LINE_CHARS: usize = 200;

/// Maximum length of an upper-snake word, in characters.
pub const MAX_UPPER_SNAKE_CHARS: usize = 64;

/// Text that is being normalized.
///
/// Forms, spreadsheets and chat tools send characters that nobody sees: control characters, zero-width spaces, marks of
/// the direction of writing, byte-order marks. They would make two equal addresses differ, and a name of nothing
/// visible pass for a name.
#[derive(Clone, Copy, Debug)]
struct Text<'a>(&'a str);

impl Text<'_> {
    /// Returns the characters that are kept: line breaks as they are, and no invisible character but joiners between
    /// letters and emoji.
    fn visible(self) -> impl Iterator<Item = char> {
        let mut before = None;
        let mut rest = self.0.chars().peekable();
        std::iter::from_fn(move || {
            loop {
                let character = rest.next()?;
                let kept = !is_invisible(character) || joins(before, character, rest.peek().copied());
                if kept {
                    before = Some(character);
                    return Some(character);
                }
            }
        })
    }

    /// Returns the text on one line: runs of white space are one space, and none is at the ends.
    fn single_line(self) -> String {
        let mut line = String::with_capacity(self.0.len());
        let mut in_gap = false;
        for character in self.visible() {
            if is_space(character) {
                in_gap = true;
                continue;
            }
            if in_gap && !line.is_empty() {
                line.push(' ');
            }
            in_gap = false;
            line.push(character);
        }
        line
    }

    /// Returns the text with its line breaks, without white space at the ends.
    fn multi_line(self) -> String {
        let lines: String = self.visible().map(|c| if is_line_separator(c) { '\n' } else { c }).collect();
        lines.trim_matches(is_space).to_owned()
    }

    /// Returns the text without any invisible character, joiners included: for addresses and ids, which are compared.
    fn token(self) -> String {
        let visible: String = self.0.chars().filter(|character| !is_invisible(*character)).collect();
        visible.trim_matches(is_space).to_owned()
    }
}

/// Returns whether a character separates lines as `\n` does, and is not a control character of old.
fn is_line_separator(character: char) -> bool {
    matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns whether a character shows as white space. U+2800, a Braille pattern without dots, is used as such.
fn is_space(character: char) -> bool {
    character.is_whitespace() || character == '\u{2800}'
}

/// Returns whether a character shows nothing and is no white space: control characters, and the code points that
/// Unicode marks as `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt) with the interlinear annotations.
pub(crate) fn is_invisible(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(
            character,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Returns whether an invisible character changes how its neighbours look: a joiner in a script or an emoji that is
/// written with one, or the variation selector of an emoji. Between ASCII characters it has no such effect.
fn joins(before: Option<char>, character: char, after: Option<char>) -> bool {
    let shapes = |neighbour: Option<char>| neighbour.is_some_and(|c| !c.is_ascii() && !is_space(c) && !is_invisible(c));
    let is_selector = |c: Option<char>| c.is_some_and(|c| matches!(c, '\u{FE00}'..='\u{FE0F}'));
    match character {
        '\u{200C}' | '\u{200D}' => (shapes(before) || is_selector(before)) && shapes(after),
        '\u{FE00}'..='\u{FE0F}' => shapes(before),
        _ => false,
    }
}

/// Returns whether a character shows nothing: white space, control and invisible characters.
pub fn shows_nothing(character: char) -> bool {
    is_space(character) || is_invisible(character)
}

/// Returns whether `text` shows nothing: it is empty, or has only characters that do.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(shows_nothing)
}

/// Returns `text` without control and invisible characters, with its line breaks and tabs.
///
/// # Errors
///
/// Returns the reason as a sentence fragment if nothing is left, or more than `max_chars` characters.
pub fn multi_line(text: &str, max_chars: usize) -> Result<String, String> {
    within(Text(text).multi_line(), max_chars)
}

/// Returns `text` on a single line, so that it can be used in a header or a subject: without control and invisible
/// characters, with each run of white space as one space.
///
/// # Errors
///
/// As [`multi_line`].
pub fn single_line(text: &str, max_chars: usize) -> Result<String, String> {
    within(Text(text).single_line(), max_chars)
}

/// Returns `text`, which is compared with others, without control and invisible characters and without white space at
/// the ends. White space inside is left for the caller to reject.
///
/// # Errors
///
/// As [`multi_line`].
pub fn token(text: &str, max_chars: usize) -> Result<String, String> {
    within(Text(text).token(), max_chars)
}

fn within(text: String, max_chars: usize) -> Result<String, String> {
    if text.is_empty() || is_blank(&text) {
        return Err("must not be empty".to_owned());
    }
    if text.chars().count() > max_chars {
        return Err(format!("must be at most {max_chars} characters"));
    }
    Ok(text)
}

/// Returns `text` if it is an upper-snake word such as `WEB_FORM`, of at most 64 characters.
///
/// # Errors
///
/// Returns the reason as a sentence fragment for anything else.
pub fn upper_snake(text: &str) -> Result<String, String> {
    let text = token(text, usize::MAX)?;
    let mut characters = text.chars();
    let starts = characters.next().is_some_and(|c| c.is_ascii_uppercase());
    let rest = characters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if starts && rest && text.len() <= MAX_UPPER_SNAKE_CHARS && !text.ends_with('_') {
        Ok(text)
    } else {
        Err(format!("must be an upper-case word such as WEB_FORM, of at most {MAX_UPPER_SNAKE_CHARS} characters"))
    }
}

/// A text of up to 10,000 characters that may have several lines, such as a lead's message or a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MultiLine(String);

impl MultiLine {
    /// Parses a text.
    ///
    /// # Errors
    ///
    /// Returns the reason as a sentence fragment, as [`multi_line`] does.
    pub fn parse(text: &str) -> Result<Self, String> {
        multi_line(text, MAX_MULTI_LINE_CHARS).map(Self)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text of up to 200 characters on a single line, such as a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SingleLine(String);

impl SingleLine {
    /// Parses a text.
    ///
    /// # Errors
    ///
    /// Returns the reason as a sentence fragment, as [`single_line`] does.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_within(text, MAX_SINGLE_LINE_CHARS)
    }

    /// Parses a text of at most `max_chars` characters.
    ///
    /// # Errors
    ///
    /// Returns the reason as a sentence fragment, as [`single_line`] does.
    pub fn parse_within(text: &str, max_chars: usize) -> Result<Self, String> {
        single_line(text, max_chars).map(Self)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
