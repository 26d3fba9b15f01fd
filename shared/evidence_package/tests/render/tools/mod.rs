//! Programs that read documents: of poppler (`pdftotext`, `pdfinfo`), and `qpdf`. Without them, what they check is skipped,
//! except in CI.

use std::io::Write;
use std::process::{Command, Output};
use tempfile::NamedTempFile;

/// Runs a program on a document; `None` if it is not installed.
fn run(program: &str, before: &[&str], pdf: &[u8], after: &[&str]) -> Option<Output> {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(pdf).expect("space");
    match Command::new(program).args(before).arg(file.path()).args(after).output() {
        Ok(output) => Some(output),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{program} cannot be run: {error}");
            None
        }
    }
}

/// Checks that a document has no syntax error.
pub(crate) fn check(pdf: &[u8]) {
    if let Some(output) = run("qpdf", &["--check"], pdf, &[]) {
        let messages = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{messages}");
        assert!(!messages.contains("WARNING"), "{messages}");
    }
}

/// Returns the text of a page.
pub(crate) fn text(pdf: &[u8], page: u32) -> Option<String> {
    let page = page.to_string();
    let output = run("pdftotext", &["-layout", "-f", &page, "-l", &page], pdf, &["-"])?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the text of a document.
pub(crate) fn all_text(pdf: &[u8]) -> Option<String> {
    let output = run("pdftotext", &[], pdf, &["-"])?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the properties of a document.
pub(crate) fn info(pdf: &[u8]) -> Option<String> {
    let output = run("pdfinfo", &[], pdf, &[])?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns whether a text has words, whatever the spaces and line breaks in it, and the marks of direction that
/// `pdftotext` adds.
pub(crate) fn contains(text: &str, words: &str) -> bool {
    let letters = |text: &str| {
        let is_mark = |character: &char| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
        text.chars().filter(|character| !character.is_whitespace() && !is_mark(character)).collect::<String>()
    };
    letters(text).contains(&letters(words))
}
