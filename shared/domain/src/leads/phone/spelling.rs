//! Spellings of telephone numbers: characters of other scripts, labels, words and extensions around a number.

use crate::text::is_invisible;
use rlibphonenumber::PHONE_NUMBER_UTIL;

/// Minimum number of digits of a number, so that "5pm" is none.
const MIN_DIGITS: usize = 3;

/// Maximum number of slashes of which each may be the end of the first number. Some numbers are written with one or two.
const MAX_SLASHES: usize = 4;

/// Labels of extensions. The digits behind them belong to a switchboard.
const EXTENSION_LABELS: [&str; 18] = [
    "x",
    "#",
    ",",
    ";",
    "ext",
    "extn",
    "extension",
    "доб",
    "anexo",
    "int",
    "poste",
    "ankn",
    "anknytning",
    "durchwahl",
    "dw",
    "app",
    "linje",
    "tlw",
];

/// A telephone number as it is written, in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// The whole text.
    text: String,
    /// The part of the text that is dialled: digits, plus sign and separators.
    dialled: String,
    /// Words around the number.
    words: Words,
}

/// Words around a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    /// None but a label before it and an extension after it.
    LabelAndExtension,
    /// Others.
    Sentence,
}

impl Spelling {
    /// Finds the number in a text. Returns `None` if the text has too few digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = ascii(text);
        let text = without_decimals(&text)?;
        let start = text.find(|c: char| c.is_ascii_digit() || c == '+')?;
        let (label, rest) = text.split_at(start);
        // A bracket before the first digit belongs to the number: "(0)70", "(+46) 70".
        let opened = if label.ends_with('(') { "(" } else { "" };
        let end = end_of_number(rest);
        let (number, extension) = rest.split_at(end);
        let dialled = international_prefix_once(&format!("{opened}{number}"));
        if dialled.chars().filter(char::is_ascii_digit).count() < MIN_DIGITS && !text.contains(CONTEXT) {
            return None;
        }
        let is_plain = label.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count() <= 1;
        let is_plain = (is_plain && is_extension(extension)) || text.contains(CONTEXT);
        let words = if is_plain { Words::LabelAndExtension } else { Words::Sentence };
        Some(Self { text: text.to_owned(), dialled, words })
    }

    /// Returns the spellings of the number that may be meant, the most literal first: as written; without the zero in
    /// brackets, which is dialled only within a country; and the first of two numbers that a slash separates.
    pub(super) fn variants(&self) -> Vec<String> {
        let whole = [self.dialled.clone(), without_bracketed_zero(&self.dialled)];
        let slashes: Vec<_> = self.dialled.match_indices('/').take(MAX_SLASHES).collect();
        let first_of_several = slashes.into_iter().rev().map(|(slash, _)| self.dialled[..slash].to_owned());
        let mut variants: Vec<String> = Vec::new();
        for variant in whole.into_iter().chain(first_of_several) {
            if !variants.contains(&variant) {
                variants.push(variant);
            }
        }
        variants
    }

    /// Returns whether there are words around the number, so that its digits may be anything.
    pub(super) fn is_in_a_sentence(&self) -> bool {
        self.words == Words::Sentence
    }

    /// Returns the text if it spells digits as letters, as in 1-800-FLOWERS.
    pub(super) fn vanity(&self) -> Option<&str> {
        let spelled = self.text.chars().all(|c| c.is_ascii_alphanumeric() || is_separator(c) || c == '+');
        let starts = self.text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('));
        let longest_word = self.text.split(|c: char| !c.is_ascii_alphabetic()).map(str::len).max().unwrap_or(0);
        (spelled && starts && longest_word >= 3).then_some(&self.text)
    }

    /// Returns the text if it names the country of its number as a `tel` URI does (RFC 3966, `phone-context`).
    pub(super) fn with_context(&self) -> Option<&str> {
        self.text.contains(CONTEXT).then_some(&self.text)
    }
}

const CONTEXT: &str = ";phone-context=";

/// Returns the digits of a spelling.
pub(super) fn digits_of(spelling: &str) -> String {
    spelling.chars().filter(char::is_ascii_digit).collect()
}

fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '-' | '.' | '(' | ')' | '/')
}

/// Returns the text with digits of any script, dashes, spaces and brackets in ASCII, and without invisible characters.
fn ascii(text: &str) -> String {
    let characters = text.chars().filter(|character| !is_invisible(*character)).filter_map(ascii_character);
    characters.collect::<String>().trim().to_owned()
}

