//! Folding of text, so that spellings compare equal.

use crate::text::is_invisible;

/// Words without a meaning of their own, which may occur anywhere in a phrase ("stop, please, texting me"), folded.
const FILLERS: &[&str] = &[
    "please",
    "pls",
    "plz",
    "plse",
    "plss",
    "bitte",
    "snalla",
    "ever",
    "just",
    "really",
    "actually",
    "simply",
    "fucking",
    "fuckin",
    "freaking",
    "frigging",
    "effing",
    "damn",
    "damned",
    "goddamn",
    "bloody",
    "javla",
    "forbannade",
    "verdammt",
    "verdammten",
    "doch",
    "mal",
    "einfach",
    "vraiment",
    "simplement",
    "malditos",
    "malditas",
    "putos",
];

/// Returns whether the folded `word` is one that may occur anywhere in a phrase.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// Returns the words of `text`, folded, without fillers and with one space between two of them. Letters that stand
/// alone are joined: `S T O P` is `stop`.
pub(super) fn fold_words(text: &str) -> String {
    let folded = fold(text);
    let mut words: Vec<String> = Vec::new();
    let mut letters = String::new();
    for word in folded.split_whitespace().chain([""]) {
        if word.chars().count() == 1 {
            letters.push_str(word);
            continue;
        }
        if letters.chars().count() > 2 {
            words.push(std::mem::take(&mut letters));
        } else {
            words.extend(letters.drain(..).map(String::from));
        }
        words.push(word.to_owned());
    }
    words.retain(|word| !word.is_empty() && !is_filler(word));
    words.join(" ")
}

/// Returns `text` in lower case and without accents, with spaces in place of everything but letters and digits.
pub(super) fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => plain.push('a'),
            'è'..='ë' | 'ē' | 'ę' | 'ě' => plain.push('e'),
            'ì'..='ï' | 'ī' | 'ı' => plain.push('i'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => plain.push('o'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => plain.push('u'),
            'ý' | 'ÿ' => plain.push('y'),
            'ç' | 'ć' | 'č' => plain.push('c'),
            'ñ' | 'ń' => plain.push('n'),
            'š' | 'ś' => plain.push('s'),
            'ž' | 'ź' | 'ż' => plain.push('z'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            // Full-width letters, which some keyboards produce.
            'ａ'..='ｚ' => plain.extend(char::from_u32(u32::from(c) - 0xFEE0)),
            // Combining accents.
            '\u{300}'..='\u{36F}' => {}
            c if is_invisible(c) => {}
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    plain
}
