//! What is added up: one counter for each day and kind of thing.

use super::KpiEvent;
use super::reply_times::ReplyTimeBucket;

/// Where leads are counted whose sources are more than are told apart.
pub const OTHER_SOURCES: &str = "OTHER";

/// Sources that are told apart where figures are kept together; what comes beyond is counted under [`OTHER_SOURCES`].
pub const MAX_SOURCES: usize = 32;

/// One number of a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Leads that came in from this source.
    Leads(String),
    /// Leads from this source that became customers.
    Converted(String),
    /// People who asked not to be written to.
    OptedOut,
    /// Messages that went out.
    MessagesSent,
    /// Messages that came in.
    Replies,
    /// First answers that came after such a time.
    FirstReplies(ReplyTimeBucket),
}

impl Counter {
    /// The counter that `what` adds one to.
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

    /// The source that it belongs to, if it belongs to one.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Leads(source) | Self::Converted(source) => Some(source),
            _ => None,
        }
    }

    /// The same for leads whose sources are not told apart.
    pub fn of_other_sources(&self) -> Self {
        match self {
            Self::Leads(_) => Self::Leads(OTHER_SOURCES.to_owned()),
            Self::Converted(_) => Self::Converted(OTHER_SOURCES.to_owned()),
            other => other.clone(),
        }
    }
}
