//! The VendorPad contract, `/api/v1/developer`: `snake_case`, UUIDs, errors with their fields by name.

mod lead;
pub(crate) mod operations;
pub(crate) mod profile;
