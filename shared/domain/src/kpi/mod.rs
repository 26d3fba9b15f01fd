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

use crate::id::{BusinessId, CountedId, LeadId};
use crate::lead::{Lead, LeadStatus, Source};
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
        let parts: [&[u8]; 4] = [b"lead", lead.id.bytes(), &lead.version.to_be_bytes(), what.name().as_bytes()];
        Self { id: CountedId::derived(&parts), business: lead.business, at, what }
    }

    fn of_message(business: BusinessId, message: &[u8], at: Timestamp, what: What) -> Self {
        Self { id: CountedId::derived(&[b"message", message, what.name().as_bytes()]), business, at, what }
    }

    /// The message with these bytes for an id went out at `at`.
    pub fn message_sent(business: BusinessId, message: &[u8], at: Timestamp) -> Self {
        Self::of_message(business, message, at, What::MessageSent)
    }

    /// The message with these bytes for an id came in at `at`.
    pub fn reply(business: BusinessId, message: &[u8], at: Timestamp) -> Self {
        Self::of_message(business, message, at, What::Reply)
    }

    /// `lead` answered for the first time, at `at`: so long after the first message to them went out. A lead does so
    /// once, whichever message is taken for the first.
    pub fn first_reply(business: BusinessId, lead: LeadId, at: Timestamp, sent_at: Timestamp) -> Self {
        let what = What::FirstReply { after: at.since(sent_at).as_secs() };
        Self { id: CountedId::derived(&[b"lead", lead.bytes(), what.name().as_bytes()]), business, at, what }
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

#[cfg(test)]
mod tests;
