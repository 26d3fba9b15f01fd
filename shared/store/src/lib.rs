//! The single table and the access table: one file per access pattern, and the only crate that names the
//! DynamoDB SDK. `docs/data-model.md` shows every item kind with its keys, and what each pattern costs.

mod admission;
mod attempt;
mod audit;
mod batch;
mod belonging;
mod business;
mod client;
mod commit;
mod delivery;
mod due;
mod email_mark;
mod emptying;
mod encryption;
mod error;
mod health;
mod idempotency;
mod inbound;
mod item;
mod key;
mod keys;
mod known_businesses;
mod kpi;
mod lead;
mod list;
mod message;
mod packed;
mod record;
mod schema;
mod sequence;
mod stream;
mod subscription;
mod template;
mod tenant;
mod visitor_event;

pub use admission::{Admission, AdmissionRefused, AdmittedKey};
pub use audit::AuditFilter;
pub use belonging::{Belonging, BelongingFilter};
pub use client::{Connection, Credentials};
pub use commit::{CommitError, Write};
pub use delivery::{CreatedDelivery, DeliveryFilter, DeliveryToSend, ReadDelivery};
pub use due::{Due, DueDelivery, DueStep, SHARDS, shard_of};
pub use emptying::Emptied;
pub use encryption::DataKey;
pub use error::StoreError;
pub use idempotency::{IdempotencyKey, IdempotencyLookup, IdempotencyRecord, Protection, StoredResponse};
pub use known_businesses::KnownBusinesses;
pub use lead::{CreatedLead, LeadFilter, Standing, StoredLead, TakenLead};
pub use list::{Page, PageRequest, Position};
pub use sequence::{ClaimOutcome, StepToSend};
pub use stream::{Change, change_of};
pub use subscription::SubscriptionRefused;

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
