//! Signing, payloads, the target guard and the sender.
//!
//! [`secret`] derives what signs, [`signature`] signs, [`target`] and [`address`] decide what may be called, and
//! [`sender`] makes one attempt. All but [`sender`] is pure; names are resolved through [`resolve`].

pub mod address;
pub mod payload;
pub mod resolve;
pub mod secret;
pub mod sender;
pub mod signature;
pub mod target;

mod bounded;
mod connection;
