//! An inbound event: a reply or an opt-out that the tenant's messaging provider reports.

use crate::fields::{Fields, ParseText, TextFormat, required_value, text_format};
use crate::json::Json;
use crate::json_value::JsonValue;
use domain::accounts::business::Channel;
use domain::follow_up::inbound::{MAX_CLOCK_SKEW, RETRY_WINDOW};
use domain::follow_up::message::{MAX_REPLY_CHARS, Reply};
use domain::id::digest;
use domain::{FieldErrors, InboundEventType, InboundMessage, LeadId, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

/// Maximum length of the provider's own id of an event, in characters.
const MAX_PROVIDER_ID_LENGTH: usize = 255;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Received")]
pub(crate) struct Received {
    received: bool,
}

/// Returns the response to an inbound event: `{"received": true}`.
pub fn inbound_event_received_json() -> Json {
    Json::of(&Received { received: true })
}

/// Returns the name of a channel in the contracts that write in `snake_case`.
fn lower_case_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Whatsapp => "whatsapp",
        Channel::Sms => "sms",
        Channel::Email => "email",
    }
}

/// The field names and channel names of an inbound event.
pub(crate) struct InboundEventNames {
    lead: &'static str,
    received_at: &'static str,
    channel: fn(Channel) -> &'static str,
}

impl InboundEventNames {
    pub(crate) const CAMEL_CASE: Self = Self { lead: "leadId", received_at: "receivedAt", channel: Channel::name };
    pub(crate) const SNAKE_CASE: Self = Self { lead: "lead_id", received_at: "received_at", channel: lower_case_name };
}

