//! The settings of JSON Schemas, in documents and in the catalogue of events.

use schemars::generate::SchemaSettings;

/// Returns the settings of all JSON Schemas, with their definitions at `path`.
pub(crate) fn schema_settings(path: &'static str) -> SchemaSettings {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.with(|settings| settings.definitions_path = path.into())
}
