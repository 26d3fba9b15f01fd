//! Keeps the first words of doc comments: a noun phrase, or a verb in the third person. No comment asks a question.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders that hold Rust code, relative to the workspace's root.
const SOURCES: [&str; 7] = ["benches", "cli", "emulator", "functions", "local", "shared", "tests"];

/// Words that begin an indirect question.
const QUESTION_WORDS: [&str; 8] = ["How", "What", "Whether", "Where", "Which", "Who", "Whose", "Why"];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Returns the marker of a doc comment.
fn marker(line: &str) -> Option<&str> {
    ["///", "//!"].into_iter().find(|marker| line.trim_start().starts_with(marker))
}

/// Returns the first lines of doc comments that begin with a question word.
fn questions(source: &str) -> Vec<&str> {
    let mut before = None;
    let mut found = Vec::new();
    for line in source.lines() {
        let marker = marker(line);
        if marker.is_some() && marker != before {
            let first = line.trim_start().trim_start_matches(['/', '!']).split_whitespace().next().unwrap_or_default();
            if QUESTION_WORDS.contains(&first) {
                found.push(line.trim());
            }
        }
        before = marker;
    }
    found
}

#[test]
fn doc_comments_begin_with_a_noun_or_a_verb() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for folder in SOURCES {
        let folder = root.join(folder);
        if folder.is_dir() {
            rust_files(&folder, &mut files);
        }
    }
    assert!(files.len() > 300, "{}", files.len());
    let mut all = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).expect("readable");
        all.extend(questions(&source).into_iter().map(|line| format!("{}: {line}", file.display())));
    }
    assert!(all.is_empty(), "begin with a noun phrase or a verb instead:\n{}", all.join("\n"));
}

#[test]
fn only_the_first_line_of_a_comment_counts() {
    assert_eq!(questions("/// Whether it works.\nfn works()"), ["/// Whether it works."]);
    assert_eq!(questions("//! Title.\n//! What follows."), Vec::<&str>::new());
}
