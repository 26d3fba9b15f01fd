//! Disputes about payments, with their customers, transactions and evidence.

pub mod customer;
pub mod dispute;
pub mod evidence;
pub mod money;
pub mod package;
pub mod transaction;
