//! Recognition of opt-outs: replies that ask for no more messages, and of opt-ins, which withdraw them.
//!
//! 1. [`own_words`] removes what the person has not written: markup, quoted text and signatures.
//! 2. The text is divided into sentences and clauses ([`sentences`]), and their words are folded ([`fold`]): case,
//!    accents, punctuation and emoji make no difference.
//! 3. The clauses are compared with the phrases of five languages ([`grammar`], `phrases/`). A keyword such as "stop"
//!    counts only if the message says nothing else but courtesies and a name. A sentence that means nothing but an
//!    opt-out, such as "stop texting me", counts beside other sentences too, unless one of them asks for another way of
//!    contact ("call me instead") or restricts it ("until Monday"). Nor does a request that names the present: "don't call me now".
//!
//! A clause must be a phrase as a whole: "don't stop calling me", "when does the offer stop?" and "stop by at five" are
//! none. A question counts only if it asks to be left alone ("can you remove me from your list?").
//!
//! The English keywords are those of the United States' rule on revocation of consent (47 CFR 64.1200(a)(10): stop,
//! quit, end, revoke, opt out, cancel, unsubscribe), those that carriers add, and the buttons of messaging providers
//! ("Stop promotions"). The other languages have the equivalents. Words that may as well answer a question are left
//! out: "no", "fin" (Swedish for "nice"), "slut" (Swedish for "sold out").

mod fold;
mod grammar;
mod html;
mod own_words;
mod sentences;
#[cfg(test)]
mod tests;

use fold::fold;
use grammar::{Matcher, Section};
use own_words::own_words;
use sentences::{Clause, LineEnds, Sentence, sentences};

/// Maximum number of characters of a message that consists of opt-out keywords. A longer one says more than that.
const MAX_KEYWORDS_CHARS: usize = 200;

/// Maximum number of characters of a message's own words that are examined. People who opt out write less.
const MAX_EXAMINED_CHARS: usize = 2_000;

/// Maximum number of clauses that a phrase may consist of: "hören Sie auf, mir zu schreiben".
const MAX_PHRASE_CLAUSES: usize = 3;

/// Maximum number of words of a name: "Anna Maria von Berg".
const MAX_NAME_WORDS: usize = 4;

/// Words, folded, that make a request permanent which names the present: "don't call me now or ever".
const PERMANENT_WORDS: &[&str] = &[
    "ever",
    "never",
    "forever",
    "later",
    "future",
    "other",
    "nagonsin",
    "aldrig",
    "framtiden",
    "framover",
    "nunca",
    "jamas",
    "futuro",
    "nie",
    "niemals",
    "jemals",
    "zukunft",
    "kunftig",
    "zukunftig",
    "jamais",
    "avenir",
];

/// Words, folded, beside which an excuse does not make a request one for the present: "don't text me anymore, I'm at
/// work".
const REPETITION_WORDS: &[&str] =
    &["again", "more", "anymore", "longer", "mer", "igen", "mehr", "wieder", "mas", "plus"];

/// Returns whether `text`, a message by SMS or WhatsApp, asks for no more messages, in English, Swedish, Spanish,
/// German or French.
pub fn is_opt_out(text: &str) -> bool {
    examined(text).is_some_and(|own| says_only(&own, Wish::OptOut) || says_among_others(&own))
}

/// Returns whether an e-mail with the body `text`, plain or HTML, asks for no more messages. Only what the person wrote
/// themselves counts. A keyword must be the first paragraph after a salutation; signatures may follow.
pub fn is_email_opt_out(text: &str) -> bool {
    let Some(own) = examined(text) else { return false };
    // "Basta" is Spanish for "enough", and folded Swedish for "dear".
    let says_stop = |paragraph: &str| says_only(paragraph, Wish::OptOut);
    let mut paragraphs = own.split("\n\n").map(str::trim);
    let first = paragraphs.find(|paragraph| !is_salutation(paragraph) || says_stop(paragraph));
    first.is_some_and(says_stop) || says_among_others(&own)
}

/// Returns whether `text`, a message by SMS or WhatsApp, asks for messages again: START and the like.
pub fn is_opt_in(text: &str) -> bool {
    examined(text).is_some_and(|own| says_only(&own, Wish::OptIn))
}

/// Returns the own words of `text` as far as they are examined, or `None` if there are none.
fn examined(text: &str) -> Option<String> {
    let own = own_words(text);
    let end = own.char_indices().nth(MAX_EXAMINED_CHARS).map_or(own.len(), |(at, _)| at);
    Some(own[..end].to_owned()).filter(|own| !own.is_empty())
}

