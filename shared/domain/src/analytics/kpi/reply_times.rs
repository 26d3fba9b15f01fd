//! How long people take to answer: a histogram whose buckets widen with the time they stand for, so that a year needs
//! few of them and the median of any range of days is read from sums.
//!
//! Below 32 seconds every second is a bucket of its own. Above, each doubling has 16 buckets of equal width (the
//! log-linear buckets of `HdrHistogram`), of at most a sixteenth of where they begin; a time is told as the middle of
//! its bucket and so is wrong by at most a thirty-second part.

use std::collections::BTreeMap;

/// The most by which a told time may differ from the true one, as a part of the true one: 3.125 %.
pub const RELATIVE_ERROR: f64 = 1.0 / 32.0;

/// Longer times count as this one: a year of 366 days, in seconds.
pub const MAX_REPLY_SECONDS: u64 = 366 * 24 * 60 * 60;

/// Buckets of one doubling, as a power of two.
const SUB_BUCKET_BITS: u32 = 4;

/// Seconds below which every second is a bucket of its own: two doublings' worth of buckets.
const EXACT_BELOW_SECONDS: u64 = 2 << SUB_BUCKET_BITS;

/// The number of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyTimeBucket(u16);

impl ReplyTimeBucket {
    /// The bucket that so many seconds fall into.
    pub fn containing(seconds: u64) -> Self {
        let seconds = seconds.min(MAX_REPLY_SECONDS);
        if seconds < EXACT_BELOW_SECONDS {
            return Self(u16::try_from(seconds).unwrap_or(u16::MAX));
        }
        // The position of the highest bit says which doubling; the four bits below it, which bucket of it.
        let doubling = seconds.ilog2() - SUB_BUCKET_BITS;
        let bucket = u64::from(doubling << SUB_BUCKET_BITS) + (seconds >> doubling);
        Self(u16::try_from(bucket).unwrap_or(u16::MAX))
    }

    /// The bucket of this number, if there is one.
    pub fn from_number(number: u16) -> Option<Self> {
        (number <= Self::containing(MAX_REPLY_SECONDS).0).then_some(Self(number))
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The seconds that it stands for: its middle.
    fn seconds(self) -> u64 {
        let number = u64::from(self.0);
        if number < EXACT_BELOW_SECONDS {
            return number;
        }
        let doubling = (number >> SUB_BUCKET_BITS) - 1;
        let first = (number - (doubling << SUB_BUCKET_BITS)) << doubling;
        first + ((1 << doubling) - 1) / 2
    }
}

/// How many answers fell into each bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReplyTimes(BTreeMap<ReplyTimeBucket, u64>);

impl ReplyTimes {
    pub(super) fn add(&mut self, bucket: ReplyTimeBucket, count: u64) {
        *self.0.entry(bucket).or_default() += count;
    }

    /// The time of the answer at this place, from zero, in order of time.
    fn at(&self, place: u64) -> Option<u64> {
        let mut passed = 0;
        self.0.iter().find_map(|(bucket, count)| {
            passed += count;
            (place < passed).then(|| bucket.seconds())
        })
    }

    /// The median in seconds, half a second rounded up; `None` where nobody has answered. Of an even number, the mean
    /// of the two in the middle.
    pub(super) fn median(&self) -> Option<u64> {
        let count: u64 = self.0.values().sum();
        let upper = self.at(count / 2)?;
        let lower = if count.is_multiple_of(2) { self.at(count / 2 - 1)? } else { upper };
        Some((lower + upper).div_ceil(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "seconds of a year are exact in a float")]
    fn a_time_is_told_within_the_documented_error() {
        let mut seconds = 0;
        let mut worst = 0_f64;
        while seconds <= MAX_REPLY_SECONDS {
            let told = ReplyTimeBucket::containing(seconds).seconds();
            assert!(seconds >= 32 || told == seconds, "{seconds} is told as {told}");
            if seconds > 0 {
                worst = worst.max((told.abs_diff(seconds)) as f64 / seconds as f64);
            }
            seconds += 1 + seconds / 5_000;
        }
        assert!(worst <= RELATIVE_ERROR, "{worst}");
    }

    #[test]
    fn buckets_follow_one_another_without_a_gap() {
        let mut last = ReplyTimeBucket::containing(0);
        for seconds in 0..200_000 {
            let bucket = ReplyTimeBucket::containing(seconds);
            assert!(bucket == last || bucket.0 == last.0 + 1, "{seconds}");
            last = bucket;
        }
        assert_eq!(ReplyTimeBucket::containing(u64::MAX), ReplyTimeBucket::containing(MAX_REPLY_SECONDS));
        assert_eq!(ReplyTimeBucket::from_number(ReplyTimeBucket::containing(MAX_REPLY_SECONDS).0 + 1), None);
        assert!(ReplyTimeBucket::containing(MAX_REPLY_SECONDS).0 < 400, "a year needs few");
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        let median = |seconds: &[u64]| {
            let mut times = ReplyTimes::default();
            for seconds in seconds {
                times.add(ReplyTimeBucket::containing(*seconds), 1);
            }
            times.median()
        };
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7]), Some(7));
        assert_eq!(median(&[30, 1, 2]), Some(2));
        assert_eq!(median(&[1, 2, 20, 30]), Some(11));
        assert_eq!(median(&[1, 2]), Some(2), "half a second is rounded up");
    }
}
