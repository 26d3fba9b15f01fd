//! The event log: reading events in the order in which they were recorded.

use crate::fields::{Fields, text_format::TextFormat};
use crate::json::Json;
use crate::query::Query;
use crate::registry::profile;
use crate::schema::{AnyObject, EventTypeName, Time, Uuid};
use domain::webhooks::event_log::LogPosition;
use domain::{BusinessId, Contract, Event, EventId, EventType, FieldErrors, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// Maximum number of events on a page.
const MAX_EVENTS: usize = 100;

/// Maximum number of seconds that a request waits for an event: below the 30 seconds after which gateways give up.
pub const MAX_WAIT_SECONDS: u64 = 20;

/// Value of `after` for the end of the log.
const LATEST: &str = "latest";

/// The place where a page of the event log begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStart {
    /// With the oldest event that is kept.
    Oldest,
    /// After the newest event.
    Latest,
    /// After a position.
    After(LogPosition),
}

/// A request for a page of the event log.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLogQuery {
    /// The place where the page begins.
    pub start: LogStart,
    /// Maximum number of events.
    pub limit: usize,
    /// Time to wait for an event if there is none.
    pub wait: Duration,
    /// Contract of the payloads.
    pub contract: Contract,
    /// Only events of this type.
    pub event: Option<EventType>,
    /// Only events of this business.
    pub business: Option<BusinessId>,
}

impl EventLogQuery {
    /// Reads the parameters of a request received at `now`.
    ///
    /// # Errors
    ///
    /// Returns every error that was found. A parameter that is not known is one: a filter with a misspelled name would
    /// show everything.
    pub fn read(mut query: Query, now: Timestamp) -> Result<Self, FieldErrors> {
        let request = Self::read_parameters(&mut query, now);
        query.finish_without_unknown()?;
        Ok(request)
    }

    pub(in crate::native) fn read_parameters(query: &mut Query, now: Timestamp) -> Self {
        let start = query.optional("after", after_format(now));
        let limit = query.optional("limit", whole_number(1, MAX_EVENTS as u64));
        let wait = query.optional("wait", whole_number(0, MAX_WAIT_SECONDS));
        let contract = query.one_of("contract", &Contract::ALL, Contract::name);
        let event = query.one_of("event", EventType::ALL, EventType::name);
        let business = query.optional("businessId", crate::fields::text_format::id(BusinessId::parse));
        Self {
            start: start.unwrap_or(LogStart::Oldest),
            limit: limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MAX_EVENTS),
            wait: Duration::from_secs(wait.unwrap_or(0)),
            contract: contract.unwrap_or(Contract::Native),
            event,
            business,
        }
    }
}

fn after_format(now: Timestamp) -> TextFormat<impl FnOnce(&str) -> Result<LogStart, String>> {
    let format = TextFormat::of(move |text: &str| parse_start(text, now));
    format.pattern("^([0-9a-f]{32}|latest)$").examples(&[LATEST])
}

fn parse_start(text: &str, now: Timestamp) -> Result<LogStart, String> {
    if text.trim().eq_ignore_ascii_case(LATEST) {
        return Ok(LogStart::Latest);
    }
    let Some(position) = LogPosition::parse(text) else {
        return Err("must be a position that a response gave, or `latest`".to_owned());
    };
    if position.has_expired(now) {
        return Err(
            "is older than 30 days, for which events are kept. Leave it out to begin with the oldest event, or \
                    send `latest`"
                .to_owned(),
        );
    }
    Ok(LogStart::After(position))
}

fn whole_number(min: u64, max: u64) -> TextFormat<impl FnOnce(&str) -> Result<u64, String>> {
    let parse = move |text: &str| {
        let number = text.trim().parse().ok().filter(|number| (min..=max).contains(number));
        number.ok_or_else(|| format!("must be an integer from {min} to {max}"))
    };
    let bound = |bound: u64| i64::try_from(bound).unwrap_or(i64::MAX);
    TextFormat::of(parse).whole_number(bound(min)..=bound(max))
}

/// Parses a request that adds the example of an event to the log, `{"event"}`.
///
/// # Errors
///
/// Returns every error that was found.
pub fn parse_example_request(mut fields: Fields<'_>) -> Result<EventType, FieldErrors> {
    fields.require("event");
    let event = fields.one_of("event", EventType::ALL, EventType::name);
    fields.finish()?;
    Ok(event.unwrap_or(EventType::Ping))
}

