#![doc = include_str!("../README.md")]

mod api_error;
mod api_response;
mod audit;
mod business_resolution;
mod caller;
mod follow_up;
mod idempotency;
mod if_match;
mod input;
mod records;
mod request_context;
mod routes;
mod state;

pub use api_error::ApiError;
pub use api_response::ApiResponse;
pub use auth::require;
pub use caller::Caller;
pub use follow_up::{MOST_KEPT, MOST_SHOWN};
pub use idempotency::{CommitOutcome, ResponseKeys};
pub use if_match::IfMatch;
pub use input::{JsonBody, OptionalJsonBody, PathId, QueryParams, RawBody};
pub use request_context::RequestContext;
pub use routes::{Route, Routes};
pub use state::ApiState;
