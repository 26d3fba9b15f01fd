//! Disputes about payments, with their customers, transactions and evidence, and the packages that answer them.

pub mod case;
pub mod checklist;
pub mod customer;
pub mod dispute;
pub mod evidence;
pub mod evidence_summary;
pub mod money;
pub mod package;
pub mod rebuttal;
pub mod transaction;
