//! Programs of other languages that a promise is tried with: real interpreters, real packages.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of the promises.
pub(crate) fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

/// A published document's text, where the folder of documents stands beside the repository; a clone has none.
pub(crate) fn document(name: &str) -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/seeds").join(name);
    let text = std::fs::read_to_string(file).ok();
    if text.is_none() {
        skipped(&format!("the document {name} is not at hand"));
    }
    text
}

/// The lines of a document from the one that is `first` to the one that is `last`, as they stand.
pub(crate) fn lines_of<'a>(document: &'a str, first: &str, last: &str) -> Vec<&'a str> {
    let lines: Vec<_> = document.lines().skip_while(|line| *line != first).collect();
    let end = lines.iter().position(|line| *line == last).unwrap_or_else(|| panic!("no line {last}"));
    lines[..=end].to_vec()
}

fn skipped(why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Something that a promise needs is missing: CI must have it, others may do without.
fn missing(what: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI must have {what}");
    skipped(&format!("there is no {what}"));
}

/// `node` with the packages of `tests/node`, if they are installed.
pub(crate) fn node() -> Option<Command> {
    let folder = tests_folder().join("node");
    let works = Command::new("node").arg("--version").stdout(Stdio::null()).status().is_ok_and(|ended| ended.success());
    if !works || !folder.join("node_modules/standardwebhooks").exists() {
        missing("node with the packages of tests/node (npm ci)");
        return None;
    }
    let mut command = Command::new("node");
    command.current_dir(folder);
    Some(command)
}

/// Python with the packages of `tests/python`, if they are installed.
pub(crate) fn python() -> Option<Command> {
    let program = std::env::var("LEADHOUSE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let imports = Command::new(&program)
        .args(["-c", "import standardwebhooks"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|ended| ended.success());
    if !imports {
        missing("Python with the packages of tests/python/requirements.txt (LEADHOUSE_TEST_PYTHON names it)");
        return None;
    }
    let mut command = Command::new(program);
    command.current_dir(tests_folder().join("python"));
    Some(command)
}

/// PHP, if it is installed.
pub(crate) fn php() -> Option<Command> {
    let works = Command::new("php").arg("--version").stdout(Stdio::null()).status().is_ok_and(|ended| ended.success());
    if !works {
        missing("php");
    }
    works.then(|| Command::new("php"))
}

/// Hands `question` to a program as JSON and reads its answer.
pub(crate) fn ask(mut command: Command, question: &Value) -> Value {
    use std::io::Write;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{command:?} failed");
    serde_json::from_slice(&ended.stdout).unwrap()
}

/// A delivery as programs are handed it: the headers by their names in lower case, the body as the text it came as.
pub(crate) fn shown_to_programs(received: &super::Received) -> Value {
    let headers: serde_json::Map<_, _> = received
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().into()))
        .collect();
    json!({ "headers": headers, "body": std::str::from_utf8(&received.body).unwrap() })
}
