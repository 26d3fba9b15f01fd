use super::*;

fn line(text: &str) -> String {
    single_line(text, 200).unwrap_or_default()
}

fn lines(text: &str) -> String {
    multi_line(text, 200).unwrap_or_default()
}

#[test]
fn single_lines_lose_what_nobody_sees() {
    for untidy in [
        " Jane  Smith ",
        "Jane\tSmith",
        "Jane\r\nSmith",
        "Jane\u{a0}Smith",
        "Jane\u{2028}Smith\u{feff}",
        "\u{200b}Ja\u{ad}ne \u{202a}Smith\u{202c}",
        "Ja\u{0}ne \u{7}Smith\u{1b}",
        "J\u{200d}ane\u{3000}Sm\u{200c}ith",
        "Jane \u{2800} Smith\u{e0041}",
    ] {
        assert_eq!(line(untidy), "Jane Smith", "{untidy:?}");
    }
}

#[test]
fn texts_keep_line_breaks_and_tabs() {
    assert_eq!(lines(" a\r\n\tb\n\n c\u{0}\u{200b} "), "a\r\n\tb\n\n c");
    assert_eq!(lines("a\u{2028}b\u{85}c"), "a\nb\nc");
}

#[test]
fn joiners_of_scripts_and_emoji_are_kept() {
    for text in
        ["\u{646}\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}", "👨\u{200d}👩\u{200d}👧", "❤\u{fe0f}\u{200d}🔥"]
    {
        assert_eq!(line(text), text);
        assert_eq!(lines(text), text);
    }
    assert_eq!(line("\u{200d}👨\u{200d}"), "👨");
}

#[test]
fn tokens_keep_no_joiner() {
    assert_eq!(token("\u{200b} é\u{200d}é\u{feff}@example.com \n", 50).as_deref(), Ok("éé@example.com"));
}

#[test]
fn blank_texts_are_rejected() {
    for blank in ["", " ", "\u{200b}", "\u{feff}\n\t", "\u{3164}", "\u{0}", "\u{2800}\u{200d}", "\u{fe0f}"] {
        assert!(is_blank(blank), "{blank:?}");
        for parsed in [single_line(blank, 5), multi_line(blank, 5), token(blank, 5)] {
            assert_eq!(parsed, Err("must not be empty".to_owned()), "{blank:?}");
        }
    }
    assert!(!is_blank("\u{fffd}"));
}

#[test]
fn length_is_that_of_the_normalized_text() {
    assert_eq!(single_line(&format!("{}ab", "\u{200b}".repeat(100)), 2).as_deref(), Ok("ab"));
    assert!(single_line("abc", 2).is_err() && multi_line("abc", 2).is_err());
}

#[test]
fn normalized_texts_stay_as_they_are() {
    for text in ["a \u{200b}\u{200d} b", "x\u{200d}\u{fe0f}é\u{200d}", "\u{2800}é\u{fe0f}\u{200d}\u{200d}é"] {
        assert_eq!(line(&line(text)), line(text), "{text:?}");
        assert_eq!(lines(&lines(text)), lines(text), "{text:?}");
    }
}
