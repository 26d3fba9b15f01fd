//! What a tenant's provider hands in: LeadRescue's document has it in snake_case, the native contract as it writes all.

use crate::fields::Fields;
use crate::json::Json;
use crate::profile::profile;
use domain::accounts::business::Channel;
use domain::follow_up::inbound::MAX_CLOCK_SKEW;
use domain::follow_up::message::Reply;
use domain::id::digest;
use domain::text::multi_line;
use domain::{Contract, FieldErrors, InboundEventType, InboundMessage, LeadId, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

/// Characters of a provider's own id of an event at most.
const LONGEST_ID: usize = 255;

#[derive(Serialize)]
struct Received {
    received: bool,
}

/// `{"received": true}`
pub fn received() -> Json {
    Json::of(&Received { received: true })
}

/// A channel as LeadRescue writes it.
fn in_lower_case(channel: Channel) -> &'static str {
    match channel {
        Channel::Whatsapp => "whatsapp",
        Channel::Sms => "sms",
        Channel::Email => "email",
    }
}

/// Reads an event that comes in at `now`.
pub fn read_inbound(
    contract: Contract,
    body: &Map<String, Value>,
    now: Timestamp,
) -> Result<InboundMessage, FieldErrors> {
    profile(contract).parse_inbound_event(body, now)
}

/// The field names and channel names of an inbound event.
pub(crate) struct InboundFields {
    lead: &'static str,
    received_at: &'static str,
    channel_name: fn(Channel) -> &'static str,
}

impl InboundFields {
    pub(crate) const CAMEL_CASE: Self = Self { lead: "leadId", received_at: "receivedAt", channel_name: Channel::name };
    pub(crate) const SNAKE_CASE: Self =
        Self { lead: "lead_id", received_at: "received_at", channel_name: in_lower_case };
}

/// Reads an inbound event with these field names, received at `now`.
pub(crate) fn parse_inbound_event(
    names: &InboundFields,
    body: &Map<String, Value>,
    now: Timestamp,
    parse_lead_id: impl FnOnce(&str) -> Result<LeadId, String>,
) -> Result<InboundMessage, FieldErrors> {
    let (lead_name, at_name) = (names.lead, names.received_at);
    let mut fields = Fields::new(body);
    if fields.value("event").is_none() {
        fields.add_error("event", "is required");
    }
    let event = fields.one_of("event", &InboundEventType::ALL, InboundEventType::name);
    // Nobody who asks not to be written to is turned away for a word too few.
    if fields.value("channel").is_none() && event != Some(InboundEventType::OptOut) {
        fields.add_error("channel", "is required");
    }
    let lead = fields.required(lead_name, parse_lead_id);
    let channel = fields.one_of("channel", &Channel::ALL, names.channel_name);
    let wordless = |text: &str| event == Some(InboundEventType::OptOut) && text.trim().is_empty();
    let written = fields.optional("body", |text| if wordless(text) { Ok(None) } else { Reply::parse(text).map(Some) });
    if event == Some(InboundEventType::Reply) && fields.value("body").is_none() {
        fields.add_error("body", "is required");
    }
    let received_at = fields.time(at_name);
    if received_at.is_some_and(|at| at > now.after(MAX_CLOCK_SKEW)) {
        fields.add_error(at_name, "must not be more than a day ahead");
    }
    let id = fields.optional("id", |text| multi_line(text, LONGEST_ID));
    fields.finish()?;
    let event = event.ok_or_else(|| FieldErrors::single("event", "is required"))?;
    let lead = lead.ok_or_else(|| FieldErrors::single(lead_name, "is required"))?;
    let sent = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let digest = match &id {
        Some(id) => digest(&[b"id", event.name().as_bytes(), id.as_bytes()]),
        None => digest(&[
            b"content",
            event.name().as_bytes(),
            channel.map_or("", Channel::name).as_bytes(),
            sent("body").as_bytes(),
            sent(at_name).as_bytes(),
        ]),
    };
    Ok(InboundMessage {
        event,
        lead,
        channel,
        body: written.flatten(),
        received_at: received_at.unwrap_or(now),
        digest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LEAD: &str = "l_3f2504e04f8941d39a0c0305e82c3301";
    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn read(body: &Value) -> Result<InboundMessage, Vec<String>> {
        let read = read_inbound(Contract::LeadRescue, body.as_object().expect("an object"), NOW);
        read.map_err(|field_errors| field_errors.0.into_iter().map(|error| error.field).collect())
    }

    fn sample() -> Value {
        json!({
            "event": "customer.reply", "lead_id": LEAD, "channel": "whatsapp", "body": "Tack, kanon känsla!",
            "received_at": "2026-06-26T11:11:02Z"
        })
    }

    #[test]
    fn the_documents_sample_is_read() {
        let read = read(&sample()).expect("an event");
        assert_eq!(read.body.as_ref().map(Reply::as_str), Some("Tack, kanon känsla!"));
        assert_eq!(read.received_at.to_string(), "2026-06-26T11:11:02.000Z");
        assert!(!read.opts_out());
    }

    #[test]
    fn the_same_event_has_the_same_digest_and_another_has_another() {
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
    fn an_opt_out_may_come_without_a_word_and_a_reply_may_not() {
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
    fn every_fault_names_its_field() {
        let ahead = NOW.after(MAX_CLOCK_SKEW + std::time::Duration::from_secs(1)).to_string();
        let bad = [
            ("event", json!("customer.replied")),
            ("lead_id", json!("l_8f3a")),
            ("channel", json!("WHATSAPP")),
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
