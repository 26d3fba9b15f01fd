#![doc = include_str!("../README.md")]

pub mod master_keys;
pub mod payload;
pub mod resolve;
pub mod sender;
pub mod signature;
pub mod signing_secret;
pub mod ssrf;
pub mod target;

mod connection;
mod connection_pool;
mod read_budget;
