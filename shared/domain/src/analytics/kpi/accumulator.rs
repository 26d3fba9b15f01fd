//! Counters added up to what is told of a range of days.

use super::counter::Counter;
use super::day::Day;
use super::reply_times::ReplyTimes;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Counters of a range of days on their way to figures.
#[derive(Clone, Debug)]
pub struct KpiAccumulator {
    first: Day,
    last: Day,
    days: BTreeMap<Day, DailyKpis>,
    sources: BTreeMap<String, SourceKpis>,
    first_replies: ReplyTimes,
}

/// What happened on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyKpis {
    /// Leads that came in.
    pub leads: u64,
    /// Messages that went out.
    pub messages_sent: u64,
    /// Messages that came in.
    pub replies: u64,
    /// Leads that became customers.
    pub converted: u64,
    /// People who asked not to be written to.
    pub opted_out: u64,
}

/// What came of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceKpis {
    /// Leads that came in.
    pub leads: u64,
    /// Leads that became customers.
    pub converted: u64,
}

/// What is told of a range of days.
#[derive(Clone, Debug, PartialEq)]
pub struct KpiReport {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// All days together.
    pub all: DailyKpis,
    /// Messages that came in for each that went out, to four digits; 0 where none went out.
    pub reply_rate: f64,
    /// Leads that became customers for each that came in, to four digits; 0 where none came in. Leads of before may
    /// become customers now: it may exceed 1.
    pub conversion_rate: f64,
    /// The median time from the first message to a person to their first answer, in seconds, of the people who
    /// answered first in this range; wrong by at most [`super::RELATIVE_ERROR`] and half a second. `None` where nobody
    /// did.
    pub median_first_reply_seconds: Option<u64>,
    /// By source, the one with the most leads first.
    pub by_source: Vec<(String, SourceKpis)>,
    /// By day, every day of the range, the oldest first.
    pub by_day: Vec<(Day, DailyKpis)>,
}

impl KpiAccumulator {
    /// Nothing yet, of the days from `first` to `last`.
    pub fn new(first: Day, last: Day) -> Self {
        let (days, sources) = (BTreeMap::new(), BTreeMap::new());
        Self { first, last, days, sources, first_replies: ReplyTimes::default() }
    }

    /// The first day that counts.
    pub fn first(&self) -> Day {
        self.first
    }

    /// The last day that counts.
    pub fn last(&self) -> Day {
        self.last
    }

    /// Adds `count` to a counter of `day`; days out of range count nothing.
    pub fn add(&mut self, day: Day, counter: Counter, count: u64) {
        if day < self.first || day > self.last {
            return;
        }
        let of_day = self.days.entry(day).or_default();
        match counter {
            Counter::Leads(source) => {
                of_day.leads += count;
                self.sources.entry(source).or_default().leads += count;
            }
            Counter::Converted(source) => {
                of_day.converted += count;
                self.sources.entry(source).or_default().converted += count;
            }
            Counter::OptedOut => of_day.opted_out += count,
            Counter::MessagesSent => of_day.messages_sent += count,
            Counter::Replies => of_day.replies += count,
            Counter::FirstReplies(bucket) => self.first_replies.add(bucket, count),
        }
    }

    /// What is told of all that was added.
    pub fn report(self) -> KpiReport {
        let of = |day: Day| (day, self.days.get(&day).copied().unwrap_or_default());
        let by_day: Vec<_> = self.first.up_to(self.last).map(of).collect();
        let sum = |of: fn(&DailyKpis) -> u64| by_day.iter().map(|(_, day)| of(day)).sum::<u64>();
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

/// `part` for each of `whole`, to four digits.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0 }
}
