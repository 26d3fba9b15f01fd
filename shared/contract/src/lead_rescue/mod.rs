//! The LeadRescue contract, `/v1`: `snake_case`, lead ids as `l_` and 32 hexadecimal digits, errors with their fields
//! by name.

mod dispute;
mod event;
mod lead;
pub(crate) mod operations;
pub(crate) mod profile;

pub use lead::{
    LICENSE_PHOTO, LeadDetails, lead_with_details_json, parse_lead_change, shown_photo_link_field, take_photo,
};
