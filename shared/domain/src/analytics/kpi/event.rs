//! Events that KPIs count, as they follow from changes of leads and messages.

use crate::follow_up::message::{Direction, Message};
use crate::id::{BusinessId, CountedEventId};
use crate::leads::{Lead, LeadStatus, Source};
use crate::time::Timestamp;

/// The kind of a counted event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KpiEvent {
    /// A lead was created.
    LeadCreated {
        /// Source of the lead.
        source: Source,
    },
    /// A lead's status changed to WON.
    Converted {
        /// Source of the lead.
        source: Source,
    },
    /// A person opted out for the first time.
    OptedOut,
    /// A message was sent to a person.
    MessageSent,
    /// A person replied.
    Reply,
    /// A person replied for the first time.
    FirstReply {
        /// Seconds since the first message was sent to the person.
        after: u64,
    },
}

impl KpiEvent {
    /// Returns the part of the event's id that differs between events of the same change. Must never change, because
    /// ids are derived from it.
    const fn name(&self) -> &'static str {
        match self {
            Self::LeadCreated { .. } => "lead",
            Self::Converted { .. } => "converted",
            Self::OptedOut => "opted out",
            Self::MessageSent => "sent",
            Self::Reply => "reply",
            Self::FirstReply { .. } => "first reply",
        }
    }
}

/// An event to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedEvent {
    /// Id, derived from the change, so that a repeated change has the same ids.
    pub id: CountedEventId,
    /// Business to whose counters the event is added.
    pub business: BusinessId,
    /// Time of the event.
    pub at: Timestamp,
    /// Kind of the event.
    pub event: KpiEvent,
}

impl CountedEvent {
    fn for_lead(lead: &Lead, at: Timestamp, event: KpiEvent) -> Self {
        // The creation time is part of the id because a lead with the same id can be created again: its id may be
        // derived from an idempotency key, and test data can be purged.
        let (created_at, version) = (lead.created_at.millis().to_be_bytes(), lead.version.to_be_bytes());
        let parts: [&[u8]; 5] = [b"lead", lead.id.bytes(), &created_at, &version, event.name().as_bytes()];
        Self { id: CountedEventId::derived(&parts), business: lead.business, at, event }
    }

    fn for_message(message: &Message, at: Timestamp, event: KpiEvent) -> Self {
        let parts: [&[u8]; 4] = [b"message", message.lead.bytes(), message.id.bytes(), event.name().as_bytes()];
        Self { id: CountedEventId::derived(&parts), business: message.business, at, event }
    }
}

/// Returns the events to be counted for the change of a lead from `old` to `new`: creation, conversion, and the first
/// opt-out.
pub fn count_lead_change(old: Option<&Lead>, new: &Lead) -> Vec<CountedEvent> {
    let mut counted = Vec::new();
    if old.is_none() {
        let source = new.source.clone();
        counted.push(CountedEvent::for_lead(new, new.created_at, KpiEvent::LeadCreated { source }));
    }
    if new.status == LeadStatus::Won && old.is_none_or(|old| old.status != LeadStatus::Won) {
        let source = new.source.clone();
        counted.push(CountedEvent::for_lead(new, new.updated_at, KpiEvent::Converted { source }));
    }
    if let Some(at) = new.opted_out_at.filter(|_| old.is_none_or(|old| old.opted_out_at.is_none())) {
        counted.push(CountedEvent::for_lead(new, at, KpiEvent::OptedOut));
    }
    counted
}

/// Returns the events to be counted for the change of a message from `old` to `new`: an outbound message that was sent
/// (or simulated, in a test environment), and an inbound message that is not an opt-out. The message itself says whether it is
/// the lead's first reply.
pub fn count_message_change(old: Option<&Message>, new: &Message) -> Vec<CountedEvent> {
    let mut counted = Vec::new();
    match new.direction {
        Direction::Outbound if new.is_sent() && !old.is_some_and(Message::is_sent) => {
            counted.push(CountedEvent::for_message(new, new.at.unwrap_or(new.created_at), KpiEvent::MessageSent));
        }
        Direction::Inbound if old.is_none() && !new.opt_out => {
            // Counted on the day it was received here: `at` is what the provider claims.
            counted.push(CountedEvent::for_message(new, new.created_at, KpiEvent::Reply));
            if let Some(after) = new.first_reply_after {
                let event = KpiEvent::FirstReply { after };
                counted.push(CountedEvent::for_message(new, new.created_at, event));
            }
        }
        Direction::Outbound | Direction::Inbound => {}
    }
    counted
}
