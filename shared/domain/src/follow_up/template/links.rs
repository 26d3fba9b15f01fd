//! Values in a message that make no link.
//!
//! Mail programs and messengers turn URLs, bare domains and addresses into links, also those that a stranger has entered
//! as a name. A space in the right place prevents it, and the value stays readable: `http: //evil. example/win`. Only
//! separators beside a character of a value are separated; links in the template's own text stay.

use crate::text::is_invisible;

/// A character of a message, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Character {
    /// The character.
    pub(super) character: char,
    /// The part of the message that it comes from.
    pub(super) origin: Origin,
}

/// The part of a message that a character comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The template, or the name of the business: text of the operator.
    Operator,
    /// A value that the lead has.
    Lead,
}

/// Returns a value on a single line, without control, format and bidirectional characters, of at most `max_chars`
/// characters. What a person enters into a form must not add lines to a message, or reverse it.
pub(super) fn on_one_line(value: &str, max_chars: usize) -> String {
    let visible: String = value.chars().filter(|character| !is_invisible(*character)).collect();
    let words: Vec<_> = visible.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(max_chars).collect();
    line.trim_end().to_owned()
}

/// Returns the message with a space behind each separator that would make a link with a value.
pub(super) fn without_links(message: &[Character]) -> String {
    let mut text = String::with_capacity(message.len());
    for (position, current) in message.iter().enumerate() {
        text.push(current.character);
        let before = position.checked_sub(1).and_then(|before| message.get(before));
        let following = message.get(position + 1..).and_then(<[Character]>::split_first);
        let Some((behind, rest)) = following else { continue };
        let is_filled = [before, Some(current), Some(behind)]
            .into_iter()
            .flatten()
            .any(|neighbour| neighbour.origin == Origin::Lead);
        if is_filled && links(before.map(|c| c.character), current.character, behind.character, rest) {
            text.push(' ');
        }
    }
    text
}

/// Returns whether a separator may make a link of its neighbours.
fn links(before: Option<char>, separator: char, behind: char, rest: &[Character]) -> bool {
    if behind.is_whitespace() {
        return false;
    }
    let has_word_before = before.is_some_and(|before| !before.is_whitespace());
    if is_dot(separator) {
        // A top-level domain begins with a letter, and has two at least: "J.R.", "2.0" and "E.V." are no domains.
        let second = rest.first().map(|second| second.character);
        let is_short = behind.is_ascii() && second.is_none_or(|second| !is_label(second));
        return has_word_before && ((behind.is_alphabetic() && !is_short) || is_address(before, behind, rest));
    }
    if is_colon(separator) {
        // The scheme of a URI may end with a digit, but "10:30" has none.
        let is_time = before.is_some_and(char::is_numeric) && behind.is_numeric();
        return has_word_before && !is_time;
    }
    // A share on a server: "\\server\share".
    let is_share = separator == '\\' && behind == '\\';
    (is_at(separator) && has_word_before) || is_share
}

/// Returns whether the dot is one of those in an IP address, which messengers make a link of: digits and dots follow
/// and precede it, and there are three dots in all.
fn is_address(before: Option<char>, behind: char, rest: &[Character]) -> bool {
    let is_part = |c: char| c.is_numeric() || is_dot(c);
    let dots = rest.iter().map(|c| c.character).take_while(|c| is_part(*c)).filter(|c| is_dot(*c)).count();
    before.is_some_and(char::is_numeric) && behind.is_numeric() && dots >= 2
}

/// Returns whether the character belongs to a label of a domain.
fn is_label(character: char) -> bool {
    character.is_alphanumeric() || character == '-' || (!character.is_ascii() && !character.is_whitespace())
}

/// Returns whether the character is a full stop, or one that browsers read as such (UTS #46) or that looks like one.
fn is_dot(character: char) -> bool {
    matches!(
        character,
        '.' | '\u{3002}'
            | '\u{FF0E}'
            | '\u{FF61}'
            | '\u{FE52}'
            | '\u{2024}'..='\u{2026}'
            | '\u{2488}'..='\u{249B}'
            | '\u{6D4}'
            | '\u{701}'
            | '\u{702}'
            | '\u{A4F8}'
            | '\u{1F100}'
    )
}

fn is_colon(character: char) -> bool {
    matches!(character, ':' | '\u{FF1A}' | '\u{FE55}' | '\u{FE13}' | '\u{2236}' | '\u{A789}')
}

fn is_at(character: char) -> bool {
    matches!(character, '@' | '\u{FF20}' | '\u{FE6B}')
}
