//! Patterns of phrases, and their comparison with folded text.
//!
//! A file holds the phrases of one language, in sections with a heading such as `[sentences]`. In all sections but
//! `[classes]`, patterns are separated by commas or line ends. Lines that begin with `#` are comments. In a pattern:
//!
//! - `(a|b c)` is one of several alternatives,
//! - `[a|b c]` is the same, and may be missing,
//! - `{name}` is a class: a line `name = a | b c` of the section `[classes]`, which stands before its use,
//! - `*3` is up to three arbitrary words, and `*` any number of them.
//!
//! Words are folded like the text. The space between two words is optional in the text: `opt out` also matches OPTOUT
//! and OPT-OUT. `ä`, `ö` and `ü` also match `ae`, `oe` and `ue`.

use super::fold::{fold, is_filler};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

/// The phrases of all languages.
pub(super) static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    Grammar::parse(&[
        include_str!("phrases/english.txt"),
        include_str!("phrases/swedish.txt"),
        include_str!("phrases/spanish.txt"),
        include_str!("phrases/german.txt"),
        include_str!("phrases/french.txt"),
    ])
});

/// A section of the files: what its phrases mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Opt-outs if the message says nothing else: "stop".
    Keywords,
    /// Opt-outs as a sentence of their own within a longer message too: "stop texting me".
    Sentences,
    /// Opt-outs in the form of a question: "can you remove me from your list".
    Requests,
    /// Phrases that may surround and separate opt-outs: "thank you", "wrong number".
    Courtesies,
    /// Salutations, which a name may follow.
    Greetings,
    /// Beginnings of a clause that introduces the author, whose name follows: "it's John".
    Introductions,
    /// Clauses that deny and say nothing else: "no".
    Denials,
    /// Closings, which a signature follows.
    Signatures,
    /// Beginnings of clauses that ask for another way of contact: "call me instead".
    Counters,
    /// Beginnings of clauses that restrict an opt-out to a time or a condition: "until Monday".
    Limits,
    /// Beginnings of clauses that tell why the author cannot talk at present: "I'm in a meeting".
    Excuses,
    /// Beginnings of clauses that ask not to be contacted, which an excuse makes a request for the present: "don't
    /// call me, I'm in a meeting".
    Silences,
    /// Phrases that ask for silence at present, wherever they stand in a clause: "don't call me now".
    Postponements,
    /// Tags that make a question of a statement: "…, okay?"
    Tags,
    /// Keywords that withdraw an opt-out: "start".
    OptIn,
}

impl Section {
    const ALL: [(&'static str, Self); 15] = [
        ("keywords", Self::Keywords),
        ("sentences", Self::Sentences),
        ("requests", Self::Requests),
        ("courtesies", Self::Courtesies),
        ("greetings", Self::Greetings),
        ("introductions", Self::Introductions),
        ("denials", Self::Denials),
        ("signatures", Self::Signatures),
        ("counters", Self::Counters),
        ("limits", Self::Limits),
        ("excuses", Self::Excuses),
        ("silences", Self::Silences),
        ("postponements", Self::Postponements),
        ("tags", Self::Tags),
        ("opt in", Self::OptIn),
    ];
}

/// A pattern, or a part of one.
enum Pattern {
    /// A word, in all its spellings.
    Word(Vec<String>),
    /// Parts that follow each other.
    Sequence(Vec<Pattern>),
    /// Alternatives.
    OneOf(Vec<Pattern>),
    /// A part that may be missing.
    Optional(Box<Pattern>),
    /// The class with this index.
    Class(usize),
    /// Up to this number of arbitrary words.
    AnyWords(usize),
}

/// The patterns of several files.
pub(super) struct Grammar {
    classes: Vec<Pattern>,
    sections: Vec<(Section, Vec<Phrase>)>,
}

/// A pattern of a section, with the letters that its matches begin with.
struct Phrase {
    pattern: Pattern,
    initials: Initials,
}

/// A set of letters: a bit for each of `a` to `z`, and one for all other characters. Most phrases can be skipped for
/// their first letter.
type Initials = u32;

/// The set of all characters.
const ANY_INITIAL: Initials = Initials::MAX;

/// Returns the set with the first letter of `text`.
fn initial(text: &str) -> Initials {
    match text.bytes().next() {
        Some(letter @ b'a'..=b'z') => 1 << (letter - b'a'),
        _ => 1 << 26,
    }
}

impl Grammar {
    fn parse(files: &[&str]) -> Self {
        let mut grammar =
            Self { classes: Vec::new(), sections: Section::ALL.map(|(_, section)| (section, Vec::new())).into() };
        for file in files {
            grammar.parse_file(file);
        }
        grammar
    }

