//! What people answered, as a tenant's own provider hands it in: the secret that proves it, and the event.

use crate::accounts::business::Channel;
use crate::follow_up::message::{Direction, Message, MessageStatus, Reply};
use crate::follow_up::opt_out::is_opt_out;
use crate::id::{LeadId, MessageId};
use crate::leads::Lead;
use crate::time::Timestamp;
use crate::webhooks::subscription::{PreviousSecret, SecretRef};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far ahead of the house's clock a provider's may be.
pub const MAX_CLOCK_SKEW: Duration = Duration::from_hours(24);

/// Which secrets prove what comes in to a tenant in a mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InboundSecret {
    /// The newest.
    pub secret: SecretRef,
    /// The one before, while it still proves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<PreviousSecret>,
    /// When the newest was made.
    pub created_at: Timestamp,
}

impl InboundSecret {
    /// The tenant's first, derived from the master key of this number.
    pub fn first(master: u32, now: Timestamp) -> Self {
        Self { secret: SecretRef { master, version: 1 }, previous: None, created_at: now }
    }

    /// Another one in the place of this, which still proves for `overlap`.
    pub fn rotated(&self, master: u32, overlap: Duration, now: Timestamp) -> Self {
        let previous = PreviousSecret { secret: self.secret, until: now.after(overlap) };
        Self {
            secret: SecretRef { master, version: self.secret.version + 1 },
            previous: (!overlap.is_zero()).then_some(previous),
            created_at: now,
        }
    }

    /// The secret before, while it still proves at `now`.
    pub fn previous_secret_at(&self, now: Timestamp) -> Option<SecretRef> {
        self.previous.filter(|previous| now < previous.until).map(|previous| previous.secret)
    }
}

/// What a provider tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboundEventType {
    /// A person wrote.
    Reply,
    /// A person asked to be written to no more.
    OptOut,
}

impl InboundEventType {
    /// Every event.
    pub const ALL: [Self; 2] = [Self::Reply, Self::OptOut];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reply => "customer.reply",
            Self::OptOut => "customer.opt_out",
        }
    }
}

/// An event that came in, already checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMessage {
    /// What happened.
    pub event: InboundEventType,
    /// Who it was.
    pub lead: LeadId,
    /// How it came; an opt-out need not say.
    pub channel: Option<Channel>,
    /// What was written; an opt-out may come without a word.
    pub body: Option<Reply>,
    /// When it came to the provider.
    pub received_at: Timestamp,
    /// Stands for the event: the same one has the same digest, however often it is handed in.
    pub digest: String,
}

impl InboundMessage {
    /// Whether nobody is to write to the lead any more: it is an opt-out, or a reply that is nothing but a stop word.
    pub fn opts_out(&self) -> bool {
        let says_stop = |body: &Reply| match self.channel {
            Some(Channel::Email) => is_opt_out(without_quoted_text(body.as_str())),
            _ => is_opt_out(body.as_str()),
        };
        self.event == InboundEventType::OptOut || self.body.as_ref().is_some_and(says_stop)
    }

    /// The message of `lead`'s history that it becomes at `now`. `first_sent` is when the lead was first written to,
    /// where this is its first reply.
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
            first_reply_after: first_sent.filter(|_| !opt_out).map(|sent| self.received_at.since(sent).as_secs()),
            opt_out,
            created_at: now,
            expires_at: lead.expires_at(),
        }
    }
}

/// What the writer of an e-mail says before a blank line, a signature or what is quoted.
fn without_quoted_text(body: &str) -> &str {
    let own = body.trim_start();
    let lines = own.split_inclusive('\n').take_while(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('>') && !line.starts_with("--")
    });
    &own[..lines.map(str::len).sum()]
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
            digest: String::new(),
        };
        inbound.opts_out()
    }

    #[test]
    fn a_stop_by_e_mail_may_have_a_signature_and_what_it_answers() {
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
