//! Programs in other languages for verifying signatures: real interpreters and packages.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns the folder of the end-to-end tests.
pub(crate) fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

/// Returns the text of a published document, if the folder of documents is beside the repository; a clone has none.
pub(crate) fn document(name: &str) -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/seeds").join(name);
    let text = std::fs::read_to_string(file).ok();
    if text.is_none() {
        skipped(&format!("the document {name} is not at hand"));
    }
    text
}

/// Returns the lines of a document from the line `first` to the line `last`, unchanged.
pub(crate) fn lines_of<'a>(document: &'a str, first: &str, last: &str) -> Vec<&'a str> {
    let lines: Vec<_> = document.lines().skip_while(|line| *line != first).collect();
    let end = lines.iter().position(|line| *line == last).unwrap_or_else(|| panic!("no line {last}"));
    lines[..=end].to_vec()
}

fn skipped(why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Reports a missing program: an error in CI, a skipped test elsewhere.
fn missing(requirement: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI must have {requirement}");
    skipped(&format!("there is no {requirement}"));
}

/// Returns `node` with the packages of `tests/node`, if they are installed.
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

/// Returns Python with the packages of `tests/python`, if they are installed.
pub(crate) fn python() -> Option<Command> {
    let program = std::env::var("LEADHOUSE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let imports = Command::new(&program)
        .args(["-c", "import phonenumbers, standardwebhooks"])
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

/// Returns a program, if it is installed and `version` makes it print its version.
fn installed(program: &str, version: &str) -> Option<Command> {
    let mut command = Command::new(program);
    command.arg(version).stdout(Stdio::null()).stderr(Stdio::null());
    let works = command.status().is_ok_and(|ended| ended.success());
    if !works {
        missing(program);
    }
    works.then(|| Command::new(program))
}

/// Returns PHP, if it is installed.
pub(crate) fn php() -> Option<Command> {
    installed("php", "--version")
}

/// Returns Ruby, if it is installed.
pub(crate) fn ruby() -> Option<Command> {
    installed("ruby", "--version")
}

/// Returns Go, if it is installed.
pub(crate) fn go() -> Option<Command> {
    installed("go", "version")
}

/// Returns the compiler and the runtime of Java, if they are installed.
pub(crate) fn java() -> Option<(Command, Command)> {
    installed("javac", "-version").zip(installed("java", "-version"))
}

/// Returns the compiler and the runtime of C# (Mono), if they are installed.
pub(crate) fn mono() -> Option<(Command, Command)> {
    installed("mcs", "--version").zip(installed("mono", "--version"))
}

/// Returns the path of Chromium, if it is installed.
pub(crate) fn chromium() -> Option<PathBuf> {
    const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&search_path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        missing("chromium");
    }
    found
}

/// Passes `question` to a program as JSON, and returns its output.
pub(crate) fn ask(command: Command, question: &Value) -> Value {
    serde_json::from_slice(&ask_text(command, &question.to_string())).unwrap()
}

/// Passes `text` to a program, and returns its output.
pub(crate) fn ask_text(mut command: Command, text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{command:?} failed");
    ended.stdout
}

/// Returns a delivery as JSON for the programs: headers with lower-case names, and the body as text.
pub(crate) fn shown_to_programs(received: &super::Received) -> Value {
    let headers: serde_json::Map<_, _> = received
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().into()))
        .collect();
    json!({ "headers": headers, "body": std::str::from_utf8(&received.body).unwrap() })
}
