//! Test events, and the recovery of deliveries that failed.

use crate::fields::{Fields, text_format};
use crate::json::Json;
use crate::schema::{Time, Uuid};
use domain::accounts::business::TimeZone;
use domain::time_range::TimeRange;
use domain::{DeliveryId, EventType, FieldErrors, Timestamp, retention};
use schemars::JsonSchema;
use serde::Serialize;

/// Parses a request for a test event, `{"event"?}`, and returns the event: `ping` by default.
pub fn parse_test_request(mut fields: Fields<'_>) -> Result<EventType, FieldErrors> {
    let event = fields.one_of("event", EventType::ALL, EventType::name);
    fields.finish()?;
    Ok(event.unwrap_or(EventType::Ping))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TestEvent")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct PingJson {
    #[schemars(with = "Uuid")]
    delivery_id: String,
}

/// Returns the response to a request for a test event: the id of its delivery.
pub fn ping_json(delivery: DeliveryId) -> Json {
    Json::of(&PingJson { delivery_id: delivery.to_string() })
}

/// A request that resends the deliveries of a subscription that failed: the range of their creation times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryRequest {
    /// First creation time.
    pub since: Timestamp,
    /// Last creation time.
    pub until: Timestamp,
}

impl RecoveryRequest {
    /// Parses `{"since", "until"?}`, received at `now`. An earlier `since` than the retention of deliveries is replaced
    /// by the time from which on they are kept.
    ///
    /// Plain dates are days in UTC: `until` includes its day.
    pub fn parse(mut fields: Fields<'_>, now: Timestamp) -> Result<Self, FieldErrors> {
        fields.require("since");
        let range = TimeRange {
            from: fields.optional("since", text_format::time_or_day()),
            to: fields.optional("until", text_format::time_or_day()),
        };
        let (since, until) = range.in_zone(&TimeZone::default());
        if range.is_reversed() {
            fields.add_error("since", "must not be later than until");
        } else if until.is_none() && since.is_some_and(|since| since > now) {
            fields.add_error("since", "must not be in the future");
        }
        fields.finish()?;
        let since = since.unwrap_or(now).max(now.before(retention::DELIVERY_LOGS));
        Ok(Self { since, until: until.unwrap_or(now) })
    }
}

/// The result of a request that resends deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Number of deliveries that are sent again.
    pub recovered: usize,
    /// True if earlier deliveries of the range remain.
    pub has_more: bool,
    /// Creation time that was reached, if earlier deliveries remain.
    pub reached: Option<Timestamp>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Recovery")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct RecoveryJson {
    #[schemars(with = "u64")]
    recovered: usize,
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    reached: Option<String>,
}

/// Returns the response to a request that resends deliveries.
pub fn recovery_json(recovery: &Recovery) -> Json {
    Json::of(&RecoveryJson {
        recovered: recovery.recovered,
        has_more: recovery.has_more,
        reached: recovery.reached.map(|at| at.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::parse_body;
    use crate::fields::UnknownFields;

    fn parse(body: &str) -> Result<RecoveryRequest, String> {
        let now = Timestamp::parse("2026-06-30T12:00:00Z").expect("a time");
        let body = parse_body(body.as_bytes()).expect("an object");
        let parsed = RecoveryRequest::parse(Fields::new(&body, UnknownFields::Rejected), now);
        parsed.map_err(|errors| format!("{} {}", errors.0[0].field, errors.0[0].reason))
    }

    #[test]
    fn range_errors_name_the_bound_that_was_crossed() {
        let later = r#"{"since": "2026-06-20", "until": "2026-06-10"}"#;
        assert_eq!(parse(later), Err("since must not be later than until".to_owned()));
        assert_eq!(parse(r#"{"since": "2026-07-01"}"#), Err("since must not be in the future".to_owned()));
        assert_eq!(parse("{}"), Err("since is required".to_owned()));
    }

    #[test]
    fn since_is_at_most_the_retention_ago() {
        let range = parse(r#"{"since": "2020-01-01"}"#).expect("a range");
        assert_eq!(range.since, range.until.before(retention::DELIVERY_LOGS));
    }
}
