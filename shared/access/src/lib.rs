//! Keys, scopes, limits and idempotency: the typed caller that a handler receives.
//!
//! A handler that takes a [`Caller`] of a scope cannot be reached without a key that has it, counted against its
//! limits. What a handler returns is an [`Answer`] or [`Refused`], in no contract's words yet.

mod answer;
mod api_key;
mod caller;
mod expected;
mod follow_up;
mod gate;
mod input;
mod limit_headers;
mod once;
mod placement;
mod records;
mod refused;
mod routes;
mod spent;
mod trace;

pub use answer::Answer;
pub use api_key::{ApiKey, KeyPrefix};
pub use caller::{Caller, Meta, needs};
pub use expected::Expected;
pub use follow_up::{MOST_KEPT, MOST_SHOWN};
pub use gate::{Gate, Seals};
pub use input::{Input, MaybeInput, PathId, Queried, Unread};
pub use limit_headers::limit_headers;
pub use once::Committed;
pub use refused::Refused;
pub use routes::{Route, Routes};
