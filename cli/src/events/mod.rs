//! Commands for those who develop a receiver of webhooks: showing the events of a server on a machine without a public
//! address, forwarding them to a local receiver, and adding examples. They call the API with a key, as any caller does.

mod api_client;
mod forwarder;
mod listen;
mod server_and_key;
mod trigger;

pub use api_client::ApiCallError;
pub use listen::ListenCommand;
pub use trigger::TriggerCommand;

use domain::EventType;
use server_and_key::ServerAndKey;

/// Parses the name of an event type.
fn event_type(text: &str) -> Result<EventType, String> {
    let named = EventType::ALL.iter().copied().find(|event| event.name().eq_ignore_ascii_case(text.trim()));
    named.ok_or_else(|| {
        let names: Vec<_> = EventType::ALL.iter().map(|event| event.name()).collect();
        format!("must be one of {}", names.join(", "))
    })
}
