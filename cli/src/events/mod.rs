//! Commands for those who develop a receiver of webhooks: showing the events of a server on a machine without a public
//! address, forwarding them to a local receiver, and adding examples. They call the API with a key, as any caller does.

mod api_client;
mod forwarder;
mod listen;
mod trigger;

pub use api_client::ApiCallError;
pub use listen::ListenCommand;
pub use trigger::TriggerCommand;

use api_client::ApiClient;
use domain::EventType;

/// The server and the key that commands call it with.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct ServerAndKey {
    /// URL of the server: the local one, or the base URL of a deployment's API
    #[arg(long, value_name = "URL", env = "LEADHOUSE_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// API key with the scope that the command needs
    #[arg(long, value_name = "KEY", env = "LEADHOUSE_KEY", hide_env_values = true)]
    key: String,
}

impl ServerAndKey {
    fn client(&self) -> Result<ApiClient, ApiCallError> {
        ApiClient::new(&self.url, &self.key)
    }
}

/// Parses the name of an event type.
fn event_type(text: &str) -> Result<EventType, String> {
    let named = EventType::ALL.iter().copied().find(|event| event.name().eq_ignore_ascii_case(text.trim()));
    named.ok_or_else(|| {
        let names: Vec<_> = EventType::ALL.iter().map(|event| event.name()).collect();
        format!("must be one of {}", names.join(", "))
    })
}
