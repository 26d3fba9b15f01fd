//! Costs of a deployed stack, from measured units, durations and list prices.

pub mod idle;
pub mod measured;
pub mod operations;
pub mod price;

mod document;
mod template;

pub use document::{DOCUMENT, document};
