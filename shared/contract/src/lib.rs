#![doc = include_str!("../README.md")]

mod accounts;
mod analytics;
mod body;
mod cursor;
mod deprecation;
mod disputes;
mod error;
mod examples;
mod fields;
mod follow_up;
mod json;
mod json_value;
pub mod lead_rescue;
mod leads;
mod meant_path;
pub mod native;
mod operation;
mod page;
mod profile;
mod query;
mod registry;
mod revenue_defenders;
mod schema;
mod vendor_pad;
mod webhooks;

pub use accounts::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
pub use analytics::{KpiQuery, VisitorEventListQuery, VisitorEventRequest, shown_visitor_event_id};
pub use body::parse_body;
pub use cursor::{Cursor, ListIdentity, NextCursor};
pub use deprecation::Deprecation;
pub use disputes::{
    CustomerListQuery, CustomerRequest, DisputeListQuery, DisputeRequest, EvidenceLinks, EvidenceListQuery,
    EvidenceRequest, MoneyRequest, TransactionListQuery, TransactionRequest, UploadLink, awaited_upload,
    check_read_only_dispute_fields, parse_dispute_change,
};
pub use error::ErrorKind;
pub use fields::{Fields, ParseText, TextFormat, UnknownFields};
pub use follow_up::{SequenceRequest, inbound_event_received_json};
pub use json::Json;
pub use json_value::{JsonObject, JsonValue, canonical_text};
pub use leads::{LeadListQuery, LeadRequest, Warning};
pub use meant_path::meant_path;
pub use operation::{Access, Content, ContractDescription, Operation, RequestBody, SuccessResponse};
pub use page::PageLimits;
pub use profile::{ContractProfile, DOCUMENTATION_PATHS, DisputeView, ListScope, MAX_BODY_BYTES, ShownCase};
pub use query::{ParameterDescription, Query};
pub use registry::{contract_of_path, describe, example_event, key_prefixes, profile};
pub use webhooks::{SignedContent, WebhookHeaderScheme};
