//! Positions in the event log, which has every event of an environment in the order in which it was recorded.
//!
//! The log grows by batches, which are numbered without gaps. A reader who has seen a position has been shown everything
//! before it: no batch is ever recorded before one that exists, whatever commits late.

use crate::retention;
use crate::time::Timestamp;
use std::fmt;

/// Number of hexadecimal digits of a batch's number.
const BATCH_DIGITS: usize = 16;

/// Number of hexadecimal digits of the index in a batch.
const INDEX_DIGITS: usize = 4;

/// Number of hexadecimal digits of the time in milliseconds.
const TIME_DIGITS: usize = 12;

/// A place in the event log: after an event, or before all of them.
///
/// Written as 32 hexadecimal digits, whose text order is the order of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// Number of the batch.
    pub batch: u64,
    /// Number of events of the batch that are before the position.
    pub index: u16,
    /// Time up to which the position stands for the log: that of the batch, or of the reading that found nothing after it.
    /// It tells how old a position is whose batch has expired.
    pub as_of: Timestamp,
}

impl LogPosition {
    /// Returns the position before every event.
    pub fn start(now: Timestamp) -> Self {
        Self { batch: 0, index: 0, as_of: now }
    }

    /// Returns the position at another time.
    pub fn as_of(self, as_of: Timestamp) -> Self {
        Self { as_of, ..self }
    }

    /// Returns whether the event at `index` of `batch`, counted from 0, is after the position.
    pub fn is_before(self, batch: u64, index: usize) -> bool {
        batch > self.batch || (batch == self.batch && index >= usize::from(self.index))
    }

    /// Returns whether events after the position may have expired.
    pub fn has_expired(self, now: Timestamp) -> bool {
        self.as_of.after(retention::EVENT_LOG) < now
    }

    /// Parses a position as callers send it, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != BATCH_DIGITS + INDEX_DIGITS + TIME_DIGITS || !text.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            return None;
        }
        let (batch, rest) = text.split_at(BATCH_DIGITS);
        let (index, as_of) = rest.split_at(INDEX_DIGITS);
        Some(Self {
            batch: u64::from_str_radix(batch, 16).ok()?,
            index: u16::from_str_radix(index, 16).ok()?,
            as_of: Timestamp::from_millis(i64::from_str_radix(as_of, 16).ok()?),
        })
    }
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.as_of.millis().max(0);
        write!(f, "{:0BATCH_DIGITS$x}{:0INDEX_DIGITS$x}{millis:0TIME_DIGITS$x}", self.batch, self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_are_written() {
        let position =
            LogPosition { batch: 1_795_000_000_123, index: 7, as_of: Timestamp::from_millis(1_795_000_000_000) };
        assert_eq!(LogPosition::parse(&position.to_string()), Some(position));
        assert_eq!(LogPosition::parse(&format!(" {} ", position.to_string().to_uppercase())), Some(position));
        assert_eq!(LogPosition::start(Timestamp::EPOCH).to_string(), "0".repeat(32));
        for text in ["", "latest", &"g".repeat(32), &"0".repeat(31), &"0".repeat(33), &"é".repeat(16)] {
            assert_eq!(LogPosition::parse(text), None, "{text}");
        }
    }

    #[test]
    fn text_order_is_the_order_of_the_log() {
        let at = |batch, index| LogPosition { batch, index, as_of: Timestamp::EPOCH };
        let sorted = [at(0, 0), at(0, 9), at(1, 0), at(15, 2), at(16, 1), at(u64::MAX, u16::MAX)];
        assert!(sorted.is_sorted_by_key(ToString::to_string));
    }

    #[test]
    fn a_position_is_before_what_was_recorded_after_it() {
        let position = LogPosition { batch: 5, index: 2, as_of: Timestamp::EPOCH };
        let expected = [((4, 9), false), ((5, 1), false), ((5, 2), true), ((6, 0), true)];
        for ((batch, index), is_before) in expected {
            assert_eq!(position.is_before(batch, index), is_before, "{batch} {index}");
        }
    }
}
