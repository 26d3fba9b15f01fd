//! A person's own words in a message: without markup, quoted text and signatures.
//!
//! Programs quote in several ways: lines that begin with `>`, a line such as "On … wrote:", a block of headers such as
//! "From: …", or a ruler, with or without a blank line before it. Own words may also follow a quotation, but only if
//! its lines are marked.

use super::fold::fold_words;
use super::grammar::{Matcher, Section};
use super::html::plain_text;
use crate::text::is_invisible;

/// Maximum number of lines over which a program wraps "On … wrote:".
const MAX_ATTRIBUTION_LINES: usize = 4;

/// Maximum number of characters of "On … wrote:": a date, a name and an address.
const MAX_ATTRIBUTION_CHARS: usize = 400;

/// Maximum number of colons of "On … wrote:": those of a time and an address, and the last.
const MAX_ATTRIBUTION_COLONS: usize = 6;

/// Maximum number of bytes of a line in which an ending is looked for that a program joined to the message. It keeps
/// reading linear: every word of a line could begin an ending.
const MAX_JOINED_BYTES: usize = 2_000;

/// Minimum number of characters of a ruler of underscores or the like.
const MIN_RULER_CHARS: usize = 3;

/// Maximum number of words of a line that closes a message: "Med vänlig hälsning, Anna Maria von Berg".
const MAX_CLOSING_WORDS: usize = 8;

/// Header names of a quoted message, folded, with the sender's first.
const SENDER_HEADERS: &[&str] =
    &["from", "von", "de", "fran", "desde", "expediteur", "absender", "avsandare", "remitente"];

/// Header names of a quoted message, folded, that count only if another one follows.
const OTHER_HEADERS: &[&str] = &[
    "sent",
    "date",
    "to",
    "cc",
    "subject",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "skickat",
    "till",
    "kopia",
    "amne",
    "enviado",
    "fecha",
    "para",
    "asunto",
    "envoye",
    "a",
    "objet",
    "reply to",
    "enviado el",
    "envoye le",
    "gesendet am",
];

/// Header names of a subject, folded.
const SUBJECT_HEADERS: &[&str] = &["subject", "betreff", "amne", "asunto", "objet"];

/// Beginnings of the subject of an answer or a forwarded message, folded.
const ANSWER_MARKS: &[&str] = &["re", "sv", "aw", "antw", "antwort", "svar", "fw", "fwd", "vb", "wg", "rv", "tr"];

/// Verbs of "On … wrote:", folded.
const WROTE: &[&str] =
    &["wrote", "writes", "skrev", "schrieb", "escribio", "a ecrit", "ecrit", "ha escrito", "geschrieben"];

/// First words of "On … wrote:", folded.
const WROTE_BEGINNINGS: &[&str] = &["on", "den", "am", "el", "le", "pa", "vid", "in", "em", "at"];

/// Beginnings of lines that programs add below a message, folded.
const SENT_FROM: &[&str] = &[
    "sent from",
    "sent via",
    "sent with",
    "sent using",
    "sent by",
    "get outlook for",
    "get the outlook app",
    "skickat fran",
    "skickat med",
    "skickat via",
    "skickades fran",
    "hamta outlook for",
    "fran min iphone",
    "fran min mobil",
    "enviado desde",
    "enviado con",
    "enviado de mi",
    "enviado por",
    "enviado a traves",
    "obtener outlook para",
    "obten outlook para",
    "descargar outlook",
    "gesendet von",
    "gesendet mit",
    "gesendet aus",
    "gesendet uber",
    "gesendet via",
    "von meinem",
    "von meiner",
    "von unterwegs gesendet",
    "holen sie sich outlook",
    "outlook fur",
    "diese nachricht wurde von",
    "envoye de",
    "envoye depuis",
    "envoye a partir",
    "envoye avec",
    "envoye par",
    "envoye via",
    "envoye a l aide",
    "obtenez outlook",
    "obtenir outlook",
    "telecharger outlook",
    "telechargez outlook",
    "yahoo mail",
    "diese mail wurde von",
    "verzonden vanaf",
    "sent securely",
];

