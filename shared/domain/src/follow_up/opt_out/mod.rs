//! Recognition of opt-outs: replies that ask for no more messages.
//!
//! The whole message must be an opt-out keyword or phrase, never a part of it: "Stop by at 5?" is a customer on the
//! way. Before the comparison, the message is folded (case, accents, punctuation and emoji make no difference), and
//! courtesies ("please", "thank you") may surround or separate phrases, which may also be repeated.
//!
//! The English keywords are those of the United States' rule on revocation of consent (47 CFR 64.1200(a)(10): stop,
//! quit, end, revoke, opt out, cancel, unsubscribe) and those that carriers add. Swedish, Spanish, German and French
//! have the equivalents. Words that may as well answer a question are left out: "no", "fin" (Swedish for "nice"),
//! "slut" (Swedish for "sold out").

mod fold;
#[cfg(test)]
mod tests;

use fold::fold;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Maximum number of characters of an opt-out. A longer message says more than that.
const MAX_CHARS: usize = 200;

/// Opt-out keywords and phrases in five languages.
const PHRASES: &str = include_str!("phrases.txt");

/// Words that may surround or separate opt-out phrases.
const COURTESIES: &str = include_str!("courtesies.txt");

/// Courtesies that may also occur within a phrase ("stop, please, texting me"), folded.
const FILLER_WORDS: &[&str] = &["please", "pls", "plz", "bitte", "snalla"];

/// Returns whether `text` as a whole asks for no more messages, in English, Swedish, Spanish, German or French.
pub fn is_opt_out(text: &str) -> bool {
    if text.chars().count() > MAX_CHARS {
        return false;
    }
    let folded = fold(text);
    let words: Vec<_> = folded.split_whitespace().filter(|word| !FILLER_WORDS.contains(word)).collect();
    // Dynamic programming over the words: `parsed[n]` is the result for the first `n` words, or `None` if they cannot
    // be split into phrases and courtesies.
    let mut parsed = vec![None; words.len() + 1];
    parsed[0] = Some(Parsed::Courtesies);
    for from in 0..words.len() {
        let Some(before) = parsed[from] else { continue };
        let mut joined = String::new();
        for (to, word) in words.iter().enumerate().skip(from) {
            joined.push_str(word);
            let found = if KNOWN.phrases.contains(&joined) {
                Parsed::OptOut
            } else if KNOWN.courtesies.contains(&joined) {
                before
            } else {
                continue;
            };
            parsed[to + 1] = parsed[to + 1].max(Some(found));
        }
    }
    parsed[words.len()] == Some(Parsed::OptOut)
}

/// The result of parsing a message or its beginning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Parsed {
    /// Courtesies only.
    Courtesies,
    /// At least one opt-out phrase.
    OptOut,
}

/// The known phrases and courtesies, folded and without spaces.
struct Known {
    phrases: HashSet<String>,
    courtesies: HashSet<String>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| Known { phrases: parse(PHRASES), courtesies: parse(COURTESIES) });

/// Parses a file of phrases, which are separated by commas or line ends. Lines that begin with `#` are comments.
fn parse(file: &str) -> HashSet<String> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let phrases = lines.flat_map(|line| line.split(',')).map(|phrase| fold(phrase).replace(' ', ""));
    phrases.filter(|phrase| !phrase.is_empty()).collect()
}
