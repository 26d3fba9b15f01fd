//! The storage of counters: which item holds a day, and which attribute a counter. All of this is stored data and
//! must never change.

use domain::analytics::kpi::{Counter, Day, ReplyTimeBucket};

/// Number of days whose counters share an item.
const DAYS_PER_ITEM: u8 = 8;

/// Number of items that hold the counters of the same days. Each event is counted in one of them, and all are added up
/// when they are read.
pub(super) const ITEMS_PER_PERIOD: u8 = 4;

/// Attribute: the lead sources that an item distinguishes, a string set.
pub(super) const SOURCES: &str = "s";

/// Radix of the digit that stands for a day of the month in attribute names: one character for each of 31 days,
/// because names count toward the size of an item.
const DAY_RADIX: u32 = 32;

/// Returns the number of the item for a day within its month; `spread` selects one of [`ITEMS_PER_PERIOD`]. Numbers are in order
/// of days, so that a range of days is a range of items.
pub(super) fn item_number(day: Day, spread: u8) -> u8 {
    (day.number() - 1) / DAYS_PER_ITEM * ITEMS_PER_PERIOD + spread
}

/// Returns the sort key of that item.
pub(super) fn sort_key(day: Day, spread: u8) -> String {
    format!("{}#{:02}", day.month(), item_number(day, spread))
}

/// Returns the attribute of a counter: a letter for its kind, a digit for its day, and its source or bucket number.
pub(super) fn attribute(day: Day, counter: &Counter) -> String {
    let (kind, rest) = match counter {
        Counter::Leads(source) => ('l', source.clone()),
        Counter::Converted(source) => ('w', source.clone()),
        Counter::OptedOut => ('o', String::new()),
        Counter::MessagesSent => ('m', String::new()),
        Counter::Replies => ('r', String::new()),
        Counter::FirstReplies(bucket) => ('f', bucket.number().to_string()),
    };
    let digit = char::from_digit(day.number().into(), DAY_RADIX).unwrap_or('0');
    format!("{kind}{digit}{rest}")
}

/// Returns the counter of an attribute in an item of `month`; `None` if the attribute is something else.
pub(super) fn parse_attribute(month: &str, attribute: &str) -> Option<(Day, Counter)> {
    let mut letters = attribute.chars();
    let (kind, digit, rest) = (letters.next()?, letters.next()?, letters.as_str());
    let counter = match (kind, rest) {
        ('o', "") => Counter::OptedOut,
        ('m', "") => Counter::MessagesSent,
        ('r', "") => Counter::Replies,
        ('l', source) if !source.is_empty() => Counter::Leads(source.to_owned()),
        ('w', source) if !source.is_empty() => Counter::Converted(source.to_owned()),
        ('f', bucket) => Counter::FirstReplies(ReplyTimeBucket::from_number(bucket.parse().ok()?)?),
        _ => return None,
    };
    let day = Day::of_month(month, digit.to_digit(DAY_RADIX)?.try_into().ok()?)?;
    Some((day, counter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::key_schema::{PK, SK, TTL};

    fn day(number: u8) -> Day {
        Day::of_month("2026-05", number).unwrap()
    }

    #[test]
    fn attributes_name_day_and_counter() {
        let counters = [
            Counter::Leads("WEB_FORM".to_owned()),
            Counter::Converted("OTHER".to_owned()),
            Counter::OptedOut,
            Counter::MessagesSent,
            Counter::Replies,
            Counter::FirstReplies(ReplyTimeBucket::containing(86_400)),
        ];
        for counter in counters {
            for number in [1, 9, 10, 31] {
                let name = attribute(day(number), &counter);
                assert_eq!(parse_attribute("2026-05", &name), Some((day(number), counter.clone())), "{name}");
            }
        }
        for other in [PK, SK, TTL, SOURCES, "l5", "m5X", "f5", "f5-1", "f9999", "l0WEB_FORM", "x5"] {
            assert_eq!(parse_attribute("2026-05", other), None, "{other}");
        }
    }

    #[test]
    fn a_range_of_days_is_a_range_of_items() {
        let (from, to) = (sort_key(day(9), 0), sort_key(day(16), ITEMS_PER_PERIOD - 1));
        for number in 1..=31 {
            for spread in 0..ITEMS_PER_PERIOD {
                let key = sort_key(day(number), spread);
                assert_eq!((&from..=&to).contains(&&key), (9..=16).contains(&number), "{key}");
            }
        }
    }
}
