//! The single table and the access table: one file per access pattern, and the only crate that names the
//! DynamoDB SDK. `docs/data-model.md` shows every item kind with its keys, and what each pattern costs.

mod attempt;
mod audit;
mod authentication;
mod batch;
mod business;
mod business_cache;
mod business_record;
mod client;
mod commit;
mod compression;
mod condition;
mod delivery;
mod due;
mod encryption;
mod endpoint_health;
mod error;
mod idempotency;
mod inbound;
mod item;
mod key;
mod keys;
mod kpi;
mod lead;
mod list;
mod message;
mod purge;
mod record;
mod retry;
mod schema;
mod sequence;
mod stream;
mod subscription;
mod template;
mod tenant;
mod unique_email;
mod visitor_event;

pub use audit::AuditFilter;
pub use authentication::{AuthenticatedCall, AuthenticatedKey, AuthenticationError};
pub use business_cache::BusinessCache;
pub use business_record::{BusinessRecord, RecordFilter};
pub use client::{Connection, CredentialsProvider};
pub use commit::{CommitError, Write};
pub use condition::Condition;
pub use delivery::{CreatedDelivery, DeliveryFilter, DeliveryToSend, StoredDelivery};
pub use due::{DUE_SHARDS, Due, DueDelivery, DueStep, due_shard};
pub use encryption::DataKey;
pub use error::StoreError;
pub use idempotency::{IdempotencyKey, IdempotencyLookup, IdempotencyRecord, Protection, StoredResponse};
pub use lead::{CreatedLead, LeadFilter, LeadState, StoredLead, UniqueLead};
pub use list::{Page, PageRequest, Position};
pub use purge::PurgeProgress;
pub use retry::{ConflictRetries, MAX_CONFLICT_ATTEMPTS, MAX_SEQUENCE_CONFLICT_ATTEMPTS};
pub use sequence::{ClaimOutcome, StepToSend};
pub use stream::{Change, change_from_images};

use aws_sdk_dynamodb::Client;

/// Both tables, and every way of reading and writing them.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    access_table: String,
}

impl Store {
    /// The tables of these names behind `connection`.
    pub fn new(connection: Connection, table: impl Into<String>, access_table: impl Into<String>) -> Self {
        Self { client: connection.client(), table: table.into(), access_table: access_table.into() }
    }
}
