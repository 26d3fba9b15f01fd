//! Writes the OpenAPI documents and the catalogue of events to the folder `openapi/` of the repository.

use domain::Contract;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for contract in Contract::ALL {
        write_if_changed(&root.join(openapi::file_name(contract)), &openapi::text(contract))?;
    }
    write_if_changed(&root.join(openapi::EVENT_CATALOGUE), &openapi::event_catalogue())
}

/// Leaves a file alone that has this text: what embeds it need not be compiled again.
fn write_if_changed(path: &Path, text: &str) -> std::io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|found| found == text) { Ok(()) } else { std::fs::write(path, text) }
}
