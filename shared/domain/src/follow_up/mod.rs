//! Follow-up of leads: sequences of messages, their templates, quiet hours, replies and opt-outs.

pub mod inbound;
pub mod inbound_secret;
pub mod message;
pub mod opt_out;
pub mod plan;
pub mod quiet_hours;
pub mod sequence;
pub mod suppression;
pub mod template;