/// The content of an event of the log.
#[derive(Clone, Debug)]
pub enum LoggedContent {
    /// The event, as of the change.
    Event(Box<Event>),
    /// The payload of the example of the event.
    Example(Json),
    /// Nothing: the lead has been erased since.
    Erased,
}

/// An event of the log.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// The position after the event.
    pub position: LogPosition,
    /// Id of the event.
    pub id: EventId,
    /// Type of the event.
    pub event_type: EventType,
    /// Business of the subject, if it has one.
    pub business: Option<BusinessId>,
    /// Time of the event.
    pub occurred_at: Timestamp,
    /// Content.
    pub content: LoggedContent,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoggedEvent")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct LoggedEventJson {
    position: String,
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "EventTypeName")]
    event: &'static str,
    #[schemars(with = "Option<Uuid>")]
    business_id: Option<String>,
    #[schemars(with = "Time")]
    occurred_at: String,
    example: bool,
    erased: bool,
    #[schemars(with = "Option<AnyObject>")]
    payload: Option<Json>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventLogPagination")]
#[serde(rename_all = "camelCase")]
struct EventLogPaginationJson {
    after: String,
    has_more: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventLog")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct EventLogJson {
    data: Vec<LoggedEventJson>,
    pagination: EventLogPaginationJson,
}

fn logged_event_json(logged: LoggedEvent, contract: Contract) -> LoggedEventJson {
    let (example, erased) =
        (matches!(logged.content, LoggedContent::Example(_)), matches!(logged.content, LoggedContent::Erased));
    let payload = match logged.content {
        LoggedContent::Event(event) => Some(profile(contract).webhook_payload(&event)),
        LoggedContent::Example(payload) => Some(payload),
        LoggedContent::Erased => None,
    };
    LoggedEventJson {
        position: logged.position.to_string(),
        id: logged.id.to_string(),
        event: logged.event_type.name(),
        business_id: logged.business.map(|business| business.to_string()),
        occurred_at: logged.occurred_at.to_string(),
        example,
        erased,
        payload,
    }
}

/// Returns a page of the event log. `next` is the position to go on at.
pub fn event_log_json(events: Vec<LoggedEvent>, contract: Contract, next: LogPosition, has_more: bool) -> Json {
    let data = events.into_iter().map(|event| logged_event_json(event, contract)).collect();
    Json::of(&EventLogJson { data, pagination: EventLogPaginationJson { after: next.to_string(), has_more } })
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoggedExample")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct LoggedExampleJson {
    #[schemars(with = "Uuid")]
    event_id: String,
}

/// Returns the response to a request that adds an example to the log.
pub fn logged_example_json(event: EventId) -> Json {
    Json::of(&LoggedExampleJson { event_id: event.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::UnknownFields;

    fn read(parameters: &[(&str, &str)]) -> Result<EventLogQuery, Vec<String>> {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let read = EventLogQuery::read(Query::new(parameters, UnknownFields::Rejected), now);
        read.map_err(|errors| errors.0.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn a_request_without_parameters_begins_with_the_oldest() {
        let request = read(&[]).expect("a request");
        assert_eq!((request.start, request.limit, request.wait), (LogStart::Oldest, 100, Duration::ZERO));
        assert_eq!(request.contract, Contract::Native);
    }

    #[test]
    fn positions_and_latest_are_understood() {
        let position = LogPosition { batch: 3, index: 2, as_of: Timestamp::from_millis(1_794_999_999_000) };
        assert_eq!(read(&[("after", &position.to_string())]).expect("a request").start, LogStart::After(position));
        assert_eq!(read(&[("after", " Latest ")]).expect("a request").start, LogStart::Latest);
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let old = LogPosition { batch: 3, index: 2, as_of: Timestamp::from_millis(1_790_000_000_000) };
        assert_eq!(read(&[("after", &old.to_string())]), Err(vec!["after".to_owned()]));
        let wrong = [("after", "yesterday"), ("limit", "0"), ("wait", "21"), ("contract", "soap"), ("event", "x.y")];
        assert_eq!(read(&wrong), Err(wrong.map(|(name, _)| name.to_owned()).to_vec()));
        assert_eq!(read(&[("evnt", "lead.created")]), Err(vec!["evnt".to_owned()]));
    }
}
