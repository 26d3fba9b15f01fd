#![doc = include_str!("../README.md")]

mod api_error;
mod api_response;
mod audit;
mod business_resolution;
mod caller;
mod follow_up;
mod header;
mod idempotency;
mod if_match;
mod list_page;
mod path_id;
mod query_params;
mod records;
mod request_body;
mod request_context;
mod routes;
mod state;

pub use api_error::ApiError;
pub use api_response::ApiResponse;
pub use audit::AuditLog;
pub use auth::require;
pub use business_resolution::Businesses;
pub use caller::{Caller, Identity};
pub use follow_up::{FollowUp, MAX_HISTORY_BYTES, MAX_KEPT_HISTORY_BYTES};
pub use header::single_header;
pub use idempotency::{CommitOutcome, Idempotency, IdempotentCall, ResponseKeys};
pub use if_match::{IfMatch, Precondition};
pub use list_page::ListPage;
pub use path_id::PathId;
pub use query_params::QueryParams;
pub use records::Records;
pub use request_body::{JsonBody, OptionalJsonBody, RawBody};
pub use request_context::RequestContext;
pub use routes::{Route, Routes};
pub use state::ApiState;
