//! Validation of text: length limits, single lines and upper-snake words.

use serde::{Deserialize, Serialize};

/// Returns `text` trimmed, which may have line breaks and tabs but no other control characters.
///
/// # Errors
///
/// Returns the reason as a sentence fragment if the trimmed text is empty, is longer than `max_chars` characters or
/// has control characters.
pub fn multi_line(text: &str, max_chars: usize) -> Result<String, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if trimmed.chars().count() > max_chars {
        return Err(format!("must be at most {max_chars} characters"));
    }
    if trimmed.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("must not contain control characters".to_owned());
    }
    Ok(trimmed.to_owned())
}

/// Returns `text` trimmed, on a single line, so that it can be used in a header or a subject.
///
/// # Errors
///
/// Returns the reason as a sentence fragment, as [`multi_line`] does, and also if the text has line breaks or tabs.
pub fn single_line(text: &str, max_chars: usize) -> Result<String, String> {
    let text = multi_line(text, max_chars)?;
    if text.chars().any(char::is_control) { Err("must be a single line".to_owned()) } else { Ok(text) }
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

/// Returns `text` if it is an upper-snake word such as `WEB_FORM`, of at most 64 characters.
///
/// # Errors
///
/// Returns the reason as a sentence fragment for anything else.
pub fn upper_snake(text: &str) -> Result<String, String> {
    let mut characters = text.chars();
    let starts = characters.next().is_some_and(|c| c.is_ascii_uppercase());
    let rest = characters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if starts && rest && text.len() <= 64 && !text.ends_with('_') {
        Ok(text.to_owned())
    } else {
        Err("must be an upper-case word such as WEB_FORM, of at most 64 characters".to_owned())
    }
}

/// A text of up to 4,000 characters that may have several lines, such as a lead's message or a description.
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
        multi_line(text, 4_000).map(Self)
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
        single_line(text, 200).map(Self)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