/// A wish that a message may consist of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    OptOut,
    OptIn,
}

impl Wish {
    /// Returns the sections with the phrases that express this wish in a statement or a question.
    const fn sections(self, is_question: bool) -> &'static [Section] {
        match self {
            Self::OptOut if is_question => &[Section::Requests],
            Self::OptOut => &[Section::Keywords, Section::Sentences, Section::Requests],
            Self::OptIn if is_question => &[],
            Self::OptIn => &[Section::OptIn],
        }
    }
}

/// The result of parsing a text or its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Parsed {
    /// Courtesies only.
    Courtesies,
    /// At least one phrase of those looked for.
    Wish,
}

/// Returns whether `text` consists of phrases of `wish`, courtesies and a name.
fn says_only(text: &str, wish: Wish) -> bool {
    if text.chars().count() > MAX_KEYWORDS_CHARS {
        return false;
    }
    [LineEnds::EndSentences, LineEnds::ContinueBeforeSmallLetters].into_iter().any(|line_ends| {
        let sentences = sentences(text, line_ends);
        let parsed = sentences.iter().try_fold(Parsed::Courtesies, |before, sentence| {
            parse_sentence(sentence, wish.sections(is_question(sentence)), before)
        });
        parsed == Some(Parsed::Wish)
    })
}

/// Returns whether a sentence or clause of `text` is an opt-out that stands beside others, and none of the others asks
/// for another way of contact.
fn says_among_others(text: &str) -> bool {
    let sentences = sentences(text, LineEnds::ContinueBeforeSmallLetters);
    // "Ring mig inte igen" is an opt-out, although "ring mig" begins it.
    let asks_for_contact = |clause: &Clause| {
        Matcher::new(&clause.folded).begins_with(Section::Counters)
            && parse_words(&clause.folded, Wish::OptOut.sections(false)) != Some(Parsed::Wish)
    };
    let shouts = sentences.first().is_some_and(is_shouted_keyword);
    (shouts || sentences.iter().any(says_opt_out))
        && !sentences.iter().flat_map(|sentence| &sentence.clauses).any(asks_for_contact)
}

/// Returns whether a clause of `sentence`, or several in succession, are an opt-out without a restriction.
fn says_opt_out(sentence: &Sentence) -> bool {
    let count = sentence.clauses.len();
    let restricted = |clause: &Clause| Matcher::new(&clause.folded).begins_with(Section::Limits);
    if sentence.clauses.iter().any(restricted) || is_postponement(sentence) {
        return false;
    }
    (0..count).any(|from| {
        (from + 1..=count.min(from + MAX_PHRASE_CLAUSES)).any(|to| {
            // The question mark belongs to the last clause.
            let asks = is_question(sentence) && to == count;
            let sections: &[_] = if asks { &[Section::Requests] } else { &[Section::Sentences, Section::Requests] };
            parse_words(&sentence.folded(from, to), sections) == Some(Parsed::Wish)
        })
    })
}

/// Returns whether `sentence` asks for silence at present only: "don't call me now", but not "now or ever".
fn is_postponement(sentence: &Sentence) -> bool {
    let has_any = |of: &[&str]| {
        sentence.clauses.iter().flat_map(|clause| &clause.words).any(|word| of.contains(&fold(word).trim()))
    };
    let postponed = |clause: &Clause| Matcher::new(&clause.folded).contains(Section::Postponements);
    let begins_one =
        |section: Section| sentence.clauses.iter().any(|clause| Matcher::new(&clause.folded).begins_with(section));
    let excused = begins_one(Section::Excuses) && begins_one(Section::Silences);
    !has_any(PERMANENT_WORDS) && (sentence.clauses.iter().any(postponed) || excused && !has_any(REPETITION_WORDS))
}

/// Returns whether `sentence` is a question, also of those that end with a tag: "stop texting me, okay?" is none.
fn is_question(sentence: &Sentence) -> bool {
    let tagged = match sentence.clauses.as_slice() {
        [.., _, last] => Matcher::new(&last.folded).is(Section::Tags),
        _ => false,
    };
    sentence.is_question && !tagged
}

/// Returns whether `sentence` is a keyword of the carriers in capitals: "STOP. How did you get my number?"
fn is_shouted_keyword(sentence: &Sentence) -> bool {
    let [clause] = sentence.clauses.as_slice() else { return false };
    let capital = clause.words.iter().flat_map(|word| word.chars()).all(|c| !c.is_lowercase());
    capital && !sentence.is_question && ["stop", "stopp", "stop all", "stopall"].contains(&clause.folded.as_str())
}

