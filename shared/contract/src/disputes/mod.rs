//! Disputes: customers, transactions, disputes and evidence. The native contract and Revenue Defenders share them, but
//! for what changes leave behind.

pub(crate) mod customer;
pub(crate) mod dispute;
pub(crate) mod evidence;
mod money;
pub(crate) mod package;
pub(crate) mod transaction;
mod upload_link;

pub use customer::{CustomerListQuery, CustomerRequest};
pub use dispute::{DisputeListQuery, DisputeRequest, check_read_only_dispute_fields, parse_dispute_change};
pub use evidence::{EvidenceLinks, EvidenceListQuery, EvidenceRequest};
pub use money::MoneyRequest;
pub use transaction::{TransactionListQuery, TransactionRequest};
pub use upload_link::{UploadLink, awaited_upload};
