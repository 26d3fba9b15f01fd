//! Signing, payloads, the target guard and the sender.
//!
//! [`secret`] derives what signs, [`signature`] signs, [`target`] and [`address`] decide what may be called, and
//! [`sender`] makes one attempt. All but [`sender`] is pure; names are resolved through [`resolve`].

pub mod master_keys;
pub mod payload;
pub mod resolve;
pub mod sender;
pub mod signature;
pub mod ssrf;
pub mod target;

mod connection;
mod read_budget;
