//! Plain text of HTML.

use std::borrow::Cow;

/// Maximum length of a tag, in bytes, so that text with many unclosed brackets is read in linear time.
const MAX_TAG_BYTES: usize = 4_096;

/// Elements whose contents are not shown.
const HIDDEN: &[&str] = &["style", "script", "head", "title", "template", "noscript"];

/// Elements that begin and end a line.
const BLOCKS: &[&str] = &[
    "br",
    "div",
    "p",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "tbody",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "header",
    "footer",
    "pre",
    "center",
    "blockquote",
    "body",
    "html",
    "address",
    "dl",
    "dd",
    "dt",
];

/// Elements that also leave a blank line.
const PARAGRAPHS: &[&str] = &["p"];

/// Classes and ids of elements that hold a quoted message, which ends the text: those of Gmail, Outlook, Yahoo, Apple
/// and Thunderbird, Proton and GMX.
const QUOTES: &[&str] = &[
    "gmail_quote",
    "gmail_attr",
    "divrplyfwdmsg",
    "appendonsend",
    "yahoo_quoted",
    "moz-cite-prefix",
    "protonmail_quote",
    "gmail_signature",
    "ms-outlook-mobile-signature",
    "zmail_extra",
    "mail_quote",
    "quoted-message",
    "moz-signature",
    "reply-intro",
    "name=\"quote\"",
    "applemailsignature",
    "protonmail_signature_block",
    "mail-editor-reference-message-container",
    "olk_src_body_section",
    "tutanota_quote",
];

/// A tag of HTML.
struct Tag<'a> {
    name: String,
    is_end: bool,
    attributes: &'a str,
}

/// Returns `text` without markup: blocks become lines, entities characters. Quoted messages are dropped. Text without
/// tags is returned as it is, except that entities are decoded.
pub(super) fn plain_text(text: &str) -> Cow<'_, str> {
    if !has_tags(text) {
        return html_escape::decode_html_entities(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    // The depth of quotations within each other, and the hidden element that is open.
    let (mut quoted, mut hidden) = (0_usize, None::<String>);
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        if let Some((tag, behind)) = rest.starts_with('<').then(|| parse_tag(rest)).flatten() {
            rest = behind;
            if hidden.is_some() {
                hidden = hidden.filter(|name| !(tag.is_end && *name == tag.name));
                continue;
            }
            if HIDDEN.contains(&tag.name.as_str()) && !tag.is_end {
                hidden = Some(tag.name);
                continue;
            }
            if tag.name == "blockquote" {
                quoted = if tag.is_end { quoted.saturating_sub(1) } else { quoted + 1 };
            }
            if is_quote(&tag) && !tag.is_end {
                break;
            }
            push_break(&mut plain, &tag, quoted);
            continue;
        }
        // The first character is not the beginning of a tag, even if it is a bracket.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find('<').map_or(rest.len(), |at| first + at);
        if quoted == 0 && hidden.is_none() {
            push_text(&mut plain, &rest[..end]);
        }
        rest = &rest[end..];
    }
    Cow::Owned(html_escape::decode_html_entities(&plain).into_owned())
}

/// Pushes text, whose line ends mean nothing in HTML.
fn push_text(plain: &mut String, text: &str) {
    for part in text.split_inclusive(char::is_whitespace) {
        let word = part.trim_end();
        plain.push_str(word);
        if word.len() < part.len() && !plain.ends_with([' ', '\n']) {
            plain.push(' ');
        }
    }
}

/// Pushes the line ends that `tag` stands for.
fn push_break(plain: &mut String, tag: &Tag<'_>, quoted: usize) {
    if quoted == 0 && BLOCKS.contains(&tag.name.as_str()) {
        // Elements within each other make one line end, `<br>` one each.
        if tag.name == "br" || (!plain.is_empty() && !plain.ends_with('\n')) {
            plain.push('\n');
        }
        if PARAGRAPHS.contains(&tag.name.as_str()) && tag.is_end {
            plain.push('\n');
        }
    }
}

/// Returns whether `tag` begins a quoted message or a signature.
fn is_quote(tag: &Tag<'_>) -> bool {
    let attributes = tag.attributes.to_ascii_lowercase();
    QUOTES.iter().any(|mark| attributes.contains(mark))
}

/// Returns whether `text` has an HTML tag.
fn has_tags(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| parse_tag(&text[at..]).is_some())
}

/// Parses the tag that `text` begins with, and returns what is behind it. An address such as `<anna@example.com>` and
/// "<3" are no tags.
fn parse_tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let inner = text.strip_prefix('<')?;
    let is_end = inner.starts_with('/');
    let inner = inner.strip_prefix(['/', '!', '?']).unwrap_or(inner);
    let name_length =
        inner.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-')).unwrap_or(inner.len());
    let name = inner[..name_length].to_ascii_lowercase();
    let behind = &inner[name_length..];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic())
        || !behind.starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
        || name.starts_with("http:")
        || name.starts_with("https:")
        || name.starts_with("mailto:")
        || name.starts_with("tel:")
    {
        return None;
    }
    let end = behind.bytes().take(MAX_TAG_BYTES).position(|byte| byte == b'>')?;
    let (attributes, behind) = (&behind[..end], &behind[end + 1..]);
    Some((Tag { name, is_end, attributes }, behind))
}
