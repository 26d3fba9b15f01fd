//! Writes the documents that the models generate.

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

/// The root of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[expect(clippy::print_stderr, reason = "a program of the command line")]
fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let written = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["cost"] => fs::write(Path::new(ROOT).join(model::cost::DOCUMENT), model::cost::document()),
        ["scale"] => write_tables(&Path::new(ROOT).join(model::scale::DOCUMENT)),
        _ => {
            eprintln!("usage: cargo run -p model -- cost | scale");
            return ExitCode::FAILURE;
        }
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the document cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Replaces the tables of a document, which stand between two markers.
fn write_tables(path: &Path) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let [begin, end] = model::scale::MARKERS;
    let missing = || io::Error::other("the document has no markers");
    let (before, rest) = text.split_once(begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(end).ok_or_else(missing)?;
    fs::write(path, format!("{before}{begin}\n{}\n{end}{after}", model::scale::tables()))
}
