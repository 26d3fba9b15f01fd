//! Adds up the counters of a range of days to a KPI report.

use super::counter::Counter;
use super::day::Day;
use super::reply_times::ReplyTimes;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The sums of the counters of a range of days.
#[derive(Clone, Debug)]
pub struct KpiAccumulator {
    first: Day,
    last: Day,
    days: BTreeMap<Day, DailyKpis>,
    sources: BTreeMap<String, SourceKpis>,
    first_replies: ReplyTimes,
}

/// The KPIs of one day, or of several days in total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyKpis {
    /// Leads created.
    pub leads: u64,
    /// Messages sent to people.
    pub messages_sent: u64,
    /// Replies received.
    pub replies: u64,
    /// Leads converted to customers.
    pub converted: u64,
    /// People who opted out.
    pub opted_out: u64,
}

/// The KPIs of one source of leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceKpis {
    /// Leads created.
    pub leads: u64,
    /// Leads converted to customers.
    pub converted: u64,
}

/// The KPIs of a range of days.
#[derive(Clone, Debug, PartialEq)]
pub struct KpiReport {
    /// First day of the range.
    pub from: Day,
    /// Last day of the range.
    pub to: Day,
    /// Totals of all days.
    pub all: DailyKpis,
    /// Replies per message sent, rounded to four decimals; 0 if no message was sent.
    pub reply_rate: f64,
    /// Leads converted per lead created, rounded to four decimals; 0 if no lead was created. May exceed 1, because
    /// leads created before the range may be converted within it.
    pub conversion_rate: f64,
    /// Median of the seconds from the first message to a person until their first reply, over the first replies in the
    /// range. Accurate to [`RELATIVE_ERROR`](super::RELATIVE_ERROR) and half a second. `None` without first replies.
    pub median_first_reply_seconds: Option<u64>,
    /// KPIs of each source, in descending order of leads.
    pub by_source: Vec<(String, SourceKpis)>,
    /// KPIs of every day of the range, in ascending order.
    pub by_day: Vec<(Day, DailyKpis)>,
}

impl KpiAccumulator {
    /// Creates an empty accumulator for the days from `first` to `last`.
    pub fn new(first: Day, last: Day) -> Self {
        let (days, sources) = (BTreeMap::new(), BTreeMap::new());
        Self { first, last, days, sources, first_replies: ReplyTimes::default() }
    }

    /// Returns the first day of the range.
    pub fn first(&self) -> Day {
        self.first
    }

    /// Returns the last day of the range.
    pub fn last(&self) -> Day {
        self.last
    }

    /// Adds `count` to a counter of `day`. Ignores days outside the range.
    pub fn add(&mut self, day: Day, counter: Counter, count: u64) {
        if day < self.first || day > self.last {
            return;
        }
        let kpis = self.days.entry(day).or_default();
        match counter {
            Counter::Leads(source) => {
                kpis.leads += count;
                self.sources.entry(source).or_default().leads += count;
            }
            Counter::Converted(source) => {
                kpis.converted += count;
                self.sources.entry(source).or_default().converted += count;
            }
            Counter::OptedOut => kpis.opted_out += count,
            Counter::MessagesSent => kpis.messages_sent += count,
            Counter::Replies => kpis.replies += count,
            Counter::FirstReplies(bucket) => self.first_replies.add(bucket, count),
        }
    }

    /// Returns the report over everything that was added.
    pub fn report(self) -> KpiReport {
        let kpis_of = |day: Day| (day, self.days.get(&day).copied().unwrap_or_default());
        let by_day: Vec<_> = self.first.up_to(self.last).map(kpis_of).collect();
        let sum = |kpi: fn(&DailyKpis) -> u64| by_day.iter().map(|(_, day)| kpi(day)).sum::<u64>();
        let all = DailyKpis {
            leads: sum(|day| day.leads),
            messages_sent: sum(|day| day.messages_sent),
            replies: sum(|day| day.replies),
            converted: sum(|day| day.converted),
            opted_out: sum(|day| day.opted_out),
        };
        let mut by_source: Vec<_> = self.sources.into_iter().collect();
        by_source.sort_by_key(|(_, source)| Reverse((source.leads, source.converted)));
        KpiReport {
            from: self.first,
            to: self.last,
            all,
            reply_rate: rate(all.replies, all.messages_sent),
            conversion_rate: rate(all.converted, all.leads),
            median_first_reply_seconds: self.first_replies.median(),
            by_source,
            by_day,
        }
    }
}

/// Returns `part / whole`, rounded to four decimals, or 0 if `whole` is 0.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0 }
}
