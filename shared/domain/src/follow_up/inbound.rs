//! Inbound messages: replies and opt-outs of people, as submitted by a tenant or its messaging provider.

use crate::accounts::business::Channel;
use crate::follow_up::message::{Direction, Message, MessageStatus, Reply};
use crate::follow_up::opt_out::{is_email_opt_out, is_opt_in, is_opt_out};
use crate::id::{LeadId, MessageId};
use crate::leads::Lead;
use crate::time::Timestamp;
use std::time::Duration;

/// Maximum time by which a provider's clock may be ahead of this one.
pub const MAX_CLOCK_SKEW: Duration = Duration::from_hours(24);

/// Time within which a message that comes again is taken for a retry, if neither an id nor a time tells it from another one
/// with the same words. Providers retry within some minutes; a person who writes the same words later means them anew.
pub const RETRY_WINDOW: Duration = Duration::from_mins(10);

/// The type of an inbound message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboundEventType {
    /// A reply.
    Reply,
    /// An opt-out that the provider has recognised.
    OptOut,
}

impl InboundEventType {
    /// Every type.
    pub const ALL: [Self; 2] = [Self::Reply, Self::OptOut];

    /// Returns the name in API requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reply => "customer.reply",
            Self::OptOut => "customer.opt_out",
        }
    }
}

/// A validated inbound message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMessage {
    /// Type of the message.
    pub event: InboundEventType,
    /// Lead that the message is from.
    pub lead: LeadId,
    /// Channel. May be missing for an opt-out.
    pub channel: Option<Channel>,
    /// Text. May be missing for an opt-out.
    pub body: Option<Reply>,
    /// Time at which the provider received the message.
    pub received_at: Timestamp,
    /// That time as the provider wrote it.
    pub received_at_text: Option<String>,
    /// Digest that identifies the message, so that a message that is submitted again is recognised.
    pub digest: String,
    /// Time after which a message with the same digest is another message; never if it is `None`.
    pub distinct_after: Option<Duration>,
}

impl InboundMessage {
    /// Returns whether the person opts out: by an opt-out event, or by a reply that asks for no more messages.
    pub fn opts_out(&self) -> bool {
        let asks_to_stop = |body: &Reply| match self.channel {
            Some(Channel::Email) => is_email_opt_out(body.as_str()),
            _ => is_opt_out(body.as_str()),
        };
        self.event == InboundEventType::OptOut || self.body.as_ref().is_some_and(asks_to_stop)
    }

    /// Returns whether the person asks for messages to their telephone number again, by a reply such as START.
    pub fn opts_in_by_phone(&self) -> bool {
        self.event == InboundEventType::Reply
            && matches!(self.channel, Some(Channel::Sms | Channel::Whatsapp))
            && self.body.as_ref().is_some_and(|body| is_opt_in(body.as_str()))
    }

    /// Returns the message that is added to the history of `lead` at `now`. `first_sent` is the time of the first
    /// message to the lead if this is its first reply, otherwise `None`.
    pub fn message(&self, lead: &Lead, first_sent: Option<Timestamp>, now: Timestamp) -> Message {
        let opt_out = self.event == InboundEventType::OptOut;
        Message {
            id: MessageId::derived_at(now, &[b"inbound", lead.id.bytes(), self.digest.as_bytes()]),
            lead: lead.id,
            business: lead.business,
            direction: Direction::Inbound,
            channel: self.channel.unwrap_or(if lead.phone.is_some() { Channel::Sms } else { Channel::Email }),
            subject: None,
            body: self.body.as_ref().map(|body| body.as_str().to_owned()).unwrap_or_default(),
            status: MessageStatus::Received,
            reason: None,
            provider_id: None,
            at: Some(self.received_at),
            at_text: self.received_at_text.clone().filter(|text| *text != self.received_at.to_string()),
            first_reply_after: first_sent.filter(|_| !opt_out).map(|sent| self.received_at.since(sent).as_secs()),
            opt_out,
            created_at: now,
            expires_at: lead.expires_at(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opts_out(channel: Channel, body: &str) -> bool {
        let inbound = InboundMessage {
            event: InboundEventType::Reply,
            lead: LeadId::derived(&[b"l"]),
            channel: Some(channel),
            body: Some(Reply::parse(body).unwrap()),
            received_at: Timestamp::EPOCH,
            received_at_text: None,
            digest: String::new(),
            distinct_after: None,
        };
        inbound.opts_out()
    }

    #[test]
    fn opt_outs_by_email_may_have_signature_and_quote() {
        for body in [
            "STOP",
            "Stop\n\nOn Monday Bilar wrote:\n> Hi Anna",
            "STOPP\r\n\r\nSent from a phone",
            "Stop\n-- \nAnna",
            "Stop\n> Hi",
        ] {
            assert!(opts_out(Channel::Email, body), "{body}");
        }
        for body in ["Stop by at five?\n\nAnna", "Thanks!\n\nSTOP", "> STOP\nI like it"] {
            assert!(!opts_out(Channel::Email, body), "{body}");
        }
        assert!(!opts_out(Channel::Sms, "Stop\n\nI want to know more"));
    }
}
