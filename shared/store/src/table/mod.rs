//! DynamoDB as the rest of this crate uses it: keys, items, conditional writes, transactions, queries, pages, and the
//! mechanisms that no subject owns. Nothing in here depends on a subject.

pub(crate) mod batch;
pub(crate) mod client;
pub(crate) mod commit;
pub(crate) mod compression;
pub(crate) mod condition;
pub(crate) mod due_index;
pub(crate) mod dynamodb;
pub(crate) mod encryption;
pub(crate) mod error;
pub(crate) mod item;
pub(crate) mod key_schema;
pub(crate) mod merged_page;
pub(crate) mod pagination;
pub(crate) mod query;
pub(crate) mod retry;
mod schema;
pub(crate) mod write;

pub(crate) use client::Store;
