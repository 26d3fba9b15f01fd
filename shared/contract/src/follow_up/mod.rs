//! Follow-up: sequences, messages and inbound events, in camelCase and `snake_case`.

pub(crate) mod inbound_event;
pub(crate) mod message;
pub(crate) mod sequence;

pub use inbound_event::inbound_event_received_json;
pub use sequence::SequenceRequest;
