//! The Revenue Defenders contract, `/api/v1`: camelCase, UUIDs, errors as `{"error": "text"}`.

mod lead;
pub(crate) mod operations;
pub(crate) mod profile;
