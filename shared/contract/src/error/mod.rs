//! API errors.

mod fields_by_name;
mod kind;

pub(crate) use fields_by_name::{Envelope as ErrorWithFieldsByName, error_json_with_fields_by_name};
pub use kind::ErrorKind;
