//! `leadhouse listen`: shows events as they occur and forwards them to a local receiver.

use super::api_client::{ApiCallError, ApiClient};
use super::forwarder::Forwarder;
use super::{ServerAndKey, event_type};
use crate::error::CommandError;
use crate::random;
use domain::{Clock, Contract, EventType};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::io::Write;
use std::time::Duration;
use tokio::time::Instant;
use webhook::signing_secret::SigningSecret;

/// Time that the server is asked to wait for an event: the most that it accepts.
const WAIT: Duration = Duration::from_secs(contract::native::MAX_WAIT_SECONDS);

/// Time between two requests to a server that does not wait.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Time between two requests while the server cannot be reached, at first and at most. It doubles in between.
const RETRY_WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Number of events whose repetitions are recognized.
const MAX_KNOWN_EVENTS: usize = 1_000;

/// Shows events as they occur, and forwards them.
#[derive(clap::Args, Clone, Debug)]
pub struct ListenCommand {
    #[command(flatten)]
    server: ServerAndKey,
    /// URL of a receiver, to which each event is posted with its signature
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,
    /// Contract of payloads and headers: native, revenueDefenders, leadRescue or vendorPad
    #[arg(long, value_name = "NAME", default_value = "native", value_parser = contract_named)]
    contract: Contract,
    /// Only these events, such as lead.created,lead.won
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = event_type)]
    events: Vec<EventType>,
    /// Beginning: latest, oldest, or the position of an event
    #[arg(long, value_name = "POSITION", default_value = "latest")]
    after: String,
    /// Secret (whsec_…) that forwarded events are signed with; without it, a new one is made and shown
    #[arg(long, value_name = "SECRET", env = "LEADHOUSE_WEBHOOK_SECRET", hide_env_values = true, value_parser = signing_secret)]
    secret: Option<SigningSecret>,
    /// Print each event as one line of JSON
    #[arg(long)]
    json: bool,
}

fn contract_named(text: &str) -> Result<Contract, String> {
    // `revenue-defenders` is how options are usually written, `revenueDefenders` how the API names it.
    let letters = text.trim().replace('-', "");
    let named = Contract::ALL.into_iter().find(|contract| contract.name().eq_ignore_ascii_case(&letters));
    named.ok_or_else(|| format!("must be one of {}", Contract::ALL.map(Contract::name).join(", ")))
}

fn signing_secret(text: &str) -> Result<SigningSecret, String> {
    SigningSecret::parse(text).ok_or_else(|| "must be whsec_ and the base64 of 32 bytes".to_owned())
}

/// Returns what the user is told of a server that answers at once though there is no event.
fn not_waiting_note() -> String {
    format!(
        "The server answers without waiting for events: it does not allow that, or another request of this key waits. \
         Asking every {} s.",
        POLL_INTERVAL.as_secs()
    )
}

/// A page of the event log.
#[derive(Deserialize)]
struct EventPage {
    data: Vec<ListedEvent>,
    pagination: Pagination,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    after: String,
    has_more: bool,
}

/// An event as the API lists it. The payload keeps its bytes, which the signature covers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedEvent {
    id: String,
    event: String,
    occurred_at: String,
    payload: Option<Box<RawValue>>,
}

/// The ids of the last events: one may be listed twice.
#[derive(Default)]
struct KnownEvents(VecDeque<String>);

impl KnownEvents {
    /// Returns whether the event is listed for the first time, and remembers it.
    fn is_new(&mut self, id: &str) -> bool {
        if self.0.iter().any(|known| known == id) {
            return false;
        }
        self.0.push_back(id.to_owned());
        if self.0.len() > MAX_KNOWN_EVENTS {
            self.0.pop_front();
        }
        true
    }
}

