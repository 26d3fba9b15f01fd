//! `leadhouse trigger`: adds the example of an event to the log, which `leadhouse listen` shows.

use super::{ServerAndKey, event_type};
use crate::error::CommandError;
use crate::output::CommandOutput;
use domain::EventType;
use serde::Deserialize;
use serde_json::json;

/// Adds the example of an event to the log.
#[derive(clap::Args, Clone, Debug)]
pub struct TriggerCommand {
    /// Event, such as lead.created
    #[arg(value_parser = event_type)]
    event: EventType,
    #[command(flatten)]
    server: ServerAndKey,
    /// Print JSON on a terminal too
    #[arg(long)]
    json: bool,
}

/// The response of the API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddedExample {
    event_id: String,
}

impl TriggerCommand {
    /// Returns whether the result is to be printed as JSON wherever it goes.
    pub fn wants_json(&self) -> bool {
        self.json
    }

    /// Adds the example, and returns the id of the event.
    pub async fn run(self) -> Result<CommandOutput, CommandError> {
        let body = json!({ "event": self.event.name() }).to_string();
        let added: AddedExample = self.server.client()?.post(&["event-log"], body).await?;
        Ok(CommandOutput::Object(json!({ "event": self.event.name(), "eventId": added.event_id })))
    }
}
