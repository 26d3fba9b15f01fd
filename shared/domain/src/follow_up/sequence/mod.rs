//! Follow-up sequences: the messages that a lead is sent on the days of a template, until the sequence is stopped.
//!
//! # Claim of a message
//!
//! A person must never get a message twice, nor after an opt-out was acknowledged, although a queue may deliver a step
//! twice and a function may crash at any point. A step is therefore sent in three writes, each conditional on the
//! sequence's version:
//!
//! 1. *Claim* ([`Sequence::claim_next_step`]): the message is stored as SENDING, and the sequence records the claim
//!    with the time [`CLAIM_DURATION`] from now. Of two functions, only one gets the claim.
//! 2. *Send*: the message is handed to the provider once, within the duration of the claim.
//! 3. *Settle* ([`Sequence::settle_claim`]): the outcome is recorded, and the next step is scheduled. If the function
//!    crashed, the claim expires and is settled as unknown: the message may have been sent, so it is not sent again.
//!
//! A stop ([`Sequence::stopped`]) marks the sequence first. Steps that are not claimed by then are never sent, and a
//! step that is claimed ends within the duration of its claim, for which the stop waits.

mod advance;
mod channel;
mod claim;
mod late_step;
mod retry;
mod send_failure;
mod send_outcome;
mod send_time_policy;
mod start;
mod state;
mod status;
mod stop;
#[cfg(test)]
mod tests;

pub use channel::{Recipient, choose_channel};
pub use claim::{ClaimedStep, SettledStep};
pub use send_failure::SendFailure;
pub use send_outcome::SendOutcome;
pub use send_time_policy::SendTimePolicy;
pub use start::SequenceStart;
pub use state::{CLAIM_DURATION, Claim, Sequence, Step};
pub use status::{SequenceStatus, StepStatus, StopReason};
