//! Follow-up: sequences and their steps, templates, messages in both directions, and inbound events.

mod inbound;
mod message;
mod sequence;
mod step;
mod suppression;
mod template;

pub use step::{ClaimOutcome, StepClaim, StepToSend};