    fn parse_file(&mut self, file: &str) {
        let mut names = HashMap::new();
        let mut section = None;
        for line in file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let heading = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
            let known = |name: &str| Section::ALL.into_iter().find(|(heading, _)| *heading == name);
            if heading == Some("classes") {
                section = None;
            } else if let Some((_, found)) = heading.and_then(known) {
                section = Some(found);
            } else if let Some(section) = section {
                let patterns = line.split(',').filter(|pattern| !pattern.trim().is_empty());
                for pattern in patterns {
                    let pattern = PatternParser::new(pattern, &names).alternatives();
                    let initials = self.initials(&pattern).unwrap_or(ANY_INITIAL);
                    self.sections[section as usize].1.push(Phrase { pattern, initials });
                }
            } else {
                let (name, pattern) = line.split_once('=').expect("a class is `name = pattern`");
                let pattern = PatternParser::new(pattern, &names).alternatives();
                names.insert(name.trim().to_owned(), self.classes.len());
                self.classes.push(pattern);
            }
        }
    }
}

impl Grammar {
    /// Returns the letters that matches of `pattern` begin with, or `None` if it may match nothing or any word.
    fn initials(&self, pattern: &Pattern) -> Option<Initials> {
        match pattern {
            Pattern::Word(spellings) => Some(spellings.iter().fold(0, |set, word| set | initial(word))),
            Pattern::OneOf(patterns) => patterns.iter().try_fold(0, |set, pattern| Some(set | self.initials(pattern)?)),
            Pattern::Class(class) => self.initials(&self.classes[*class]),
            Pattern::AnyWords(_) | Pattern::Optional(_) => None,
            Pattern::Sequence(parts) => {
                let mut set = 0;
                for part in parts {
                    match part {
                        Pattern::Optional(optional) => set |= self.initials(optional)?,
                        required => return Some(set | self.initials(required)?),
                    }
                }
                None
            }
        }
    }
}

/// The state of parsing a pattern.
struct PatternParser<'a> {
    rest: &'a str,
    names: &'a HashMap<String, usize>,
}

impl<'a> PatternParser<'a> {
    fn new(pattern: &'a str, names: &'a HashMap<String, usize>) -> Self {
        Self { rest: pattern, names }
    }

    /// Parses alternatives up to the end or a closing bracket.
    fn alternatives(&mut self) -> Pattern {
        let mut alternatives = vec![self.sequence()];
        while let Some(rest) = self.rest.strip_prefix('|') {
            self.rest = rest;
            alternatives.push(self.sequence());
        }
        if alternatives.len() == 1 { alternatives.remove(0) } else { Pattern::OneOf(alternatives) }
    }

    fn sequence(&mut self) -> Pattern {
        let mut parts = Vec::new();
        while let Some(first) = self.rest.chars().next() {
            match first {
                '|' | ')' | ']' => break,
                '(' | '[' => {
                    self.rest = &self.rest[1..];
                    let inner = self.alternatives();
                    assert!(self.rest.starts_with([')', ']']), "a bracket is not closed: {}", self.rest);
                    self.rest = &self.rest[1..];
                    parts.push(if first == '[' { Pattern::Optional(Box::new(inner)) } else { inner });
                }
                '{' => {
                    let (name, rest) = self.rest[1..].split_once('}').expect("a class name is closed");
                    self.rest = rest;
                    parts.push(Pattern::Class(*self.names.get(name).unwrap_or_else(|| panic!("class {name}"))));
                }
                '*' => {
                    let digits = self.rest[1..].chars().take_while(char::is_ascii_digit).count();
                    parts.push(Pattern::AnyWords(self.rest[1..=digits].parse().unwrap_or(usize::MAX)));
                    self.rest = &self.rest[1 + digits..];
                }
                _ => {
                    let end = self.rest.find(['|', '(', ')', '[', ']', '{', '*']).unwrap_or(self.rest.len());
                    let (words, rest) = self.rest.split_at(end);
                    self.rest = rest;
                    parts.extend(words.split_whitespace().flat_map(spellings).map(Pattern::Word));
                }
            }
        }
        Pattern::Sequence(parts)
    }
}