/// Titles between rulers above a quoted message, folded.
const ORIGINAL_MESSAGE: &[&str] = &[
    "original message",
    "original appointment",
    "original mail",
    "forwarded message",
    "begin forwarded message",
    "reply message",
    "previous message",
    "ursprungligt meddelande",
    "originalmeddelande",
    "vidarebefordrat meddelande",
    "vidarebefordrat brev",
    "mensaje original",
    "mensaje reenviado",
    "correo original",
    "ursprungliche nachricht",
    "originalnachricht",
    "urspr nachricht",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "original nachricht",
    "message d origine",
    "message original",
    "message initial",
    "message transfere",
    "message transmis",
    "courriel original",
    "mail original",
    "debut du message transfere",
];

/// Returns what the author of `text` wrote, trimmed, as paragraphs that are divided by one blank line.
pub(super) fn own_words(text: &str) -> String {
    let plain = plain_text(text);
    let lines: Vec<_> = plain.lines().map(|line| line.trim_matches(is_blank)).collect();
    let (subject, lines) = split_subject(&lines);
    let own = own_lines(lines);
    if own.is_empty() { subject.unwrap_or_default().to_owned() } else { own }
}

/// Splits off the subject of an e-mail that a program has left above its text: "Subject: Your car". The subject is
/// `None` if there is none, or if it repeats that of a message to the author: "Re: Your car".
fn split_subject<'a>(lines: &'a [&'a str]) -> (Option<&'a str>, &'a [&'a str]) {
    let Some(first) = lines.iter().position(|line| !line.is_empty()) else { return (None, lines) };
    let Some((name, subject)) = lines[first].split_once([':', '：']) else { return (None, lines) };
    let rest = &lines[first + 1..];
    let is_answer = |name: &str| ANSWER_MARKS.contains(&fold_words(name).as_str());
    let followed_by_header = header_name(rest.first().copied().unwrap_or_default()).is_some();
    if is_answer(name) {
        (None, rest)
    } else if SUBJECT_HEADERS.contains(&fold_words(name).as_str()) && !followed_by_header {
        let answers = subject.split_once([':', '：']).is_some_and(|(mark, _)| is_answer(mark));
        (Some(subject.trim()).filter(|_| !answers), rest)
    } else {
        (None, lines)
    }
}

/// Returns the lines that are the author's, as paragraphs.
fn own_lines(lines: &[&str]) -> String {
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.starts_with(['>', '|', '»', '›']) {
            at += 1;
        } else if let Some(length) = attribution_length(&lines[at..]) {
            let quoted = lines[at + length..].iter().find(|line| !line.is_empty());
            if !quoted.is_some_and(|line| line.starts_with(['>', '»', '›'])) {
                break;
            }
            at += length;
        } else if begins_quotation(&lines[at..]) || begins_signature(line) {
            break;
        } else if let Some(before) = before_inline_ending(line) {
            own.push(before);
            break;
        } else {
            own.push(line);
            at += 1;
        }
    }
    paragraphs(&own)
}

/// Returns the lines with one blank line in place of several, and none at either end.
fn paragraphs(lines: &[&str]) -> String {
    let paragraphs = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n")
}

/// Returns whether `c` is a space or an invisible character, which may surround a line. Includes emphasis marks, with
/// which programs write bold text: `*From:* Anna`.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '*' || is_invisible(c)
}

/// Returns the number of lines of "On … wrote:" at the beginning of `lines`, or `None` if they begin otherwise.
fn attribution_length(lines: &[&str]) -> Option<usize> {
    let mut joined = String::new();
    for (number, line) in lines.iter().take(MAX_ATTRIBUTION_LINES).enumerate() {
        if line.is_empty() || line.starts_with('>') {
            return None;
        }
        joined.push_str(line);
        joined.push(' ');
        if joined.chars().count() > MAX_ATTRIBUTION_CHARS {
            return None;
        }
        let first = fold_words(joined.split_whitespace().next().unwrap_or_default());
        let begins = WROTE_BEGINNINGS.contains(&first.as_str());
        if number > 0 && !begins {
            return None;
        }
        if is_attribution(&joined) {
            return Some(number + 1);
        }
    }
    None
}

