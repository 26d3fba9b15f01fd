//! The documents of the repository are those that the code generates.

use domain::Contract;
use std::path::Path;

#[test]
fn checked_in_documents_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for contract in Contract::ALL {
        let file = root.join(openapi::file_name(contract));
        let checked_in = std::fs::read_to_string(&file).expect("a document");
        let is_current = checked_in == openapi::text(contract);
        assert!(is_current, "{} is out of date: run `cargo run -p openapi`", file.display());
    }
}
