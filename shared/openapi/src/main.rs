//! Writes the OpenAPI documents and the catalogue of events to the folder `openapi/` of the repository.

use domain::Contract;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for contract in Contract::ALL {
        std::fs::write(root.join(openapi::file_name(contract)), openapi::text(contract))?;
    }
    std::fs::write(root.join(openapi::EVENT_CATALOGUE), openapi::event_catalogue())
}
