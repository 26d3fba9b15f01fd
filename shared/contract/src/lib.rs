//! The four wire formats: what callers and subscribers read and write.
//!
//! Each contract is a module that implements [`ContractProfile`]; nothing else in the house knows how a contract spells a
//! field. What only the native contract has (subscriptions, deliveries, keys, businesses) lies under [`native`].

mod accounts;
mod body;
mod cursor;
mod error;
mod fields;
mod follow_up;
mod inbound;
mod json;
mod kpi;
mod lead;
pub mod lead_rescue;
mod list_query;
pub mod native;
mod page;
mod profile;
mod record;
mod revenue_defenders;
mod score;
mod vendor_pad;
mod visitor_event;
mod webhooks;

pub use accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
pub use body::parse_body;
pub use cursor::{Cursor, ListIdentity};
pub use error::ErrorKind;
pub use fields::Fields;
pub use follow_up::{SequenceDraft, lead_id, message, read_sequence, sequence, write_lead_id};
pub use inbound::{read_inbound, received};
pub use json::Json;
pub use kpi::kpis;
pub use lead::LeadDraft;
pub use list_query::{
    CustomerListQuery, DisputeListQuery, EvidenceListQuery, KpiQuery, LeadListQuery, TransactionListQuery,
};
pub use page::{PageLimits, Query};
pub use profile::{ContractProfile, LeadView, ListScope, MAX_BODY_BYTES, contract_of_path, key_prefixes, profile};
pub use record::{CustomerDraft, DisputeDraft, EvidenceDraft, MoneyDraft, TransactionDraft, id, read_dispute_change};
pub use visitor_event::{VisitorEventDraft, read_visitor_event, visitor_event};
pub use webhooks::{SignedContent, WebhookHeaderScheme};