/// Returns the folded words that `word` consists of, each in all its spellings.
fn spellings(word: &str) -> Vec<Vec<String>> {
    let (folded, transcribed) = (fold(word), fold(&word.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue")));
    let words = folded.split_whitespace().zip(transcribed.split_whitespace());
    let kept = words.filter(|(word, _)| !is_filler(word));
    kept.map(|(word, transcribed)| {
        let mut spellings = vec![word.to_owned()];
        spellings.extend((transcribed != word).then(|| transcribed.to_owned()));
        spellings
    })
    .collect()
}

/// The ends of a class's matches, by the index of the class and the beginning.
type ClassEnds = HashMap<(usize, usize), Rc<[usize]>>;

/// A folded text that is compared with the grammar. Remembers which classes match where.
pub(super) struct Matcher<'a> {
    text: &'a str,
    classes: RefCell<ClassEnds>,
}

impl<'a> Matcher<'a> {
    /// Creates a matcher of `text`: folded words, with one space between two of them.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, classes: RefCell::default() }
    }

    /// Returns the ends of the phrases of `section` that begin at `from`, where a word begins.
    pub(super) fn ends(&self, section: Section, from: usize) -> Vec<usize> {
        let initial = initial(&self.text[from..]);
        let phrases = GRAMMAR.sections[section as usize].1.iter().filter(|phrase| phrase.initials & initial != 0);
        let mut ends: Vec<_> = phrases.flat_map(|phrase| self.ends_of(&phrase.pattern, from)).collect();
        ends.retain(|end| *end > from && self.is_word_end(*end));
        ends.sort_unstable();
        ends.dedup();
        ends
    }

    /// Returns whether the whole text is a phrase of `section`.
    pub(super) fn is(&self, section: Section) -> bool {
        !self.text.is_empty() && self.ends(section, 0).contains(&self.text.len())
    }

    /// Returns whether a phrase of `section` begins with any word of the text.
    pub(super) fn contains(&self, section: Section) -> bool {
        let behind_spaces = self.text.match_indices(' ').map(|(space, _)| space + 1);
        [0].into_iter().chain(behind_spaces).any(|from| !self.ends(section, from).is_empty())
    }

    /// Returns whether the text begins with a phrase of `section`.
    pub(super) fn begins_with(&self, section: Section) -> bool {
        !self.ends(section, 0).is_empty()
    }

    /// Returns the ends of `pattern` from `from`. An end is behind the space that follows, if one does.
    fn ends_of(&self, pattern: &Pattern, from: usize) -> Vec<usize> {
        match pattern {
            Pattern::Word(spellings) => {
                let found = spellings.iter().filter(|word| self.text[from..].starts_with(word.as_str()));
                found.map(|word| self.behind_space(from + word.len())).collect()
            }
            Pattern::Sequence(parts) => parts.iter().fold(vec![from], |starts, part| {
                let mut ends: Vec<_> = starts.into_iter().flat_map(|start| self.ends_of(part, start)).collect();
                ends.sort_unstable();
                ends.dedup();
                ends
            }),
            Pattern::OneOf(patterns) => patterns.iter().flat_map(|pattern| self.ends_of(pattern, from)).collect(),
            Pattern::Optional(pattern) => {
                let mut ends = self.ends_of(pattern, from);
                ends.push(from);
                ends
            }
            Pattern::Class(class) => {
                let known = self.classes.borrow().get(&(*class, from)).cloned();
                let ends = known.unwrap_or_else(|| {
                    let ends: Rc<[usize]> = self.ends_of(&GRAMMAR.classes[*class], from).into();
                    self.classes.borrow_mut().insert((*class, from), Rc::clone(&ends));
                    ends
                });
                ends.to_vec()
            }
            Pattern::AnyWords(_) if !self.is_word_end(from) => Vec::new(),
            Pattern::AnyWords(max) => {
                let words = self.text[from..].split_inclusive(' ').scan(from, |end, word| {
                    *end += word.len();
                    Some(*end)
                });
                std::iter::once(from).chain(words.take(*max)).collect()
            }
        }
    }

    fn behind_space(&self, at: usize) -> usize {
        if self.text[at..].starts_with(' ') { at + 1 } else { at }
    }

    fn is_word_end(&self, at: usize) -> bool {
        at == 0 || at == self.text.len() || self.text[..at].ends_with(' ')
    }
}