/// Returns whether `text` names the author of a quotation, with or without the verb:
/// "2026-11-23 10:00 GMT+01:00 Bilar <info@example.com>:".
fn is_attribution(text: &str) -> bool {
    let text = text.trim_end();
    let Some(text) = text.strip_suffix(':').map(str::trim_end) else { return false };
    let words = format!(" {} ", fold_words(text));
    let has_verb = WROTE.iter().any(|verb| words.contains(&format!(" {verb} ")));
    let is_dated_address = text.ends_with('>') && text.contains('@') && text.starts_with(|c: char| c.is_ascii_digit());
    has_verb || is_dated_address
}

/// Returns whether a quoted message begins with the first of `lines`: a header, a ruler or a title.
fn begins_quotation(lines: &[&str]) -> bool {
    let line = lines[0];
    let is_ruler = |c: char| matches!(c, '_' | '=' | '-' | '─' | '—' | '–' | '━' | '*' | '~' | '#');
    let ruler = line.chars().take_while(|c| is_ruler(*c)).count();
    if ruler >= MIN_RULER_CHARS || line.starts_with("--") {
        return true;
    }
    let folded = fold_words(line);
    if ORIGINAL_MESSAGE.iter().any(|title| folded == *title) {
        return true;
    }
    match header_name(line) {
        Some(name) if SENDER_HEADERS.contains(&name.as_str()) => true,
        Some(name) if OTHER_HEADERS.contains(&name.as_str()) => {
            let next = lines[1..].iter().find(|line| !line.is_empty()).and_then(|line| header_name(line));
            next.is_some_and(|name| [SENDER_HEADERS, OTHER_HEADERS].concat().contains(&name.as_str()))
        }
        _ => false,
    }
}

/// Returns the folded name of the header that `line` holds.
fn header_name(line: &str) -> Option<String> {
    let (name, _) = line.split_once([':', '：'])?;
    Some(fold_words(name)).filter(|name| !name.is_empty())
}

/// Returns whether a signature begins with `line`: "Sent from my iPhone", or a closing such as "Best regards".
fn begins_signature(line: &str) -> bool {
    let folded = fold_words(line);
    if SENT_FROM.iter().any(|beginning| folded == *beginning || folded.starts_with(&format!("{beginning} "))) {
        return true;
    }
    let matcher = Matcher::new(&folded);
    let words = folded.split(' ').count();
    words <= MAX_CLOSING_WORDS
        && matcher.ends(Section::Signatures, 0).into_iter().any(|end| {
            // Behind a closing, there is nothing or a name.
            let closing_words = folded[..end].split_whitespace().count();
            line.split_whitespace().skip(closing_words).all(|word| word.starts_with(char::is_uppercase))
        })
}

/// Returns the beginning of a line into which a program has joined a message with its ending: "STOP On Mon, 23 Nov 2026
/// Bilar wrote: …" or "STOP Sent from my iPhone".
fn before_inline_ending(line: &str) -> Option<&str> {
    line.match_indices(' ').map(|(at, _)| at).take_while(|at| *at <= MAX_JOINED_BYTES).find_map(|at| {
        let rest = line[at..].trim_start();
        let sent_from = begins_with_device(rest);
        let first = fold_words(rest.split(' ').next().unwrap_or_default());
        let attributed = WROTE_BEGINNINGS.contains(&first.as_str()) && begins_with_attribution(rest);
        let titled = rest.starts_with("-----") || rest.starts_with("_____");
        (sent_from || attributed || titled).then(|| line[..at].trim_end())
    })
}

/// Returns whether `text` begins with "On 23 Nov 2026 Bilar wrote:".
fn begins_with_attribution(text: &str) -> bool {
    let colons = text.char_indices().take(MAX_ATTRIBUTION_CHARS).filter(|(_, c)| *c == ':').map(|(at, _)| at);
    let end = colons.take(MAX_ATTRIBUTION_COLONS).find(|at| is_attribution(&text[..=*at]));
    end.is_some_and(|end| text[..end].contains(|c: char| c.is_ascii_digit()))
}

/// Returns whether `text` begins with "Sent from my iPhone" in the form that programs write it.
fn begins_with_device(text: &str) -> bool {
    [
        "Sent from my ",
        "Sent from Outlook",
        "Get Outlook for ",
        "Skickat från min ",
        "Enviado desde mi ",
        "Von meinem iPhone gesendet",
        "Gesendet von meinem ",
        "Envoyé de mon ",
        "Envoyé depuis mon ",
    ]
    .iter()
    .any(|beginning| text.starts_with(beginning))
}
