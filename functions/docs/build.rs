//! Compresses the OpenAPI documents of the folder `openapi/`, and names each embedded file by its SHA-256 hash.

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The vendored script of the documentation pages.
const SCRIPT: &str = "vendor/scalar-api-reference/standalone.js.gz";

fn main() -> Result<(), Box<dyn Error>> {
    let crate_folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let output_folder = PathBuf::from(std::env::var("OUT_DIR")?);
    let documents = crate_folder.join("../../openapi");
    let script = crate_folder.join(SCRIPT);
    println!("cargo::rerun-if-changed={}", documents.display());
    println!("cargo::rerun-if-changed={}", script.display());
    let mut entries = String::new();
    for document in json_files(&documents)? {
        let name = document.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read(&document)?;
        let file = output_folder.join(format!("{name}.json.gz"));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&text)?;
        fs::write(&file, encoder.finish()?)?;
        writeln!(entries, "({name:?}, include_bytes!({:?}), {:?}),", utf8(&file)?, hash(&text))?;
    }
    let script_path = utf8(&script)?;
    let script_hash = hash(&fs::read(&script)?);
    let generated = format!(
        "/// Each OpenAPI document: its name, its bytes compressed by gzip, the hash of its text.\n\
         pub(crate) const DOCUMENTS: &[(&str, &[u8], &str)] = &[{entries}];\n\
         /// The script of the documentation pages: its bytes compressed by gzip, and their hash.\n\
         pub(crate) const SCRIPT: (&[u8], &str) = (include_bytes!({script_path:?}), {script_hash:?});\n"
    );
    fs::write(output_folder.join("embedded.rs"), generated)?;
    Ok(())
}

fn utf8(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()))
}

/// Returns the JSON files directly in `folder`, in the order of their names.
fn json_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the first 128 bits of the SHA-256 hash in hexadecimal: enough to tell versions of a file apart.
fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
