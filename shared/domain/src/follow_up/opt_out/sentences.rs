//! Division of a text into sentences, and of a sentence into clauses.

use super::fold::{fold, fold_words};

/// Length from which a line without a full stop is taken for one that the program has wrapped, in characters. Programs
/// wrap at 60 to 80.
const MIN_WRAPPED_LINE: usize = 45;

/// Punctuation that ends a sentence.
const SENTENCE_ENDS: &[char] = &['.', '!', '?', '…', ';', '。', '！', '？', '‼', '⁉'];

/// Reading of line ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// A line is a sentence, unless it has been wrapped because it is long.
    EndSentences,
    /// A line that begins with a small letter also continues the sentence.
    ContinueBeforeSmallLetters,
}

/// A part of a sentence, between commas, dashes and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    /// The words as written.
    pub(super) words: Vec<String>,
    /// The words, folded and joined by spaces.
    pub(super) folded: String,
}

/// A sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    /// The clauses. None is without words.
    pub(super) clauses: Vec<Clause>,
    /// True if the sentence ends with a question mark.
    pub(super) is_question: bool,
}

impl Sentence {
    /// Returns the clauses `from..to`, folded as one text.
    pub(super) fn folded(&self, from: usize, to: usize) -> String {
        let clauses: Vec<_> = self.clauses[from..to].iter().map(|clause| clause.folded.as_str()).collect();
        clauses.join(" ")
    }
}

/// Returns the sentences of `text`.
pub(super) fn sentences(text: &str, line_ends: LineEnds) -> Vec<Sentence> {
    let joined = join_wrapped_lines(text, line_ends);
    let mut sentences = Vec::new();
    for line in joined.lines() {
        let mut start = 0;
        let mut characters = line.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            if !SENTENCE_ENDS.contains(&c) || is_within_a_word(line, at, c) {
                continue;
            }
            while characters.next_if(|(_, next)| SENTENCE_ENDS.contains(next) || next.is_whitespace()).is_some() {}
            let end = characters.peek().map_or(line.len(), |(next, _)| *next);
            sentences.extend(sentence(&line[start..end]));
            start = end;
        }
        sentences.extend(sentence(&line[start..]));
    }
    sentences
}

/// Returns whether the stop at `at` belongs to a word, such as an abbreviation or an address: `s.t.o.p`.
fn is_within_a_word(line: &str, at: usize, c: char) -> bool {
    c == '.' && line[at + 1..].starts_with(char::is_alphanumeric)
}

/// Joins lines that belong to one sentence.
fn join_wrapped_lines(text: &str, line_ends: LineEnds) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut before = "";
    for line in text.lines().map(str::trim) {
        let ended = before.is_empty() || line.is_empty() || before.ends_with(SENTENCE_ENDS);
        let wrapped = before.chars().count() >= MIN_WRAPPED_LINE;
        let continues = line_ends == LineEnds::ContinueBeforeSmallLetters && line.starts_with(char::is_lowercase);
        joined.push(if !ended && (wrapped || continues) { ' ' } else { '\n' });
        joined.push_str(line);
        before = line;
    }
    joined
}

fn sentence(text: &str) -> Option<Sentence> {
    let end: &str = &text[text.trim_end_matches(|c: char| SENTENCE_ENDS.contains(&c) || c.is_whitespace()).len()..];
    let is_question = end.contains(['?', '？']) && !end.contains(['!', '！']);
    let clauses: Vec<_> = clauses(text).into_iter().filter(|clause| !clause.folded.is_empty()).collect();
    (!clauses.is_empty()).then_some(Sentence { clauses, is_question })
}

/// Returns `words` folded, as [`Clause::folded`] is.
pub(super) fn fold_clause(words: &[String]) -> String {
    fold_words(&words.join(" "))
}

/// Words that join two statements, folded. What follows is a clause of its own.
const CONTRASTS: &[&str] = &["but", "men", "pero", "aber", "mais"];

fn clauses(text: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut words = Vec::new();
    let mut end = |words: &mut Vec<String>| {
        let words = std::mem::take(words);
        let folded = fold_clause(&words);
        clauses.push(Clause { words, folded });
    };
    for word in text.split_whitespace() {
        let is_dash = word.chars().all(|c| !c.is_alphanumeric());
        if is_dash || CONTRASTS.contains(&fold(word).trim()) {
            end(&mut words);
            continue;
        }
        if word.starts_with(['(', '/', '–', '—', '-', '~', '[']) {
            end(&mut words);
        }
        for (number, part) in word.split(['–', '—']).enumerate() {
            if number > 0 {
                end(&mut words);
            }
            words.push(part.to_owned());
        }
        if word.ends_with([',', ':', ')', ']', '，']) {
            end(&mut words);
        }
    }
    end(&mut words);
    clauses
}
