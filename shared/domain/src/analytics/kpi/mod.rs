//! KPIs of a business: what is counted as leads and messages change, and the report over a range of days.
//!
//! A change of a lead or message gives [`CountedEvent`]s. Each adds one to a [`Counter`] of the day, in the business's
//! time zone, on which it happened. The stream may deliver a change several times, so a counted event has an id that is
//! derived from the change: the store counts an id once, and remembers it for [`crate::retention::COUNTED_EVENTS`]. A report
//! ([`KpiReport`]) adds up the counters of a range of days.
//!
//! Counters hold no personal data. Erasing a lead does not change them.

mod accumulator;
mod counter;
mod day;
mod event;
mod reply_times;

pub use accumulator::{DailyKpis, KpiAccumulator, KpiReport, SourceKpis};
pub use counter::{Counter, MAX_SOURCES, OTHER_SOURCES};
pub use day::{Day, DayRange, MAX_DAYS};
pub use event::{CountedEvent, KpiEvent, count_lead_change, count_message_change};
pub use reply_times::{MAX_REPLY_SECONDS, RELATIVE_ERROR, ReplyTimeBucket};

#[cfg(test)]
mod tests;