/// Parses the clauses of `sentence` as phrases of `sections`, courtesies and names; `before` is the result for what
/// precedes it. Returns `None` if something else is left. A name may follow a salutation or a phrase.
fn parse_sentence(sentence: &Sentence, sections: &[Section], before: Parsed) -> Option<Parsed> {
    if is_postponement(sentence) {
        return None;
    }
    let count = sentence.clauses.len();
    let mut parsed = vec![None; count + 1];
    parsed[0] = Some(before);
    for from in 0..count {
        let Some(before) = parsed[from] else { continue };
        for (to, end) in parsed.iter_mut().enumerate().skip(from + 1).take(MAX_PHRASE_CLAUSES) {
            let clause = &sentence.clauses[from];
            let alone = to == from + 1;
            let mut found = parse_words(&sentence.folded(from, to), sections);
            if found.is_none() && alone {
                let is_denial = Matcher::new(&clause.folded).is(Section::Denials);
                found = if is_denial { Some(Parsed::Courtesies) } else { parse_behind_name(clause, sections) };
            }
            if found.is_none() && alone && before == Parsed::Wish && is_signature(clause) {
                found = Some(Parsed::Courtesies);
            }
            *end = (*end).max(found.map(|found| found.max(before)));
        }
    }
    parsed[count]
}

/// Parses a clause that begins with a salutation or introduction and a name: "Hi Anna stop".
fn parse_behind_name(clause: &Clause, sections: &[Section]) -> Option<Parsed> {
    let words = &clause.words;
    (1..words.len()).find_map(|salutation| {
        let greeting = sentences::fold_clause(&words[..salutation]);
        let greeting = Matcher::new(&greeting);
        if !greeting.is(Section::Greetings) && !greeting.is(Section::Introductions) {
            return None;
        }
        (salutation + 1..=words.len().min(salutation + MAX_NAME_WORDS))
            .take_while(|end| is_capitalized(&words[end - 1]))
            .find_map(|end| match &words[end..] {
                [] => Some(Parsed::Courtesies),
                rest => parse_words(&sentences::fold_clause(rest), sections),
            })
    })
}

/// Parses folded words as phrases of `sections` and courtesies. Returns `None` if something else is left.
fn parse_words(folded: &str, sections: &[Section]) -> Option<Parsed> {
    // Dynamic programming over positions: `parsed[n]` is the result for the first `n` bytes, or `None` if they cannot
    // be split into phrases and courtesies.
    let matcher = Matcher::new(folded);
    let mut parsed = vec![None; folded.len() + 1];
    parsed[0] = Some(Parsed::Courtesies);
    for from in 0..folded.len() {
        let Some(before) = parsed[from] else { continue };
        for section in [Section::Courtesies, Section::Greetings] {
            for end in matcher.ends(section, from) {
                parsed[end] = parsed[end].max(Some(before));
            }
        }
        for end in sections.iter().flat_map(|section| matcher.ends(*section, from)) {
            parsed[end] = Some(Parsed::Wish);
        }
    }
    parsed[folded.len()]
}

/// Returns whether `paragraph` is nothing but a salutation: "Hi Anna,".
fn is_salutation(paragraph: &str) -> bool {
    sentences(paragraph, LineEnds::EndSentences).iter().all(|sentence| {
        sentence.clauses.iter().all(|clause| {
            let greeting = |words: &[String]| Matcher::new(&sentences::fold_clause(words)).is(Section::Greetings);
            (1..=clause.words.len()).any(|end| {
                greeting(&clause.words[..end]) && clause.words[end..].iter().all(|word| is_capitalized(word))
            })
        })
    })
}

/// Returns whether `clause` may belong to a signature: a name, a telephone number, an address of e-mail or the web.
fn is_signature(clause: &Clause) -> bool {
    let is_number = |word: &str| word.chars().all(|c| !c.is_alphabetic());
    let is_address = |word: &str| word.contains(['@', '/']) || word.starts_with("www.");
    clause.words.len() <= MAX_NAME_WORDS
        && clause.words.iter().all(|word| is_capitalized(word) || is_number(word) || is_address(word))
        && !Matcher::new(&clause.folded).begins_with(Section::Counters)
}

fn is_capitalized(word: &str) -> bool {
    word.chars().find(|c| c.is_alphanumeric()).is_none_or(char::is_uppercase)
}
