//! The figures of a business: what is counted as leads and messages change, by the days of its own time zone, and
//! what is told of a range of days.
//!
//! A change is counted on the day it happened, each once: its id is derived from what changed, so that whoever hears
//! of it twice knows. Figures hold no personal data; erasing a lead leaves them as they are.

mod counter;
mod day;
mod reply_times;
mod tally;

pub use counter::{Counter, MOST_SOURCES, OTHER_SOURCES};
pub use day::{Day, MOST_DAYS, Range};
pub use reply_times::{Bucket, LONGEST_WAIT, RELATIVE_ERROR};
pub use tally::{DayFigures, Figures, SourceFigures, Tally};

use crate::follow_up::message::{Direction, Message};
use crate::id::{BusinessId, CountedId};
use crate::leads::{Lead, LeadStatus, Source};
use crate::time::Timestamp;
use std::time::Duration;

/// How long a change is known to have been counted: longer than the stream (a day) and the bucket of records that
/// were given up (14 days) can bring it again.
pub const COUNTED_KNOWN: Duration = Duration::from_hours(30 * 24);

/// What happened, as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
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

impl What {
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
pub struct Counted {
    /// The same for the same change, however often it is told.
    pub id: CountedId,
    /// In which business.
    pub business: BusinessId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub what: What,
}

impl Counted {
    fn of_lead(lead: &Lead, at: Timestamp, what: What) -> Self {
        // The same call may make the lead again once its world has been emptied.
        let (made, version) = (lead.created_at.millis().to_be_bytes(), lead.version.to_be_bytes());
        let parts: [&[u8]; 5] = [b"lead", lead.id.bytes(), &made, &version, what.name().as_bytes()];
        Self { id: CountedId::derived(&parts), business: lead.business, at, what }
    }

    fn of_message(message: &Message, at: Timestamp, what: What) -> Self {
        let parts: [&[u8]; 4] = [b"message", message.lead.bytes(), message.id.bytes(), what.name().as_bytes()];
        Self { id: CountedId::derived(&parts), business: message.business, at, what }
    }
}

/// What the change of a lead from `old` to `new` adds to the figures.
pub fn counted_of_lead_change(old: Option<&Lead>, new: &Lead) -> Vec<Counted> {
    let mut counted = Vec::new();
    if old.is_none() {
        let source = new.source.clone();
        counted.push(Counted::of_lead(new, new.created_at, What::LeadCreated { source }));
    }
    if new.status == LeadStatus::Won && old.is_none_or(|old| old.status != LeadStatus::Won) {
        let source = new.source.clone();
        counted.push(Counted::of_lead(new, new.updated_at, What::Converted { source }));
    }
    if let Some(at) = new.opted_out_at.filter(|_| old.is_none_or(|old| old.opted_out_at.is_none())) {
        counted.push(Counted::of_lead(new, at, What::OptedOut));
    }
    counted
}

/// What the change of a message from `old` to `new` adds to the figures: it went out, or would have in test mode; or
/// it came in and is no word of an opt-out. A lead answers for the first time once, whichever message says so.
pub fn counted_of_message_change(old: Option<&Message>, new: &Message) -> Vec<Counted> {
    let mut counted = Vec::new();
    match new.direction {
        Direction::Outbound if new.is_sent() && !old.is_some_and(Message::is_sent) => {
            counted.push(Counted::of_message(new, new.at.unwrap_or(new.created_at), What::MessageSent));
        }
        Direction::Inbound if old.is_none() && !new.opt_out => {
            // Whoever brought it says when it was written; it is counted when it came.
            counted.push(Counted::of_message(new, new.created_at, What::Reply));
            if let Some(after) = new.first_reply_after {
                let what = What::FirstReply { after };
                counted.push(Counted::of_message(new, new.created_at, what));
            }
        }
        Direction::Outbound | Direction::Inbound => {}
    }
    counted
}

#[cfg(test)]
mod tests;
