//! Counters: the numbers that are stored for each day.

use super::event::KpiEvent;
use super::reply_times::ReplyTimeBucket;

/// Source under which leads are counted once a business has [`MAX_SOURCES`] other sources.
pub const OTHER_SOURCES: &str = "OTHER";

/// Maximum number of sources that are counted separately, so that callers who make up sources cannot grow the counters
/// without limit. Leads of further sources are counted under [`OTHER_SOURCES`].
pub const MAX_SOURCES: usize = 32;

/// A counter of a business and day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Created leads with this source.
    Leads(String),
    /// Converted leads with this source.
    Converted(String),
    /// People who opted out.
    OptedOut,
    /// Messages sent.
    MessagesSent,
    /// Replies received.
    Replies,
    /// First replies, by the time that the person took.
    FirstReplies(ReplyTimeBucket),
}

impl Counter {
    /// Returns the counter that `event` increments.
    pub fn of(event: &KpiEvent) -> Self {
        match event {
            KpiEvent::LeadCreated { source } => Self::Leads(source.as_str().to_owned()),
            KpiEvent::Converted { source } => Self::Converted(source.as_str().to_owned()),
            KpiEvent::OptedOut => Self::OptedOut,
            KpiEvent::MessageSent => Self::MessagesSent,
            KpiEvent::Reply => Self::Replies,
            KpiEvent::FirstReply { after } => Self::FirstReplies(ReplyTimeBucket::containing(*after)),
        }
    }

    /// Returns the counter's source, if it has one.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Leads(source) | Self::Converted(source) => Some(source),
            _ => None,
        }
    }

    /// Returns the same counter with the source [`OTHER_SOURCES`].
    pub fn of_other_sources(&self) -> Self {
        match self {
            Self::Leads(_) => Self::Leads(OTHER_SOURCES.to_owned()),
            Self::Converted(_) => Self::Converted(OTHER_SOURCES.to_owned()),
            other => other.clone(),
        }
    }
}