impl ListenCommand {
    /// Shows and forwards events until the process is ended, or until the server rejects a call.
    pub async fn run(
        self,
        clock: &dyn Clock,
        out: &mut (dyn Write + Send),
        notes: &mut (dyn Write + Send),
    ) -> Result<(), CommandError> {
        let client = self.server.client()?;
        let forwarder = self.forwarder(notes)?;
        let mut known = KnownEvents::default();
        let mut after = if self.after.eq_ignore_ascii_case("oldest") { None } else { Some(self.after.clone()) };
        // What the server counts as latest is asked for once, before the user is told that events will be shown.
        if after.as_deref().is_some_and(|after| after.eq_ignore_ascii_case("latest")) {
            after = Some(self.page(&client, after.as_deref(), Duration::ZERO, notes).await?.pagination.after);
        }
        writeln!(notes, "Listening for events. Press Ctrl-C to stop.")?;
        let mut polls = false;
        loop {
            let asked_at = Instant::now();
            let page = self.page(&client, after.as_deref(), WAIT, notes).await?;
            let is_empty = page.data.is_empty();
            for event in page.data {
                if known.is_new(&event.id) && self.shows(&event) {
                    self.show(&event, forwarder.as_ref(), clock, out, notes).await?;
                }
            }
            after = Some(page.pagination.after);
            if is_empty && !page.pagination.has_more && asked_at.elapsed() < POLL_INTERVAL {
                if !std::mem::replace(&mut polls, true) {
                    writeln!(notes, "{}", not_waiting_note())?;
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        }
    }

    fn forwarder(&self, notes: &mut (dyn Write + Send)) -> Result<Option<Forwarder>, CommandError> {
        let Some(url) = &self.forward_to else { return Ok(None) };
        let secret = if let Some(secret) = &self.secret {
            secret.clone()
        } else {
            let secret = SigningSecret::from_bytes(random::bytes()?);
            writeln!(notes, "Forwarding to {url}, signed with {}", secret.reveal())?;
            secret
        };
        Forwarder::new(url, secret, self.contract).map(Some)
    }

    fn shows(&self, event: &ListedEvent) -> bool {
        self.events.is_empty() || self.events.iter().any(|shown| shown.name() == event.event)
    }

    async fn show(
        &self,
        event: &ListedEvent,
        forwarder: Option<&Forwarder>,
        clock: &dyn Clock,
        out: &mut (dyn Write + Send),
        notes: &mut (dyn Write + Send),
    ) -> Result<(), CommandError> {
        let payload = event.payload.as_deref().map(RawValue::get);
        let answer = match (forwarder, payload) {
            (Some(forwarder), Some(payload)) => {
                Some(forwarder.send(&event.event, &event.id, payload, clock.now()).await)
            }
            (_, None) => Some("not forwarded: the lead has been erased".to_owned()),
            (None, Some(_)) => None,
        };
        if self.json {
            writeln!(out, "{}", payload.unwrap_or("null"))?;
            if let Some(answer) = answer {
                writeln!(notes, "{}  {}  -> {answer}", event.event, event.id)?;
            }
        } else {
            let answer = answer.map(|answer| format!("  -> {answer}")).unwrap_or_default();
            writeln!(out, "{}  {:<22}  {}{answer}", event.occurred_at, event.event, event.id)?;
        }
        out.flush()?;
        Ok(())
    }

    /// Reads a page, again and again while the server cannot be reached.
    async fn page(
        &self,
        client: &ApiClient,
        after: Option<&str>,
        wait: Duration,
        notes: &mut (dyn Write + Send),
    ) -> Result<EventPage, CommandError> {
        let seconds = wait.as_secs().to_string();
        let mut query = vec![("wait", seconds.as_str()), ("contract", self.contract.name())];
        query.extend(after.map(|after| ("after", after)));
        let (mut pause, longest) = RETRY_WAITS;
        loop {
            let error: ApiCallError = match client.get(&["event-log"], &query, wait).await {
                Ok(page) => return Ok(page),
                Err(error) if error.is_transient() => error,
                Err(error) => return Err(error.into()),
            };
            let wait = error.retry_after().unwrap_or(pause);
            writeln!(notes, "{error}; trying again in {} s", wait.as_secs())?;
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(longest);
        }
    }
}
