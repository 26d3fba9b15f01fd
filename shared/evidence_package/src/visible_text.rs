//! Texts as they are laid out: without characters that control a terminal or the direction of other people's text.

/// Character that stands for one that no font has.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

/// Returns `text` with line breaks as `\n`, tabs as spaces, and without characters that show nothing or change the
/// direction of what follows. Letters are laid out in the direction of their script without them.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                visible.push('\n');
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => visible.push('\n'),
            '\t' => visible.push_str("    "),
            _ if is_removed(character) => {}
            _ => visible.push(character),
        }
    }
    visible.trim_end().to_owned()
}

/// Returns `text` on one line.
pub(crate) fn visible_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns whether a character shows nothing, or changes the direction of the text around it.
fn is_removed(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, marks, embeddings, overrides and isolates of direction, invisible operators, byte order mark.
        | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether a character needs no glyph of its own: joiners and variation selectors.
pub(crate) fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Returns the first `max_chars` characters, to the end of a word where one is near, and the number of all characters if
/// there are more.
pub(crate) fn abridged(text: &str, max_chars: usize) -> (&str, Option<usize>) {
    let Some((end, _)) = text.char_indices().nth(max_chars) else { return (text, None) };
    let start = &text[..end];
    let word_end = start.rfind(char::is_whitespace).filter(|at| end - at < 60).unwrap_or(end);
    (start[..word_end].trim_end(), Some(text.chars().count()))
}

/// Returns the first `max_chars` characters, with a remark if there are more.
pub(crate) fn with_remark(text: &str, max_chars: usize) -> String {
    match abridged(text, max_chars) {
        (all, None) => all.to_owned(),
        (start, Some(of)) => {
            format!("{start} …\n[Abridged: the first {} of {} characters.]", start.chars().count(), of)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_controls_are_removed() {
        assert_eq!(visible("a\u{202e}b\u{202c}\u{2066}c\u{2069}\u{0}\u{1b}[31m"), "abc[31m");
        assert_eq!(visible("a\r\nb\rc\u{2028}d\te\n\n"), "a\nb\nc\nd    e");
        assert_eq!(visible_line(" a \n b "), "a b");
        assert_eq!(visible("\u{928}\u{200d}\u{94d}"), "\u{928}\u{200d}\u{94d}");
    }

    #[test]
    fn long_texts_end_at_a_word() {
        assert_eq!(abridged("one two three", 9), ("one two", Some(13)));
        assert_eq!(abridged("one", 9), ("one", None));
        assert_eq!(abridged("oneword", 3), ("one", Some(7)));
        assert!(with_remark(&"a".repeat(100), 10).ends_with("[Abridged: the first 10 of 100 characters.]"));
    }
}