fn ascii_character(character: char) -> Option<char> {
    Some(match character {
        '[' | '{' => '(',
        ']' | '}' => ')',
        '\'' | '_' | ':' => ' ',
        ascii if ascii.is_ascii() && !ascii.is_control() => ascii,
        space if space.is_whitespace() || space.is_control() => ' ',
        // Combining signs, such as the keycap of an emoji.
        '\u{20D0}'..='\u{20FF}' => return None,
        '\u{2795}' | '\u{207A}' | '\u{FE62}' | '\u{FF0B}' => '+',
        '\u{58A}'
        | '\u{5BE}'
        | '\u{1806}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2053}'
        | '\u{207B}'
        | '\u{2212}'
        | '\u{223C}'
        | '\u{2796}'
        | '\u{2E3A}'
        | '\u{2E3B}'
        | '\u{301C}'
        | '\u{3030}'
        | '\u{30FC}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}'
        | '\u{FF5E}' => '-',
        '\u{2044}' | '\u{2215}' | '\u{29F8}' => '/',
        '\u{2024}' | '\u{3002}' | '\u{FF61}' => '.',
        '\u{B7}' | '\u{2022}' | '\u{2027}' | '\u{30FB}' | '\u{FF65}' | '\u{2018}' | '\u{2019}' => ' ',
        '\u{207D}' | '\u{2768}' | '\u{FE59}' | '\u{3010}' | '\u{3014}' => '(',
        '\u{207E}' | '\u{2769}' | '\u{FE5A}' | '\u{3011}' | '\u{3015}' => ')',
        full_width @ '\u{FF01}'..='\u{FF5E}' => {
            let code = u32::from(full_width) - u32::from('\u{FF01}') + u32::from('!');
            return char::from_u32(code).and_then(ascii_character);
        }
        other => digit_value(other).unwrap_or(other),
    })
}

/// Returns the text without the decimals that spreadsheets add to a number. Returns `None` for a number that a
/// spreadsheet has rounded ("4.67E+10"): its digits are lost.
fn without_decimals(text: &str) -> Option<&str> {
    let digits = text.trim_start_matches('+');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((mantissa, exponent)) = digits.split_once(['E', 'e']) {
        let rounded = mantissa.split_once(['.', ',']).is_some_and(|(whole, rest)| is_number(whole) && is_number(rest));
        if rounded && is_number(exponent.trim_start_matches(['+', '-'])) {
            return None;
        }
    }
    let whole = digits.strip_suffix(".0").filter(|whole| is_number(whole));
    Some(whole.map_or(text, |_| text.strip_suffix(".0").unwrap_or(text)))
}

/// Returns the end of the characters that are dialled: the first one that is none, or a plus sign after digits, which
/// begins another number.
fn end_of_number(text: &str) -> usize {
    let mut has_digits = false;
    for (position, character) in text.char_indices() {
        let zeros = text[..position].chars().all(|c| c == '0' || !c.is_ascii_digit());
        match character {
            '+' if !has_digits || zeros => {}
            digit if digit.is_ascii_digit() => has_digits = true,
            separator if is_separator(separator) || separator == '~' => {}
            _ => return position,
        }
    }
    text.len()
}

/// Returns the number with one plus sign for signs and zeros that mean the same together: "++46", "+0046", "00+46".
fn international_prefix_once(number: &str) -> String {
    let number = number.replace('~', "-");
    match number.rsplit_once('+') {
        Some((_, rest)) => {
            let rest = rest.trim_start_matches(is_separator);
            format!("+{}", rest.strip_prefix("00").unwrap_or(rest))
        }
        None => number,
    }
}

/// Returns whether what follows a number is an extension, or nothing but punctuation.
fn is_extension(text: &str) -> bool {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '#' | ',' | ';')).to_lowercase();
    let label = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - label.len();
    let label = label.trim_matches(|c: char| !c.is_alphabetic() && c != '#');
    let label = if label.is_empty() && !text.is_empty() { "#" } else { label };
    text.is_empty() || ((1..=9).contains(&digits) && EXTENSION_LABELS.contains(&label))
}

/// Returns the number without a zero in brackets of its own.
fn without_bracketed_zero(number: &str) -> String {
    let Some((before, behind)) = number.split_once('(') else { return number.to_owned() };
    match behind.split_once(')') {
        Some((inside, after)) if inside.trim() == "0" => format!("{before} {after}"),
        Some((inside, after)) => format!("{before}({inside}){}", without_bracketed_zero(after)),
        None => number.to_owned(),
    }
}

/// Returns a decimal digit of any script as an ASCII digit.
fn digit_value(character: char) -> Option<char> {
    let is_candidate = !character.is_ascii() && character.is_numeric();
    is_candidate.then(|| PHONE_NUMBER_UTIL.normalize_digits_only(character.to_string()).chars().next()).flatten()
}
