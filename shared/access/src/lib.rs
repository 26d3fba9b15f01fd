//! Keys, scopes, limits and idempotency: the typed caller that a handler receives.
//!
//! A handler that takes a [`Caller`] of a scope cannot be reached without a key that has it, counted against its
//! limits. What a handler returns is an [`ApiResponse`] or [`ApiError`], in no contract's words yet.

mod api_error;
mod api_key;
mod api_response;
mod caller;
mod expected;
mod follow_up;
mod gate;
mod idempotency;
mod input;
mod limit_headers;
mod placement;
mod records;
mod routes;
mod spent;
mod trace;

pub use api_error::ApiError;
pub use api_key::{ApiKey, KeyPrefix};
pub use api_response::ApiResponse;
pub use caller::{Caller, Meta, needs};
pub use expected::Expected;
pub use follow_up::{MOST_KEPT, MOST_SHOWN};
pub use gate::{Gate, ResponseKeys};
pub use idempotency::CommitOutcome;
pub use input::{Input, MaybeInput, PathId, Queried, Unread};
pub use limit_headers::limit_headers;
pub use routes::{Route, Routes};
