//! Follow-up: sequences, the claims of their messages, templates, messages in both directions, and inbound events.

mod claim;
mod inbound;
mod message;
mod sequence;
mod suppression;
mod template;

pub use claim::{ClaimOutcome, StepClaim, StepToSend, StepsToSend};