/// Parses an inbound event that arrives at `now`.
///
/// Its digest identifies the event: by the provider's id if there is one, else by its content, so that a retry of the
/// provider is recognised. Content without a time identifies it for ten minutes.
pub(crate) fn parse_inbound_event(
    mut fields: Fields<'_>,
    names: &InboundEventNames,
    now: Timestamp,
    lead_id: TextFormat<ParseText<LeadId>>,
) -> Result<InboundMessage, FieldErrors> {
    fields.require("event");
    let event = fields.one_of("event", &InboundEventType::ALL, InboundEventType::name);
    // An opt-out is accepted with as little as possible: event and lead suffice.
    fields.note_required_unless(&["channel", "body"], "event", InboundEventType::OptOut.name());
    if event != Some(InboundEventType::OptOut) && !fields.is_described() {
        fields.require("channel");
    }
    let lead = fields.required(names.lead, lead_id);
    let channel = fields.one_of("channel", &Channel::ALL, names.channel);
    let sent = |fields: &mut Fields<'_>, name: &str| {
        fields.value(name).and_then(JsonValue::as_str).unwrap_or_default().to_owned()
    };
    let content = [sent(&mut fields, "body"), sent(&mut fields, names.received_at)];
    let reply = fields.optional("body", TextFormat::of(Reply::parse).at_most(MAX_REPLY_CHARS));
    if event == Some(InboundEventType::Reply) {
        fields.require("body");
    }
    let received_at = fields.timestamp(names.received_at);
    if received_at.is_some_and(|at| at > now.after(MAX_CLOCK_SKEW)) {
        fields.add_error(names.received_at, "must be at most one day in the future");
    }
    let id = fields.optional("id", text_format::lines(MAX_PROVIDER_ID_LENGTH));
    fields.ignoring_unknown().finish()?;
    let event = required_value("event", event)?;
    let [text, time] = content;
    let digest = match &id {
        Some(id) => digest(&[b"id", event.name().as_bytes(), id.as_bytes()]),
        None => digest(&[
            b"content",
            event.name().as_bytes(),
            channel.map_or("", Channel::name).as_bytes(),
            text.as_bytes(),
            time.as_bytes(),
        ]),
    };
    Ok(InboundMessage {
        event,
        lead: required_value(names.lead, lead)?,
        channel,
        body: reply,
        received_at: received_at.unwrap_or(now),
        received_at_text: received_at.map(|_| time.trim().to_owned()),
        digest,
        distinct_after: (id.is_none() && received_at.is_none()).then_some(RETRY_WINDOW),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::UnknownFields;
    use serde_json::{Value, json};

    const LEAD: &str = "l_3f2504e04f8941d39a0c0305e82c3301";
    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn read(body: &Value) -> Result<InboundMessage, Vec<String>> {
        let parse: ParseText<_> =
            |text| text.strip_prefix("l_").and_then(LeadId::parse).ok_or_else(|| "must be a lead id".to_owned());
        let body = crate::parse_body(body.to_string().as_bytes()).expect("an object");
        let fields = Fields::new(&body, UnknownFields::Rejected);
        let read = parse_inbound_event(fields, &InboundEventNames::SNAKE_CASE, NOW, TextFormat::of(parse));
        read.map_err(|field_errors| field_errors.0.into_iter().map(|error| error.field).collect())
    }

    fn sample() -> Value {
        json!({
            "event": "customer.reply", "lead_id": LEAD, "channel": "whatsapp", "body": "Tack, kanon känsla!",
            "received_at": "2026-06-26T11:11:02Z"
        })
    }

    #[test]
    fn parses_the_documents_sample() {
        let read = read(&sample()).expect("an event");
        assert_eq!(read.body.as_ref().map(Reply::as_str), Some("Tack, kanon känsla!"));
        assert_eq!(read.received_at.to_string(), "2026-06-26T11:11:02.000Z");
        assert_eq!(read.received_at_text.as_deref(), Some("2026-06-26T11:11:02Z"), "as it came");
        assert!(!read.opts_out());
    }

    #[test]
    fn digest_identifies_the_event() {
        let of = |name: &str, value: Value| {
            let mut body = sample();
            body[name] = value;
            read(&body).expect("an event").digest
        };
        let first = of("event", json!("customer.reply"));
        let others = [
            of("event", json!("customer.opt_out")),
            of("channel", json!("sms")),
            of("body", json!("Tack")),
            of("received_at", json!("2026-06-26T11:11:03Z")),
            of("id", json!("1")),
            of("id", json!("2")),
        ];
        assert_eq!(first, of("channel", json!("whatsapp")));
        assert_eq!(others[4], of("id", json!("1")));
        let all: std::collections::HashSet<_> = others.iter().chain([&first]).collect();
        assert_eq!(all.len(), 7);
    }

    #[test]
    fn words_alone_identify_an_event_for_minutes() {
        let of = |remove: &[&str], add: &[(&str, Value)]| {
            let mut body = sample();
            for name in remove {
                body[*name] = Value::Null;
            }
            for (name, value) in add {
                body[*name] = value.clone();
            }
            read(&body).expect("an event").distinct_after
        };
        assert_eq!(of(&["received_at"], &[]), Some(RETRY_WINDOW));
        assert_eq!(
            of(&["received_at"], &[("event", json!("customer.opt_out")), ("id", json!(""))]),
            Some(RETRY_WINDOW)
        );
        assert_eq!(of(&[], &[]), None, "it has a time");
        assert_eq!(of(&["received_at"], &[("id", json!("1"))]), None, "it has an id");
    }

    #[test]
    fn events_and_channels_are_read_in_any_case() {
        let first = read(&sample()).expect("an event");
        for channel in ["WHATSAPP", "WhatsApp", "whatsapp "] {
            let mut event = sample();
            (event["channel"], event["event"]) = (json!(channel), json!("Customer.Reply"));
            assert_eq!(read(&event).as_ref(), Ok(&first), "the same event as in the document's spelling");
        }
    }

    #[test]
    fn only_an_opt_out_may_have_an_empty_body() {
        for body in [json!(null), json!(""), json!(" ")] {
            let mut event = sample();
            event["body"] = body;
            assert_eq!(read(&event), Err(vec!["body".to_owned()]));
            event["event"] = json!("customer.opt_out");
            let read = read(&event).expect("an event");
            assert!(read.body.is_none() && read.opts_out());
        }
    }

    #[test]
    fn each_error_names_its_field() {
        let ahead = NOW.after(MAX_CLOCK_SKEW + std::time::Duration::from_secs(1)).to_string();
        let bad = [
            ("event", json!("customer.replied")),
            ("lead_id", json!("l_8f3a")),
            ("channel", json!("fax")),
            ("body", json!(["Tack"])),
            ("received_at", json!("yesterday")),
            ("received_at", json!(ahead)),
            ("id", json!("x".repeat(256))),
        ];
        for (name, value) in bad {
            let mut event = sample();
            event[name] = value;
            assert_eq!(read(&event), Err(vec![name.to_owned()]), "{event}");
        }
        assert_eq!(read(&json!({})), Err(["event", "channel", "lead_id"].map(str::to_owned).to_vec()));
    }
}
