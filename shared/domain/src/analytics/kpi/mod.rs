//! The figures of a business: what is counted as leads and messages change, by the days of its own time zone, and
//! what is told of a range of days.
//!
//! A change is counted on the day it happened, each once: its id is derived from what changed, so that whoever hears
//! of it twice knows. Figures hold no personal data; erasing a lead leaves them as they are.

mod accumulator;
mod counter;
mod day;
mod reply_times;

pub use accumulator::{DailyKpis, KpiAccumulator, KpiReport, SourceKpis};
pub use counter::{Counter, MAX_SOURCES, OTHER_SOURCES};
pub use day::{Day, DayRange, MAX_DAYS};
pub use reply_times::{MAX_REPLY_SECONDS, RELATIVE_ERROR, ReplyTimeBucket};

use crate::follow_up::message::{Direction, Message};
use crate::id::{BusinessId, CountedEventId};
use crate::leads::{Lead, LeadStatus, Source};
use crate::time::Timestamp;
use std::time::Duration;

/// How long a change is known to have been counted: longer than the stream (a day) and the bucket of records that
/// were given up (14 days) can bring it again.
pub const COUNTED_EVENT_RETENTION: Duration = Duration::from_hours(30 * 24);

/// What happened, as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KpiEvent {
    /// A lead came in.
    LeadCreated {
        /// Where it came from.
        source: Source,
    },
    /// A lead became a customer: its status became WON.
    Converted {
        /// Where it came from.
        source: Source,
    },
    /// A person asked for the first time not to be written to.
    OptedOut,
    /// A message to a person went out.
    MessageSent,
    /// A person answered.
    Reply,
    /// A person answered for the first time.
    FirstReply {
        /// Seconds since the first message to them went out.
        after: u64,
    },
}

impl KpiEvent {
    /// What tells it apart from all else that one change can mean.
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

/// One thing to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedEvent {
    /// The same for the same change, however often it is told.
    pub id: CountedEventId,
    /// In which business.
    pub business: BusinessId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: KpiEvent,
}

impl CountedEvent {
    fn for_lead(lead: &Lead, at: Timestamp, event: KpiEvent) -> Self {
        // The same call may make the lead again once its world has been emptied.
        let (made, version) = (lead.created_at.millis().to_be_bytes(), lead.version.to_be_bytes());
        let parts: [&[u8]; 5] = [b"lead", lead.id.bytes(), &made, &version, event.name().as_bytes()];
        Self { id: CountedEventId::derived(&parts), business: lead.business, at, event }
    }

    fn for_message(message: &Message, at: Timestamp, event: KpiEvent) -> Self {
        let parts: [&[u8]; 4] = [b"message", message.lead.bytes(), message.id.bytes(), event.name().as_bytes()];
        Self { id: CountedEventId::derived(&parts), business: message.business, at, event }
    }
}

/// What the change of a lead from `old` to `new` adds to the figures.
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

/// What the change of a message from `old` to `new` adds to the figures: it went out, or would have in test mode; or
/// it came in and is no word of an opt-out. A lead answers for the first time once, whichever message says so.
pub fn count_message_change(old: Option<&Message>, new: &Message) -> Vec<CountedEvent> {
    let mut counted = Vec::new();
    match new.direction {
        Direction::Outbound if new.is_sent() && !old.is_some_and(Message::is_sent) => {
            counted.push(CountedEvent::for_message(new, new.at.unwrap_or(new.created_at), KpiEvent::MessageSent));
        }
        Direction::Inbound if old.is_none() && !new.opt_out => {
            // Whoever brought it says when it was written; it is counted when it came.
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

#[cfg(test)]
mod tests;
