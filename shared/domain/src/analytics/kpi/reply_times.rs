//! A histogram of reply times, from which the median of any range of days is computed.
//!
//! Storing every reply time would cost one record for each reply. Counting them in buckets costs one counter for each
//! bucket and day, and the counters of several days can be added up.
//!
//! The buckets are log-linear, as in `HdrHistogram`. Below 32 seconds, each second is a bucket. Above, each range from
//! a power of two to the next is split into 16 buckets of equal width, so that a bucket is at most 1/16 as wide as its
//! lower bound. A time is reported as the middle of its bucket and thus differs by at most 1/32 from the true one.
//! Fewer than 400 buckets cover a year.

use std::collections::BTreeMap;

/// Maximum relative error of a reported time: 3.125 %.
pub const RELATIVE_ERROR: f64 = 1.0 / 32.0;

/// Maximum counted reply time: 366 days, in seconds. Longer times count as this one.
pub const MAX_REPLY_SECONDS: u64 = 366 * 24 * 60 * 60;

/// Binary logarithm of the number of buckets between two powers of two.
const SUB_BUCKET_BITS: u32 = 4;

/// Number of seconds below which each second is a bucket. From here on, a bucket is at least one second wide.
const EXACT_BELOW_SECONDS: u64 = 2 << SUB_BUCKET_BITS;

/// A bucket of the histogram, identified by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyTimeBucket(u16);

impl ReplyTimeBucket {
    /// Returns the bucket that contains a time in seconds.
    pub fn containing(seconds: u64) -> Self {
        let seconds = seconds.min(MAX_REPLY_SECONDS);
        if seconds < EXACT_BELOW_SECONDS {
            return Self(u16::try_from(seconds).unwrap_or(u16::MAX));
        }
        // The position of the highest bit determines the power of two, the four bits below it the bucket within.
        let doubling = seconds.ilog2() - SUB_BUCKET_BITS;
        let bucket = u64::from(doubling << SUB_BUCKET_BITS) + (seconds >> doubling);
        Self(u16::try_from(bucket).unwrap_or(u16::MAX))
    }

    /// Returns the bucket with this number, or `None` if there is none.
    pub fn from_number(number: u16) -> Option<Self> {
        (number <= Self::containing(MAX_REPLY_SECONDS).0).then_some(Self(number))
    }

    /// Returns the number of the bucket.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Returns the time that the bucket is reported as: its middle, in seconds.
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

/// The number of first replies in each bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReplyTimes(BTreeMap<ReplyTimeBucket, u64>);

impl ReplyTimes {
    pub(super) fn add(&mut self, bucket: ReplyTimeBucket, count: u64) {
        *self.0.entry(bucket).or_default() += count;
    }

    /// Returns the reply time at `index`, from zero, in ascending order.
    fn at(&self, index: u64) -> Option<u64> {
        let mut passed = 0;
        self.0.iter().find_map(|(bucket, count)| {
            passed += count;
            (index < passed).then(|| bucket.seconds())
        })
    }

    /// Returns the median in seconds, or `None` without replies. For an even number of replies, returns the mean of the
    /// two in the middle, rounded up.
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
    fn reported_times_stay_within_the_error() {
        let mut seconds = 0;
        let mut worst = 0_f64;
        while seconds <= MAX_REPLY_SECONDS {
            let reported = ReplyTimeBucket::containing(seconds).seconds();
            assert!(seconds >= 32 || reported == seconds, "{seconds} is reported as {reported}");
            if seconds > 0 {
                worst = worst.max((reported.abs_diff(seconds)) as f64 / seconds as f64);
            }
            seconds += 1 + seconds / 5_000;
        }
        assert!(worst <= RELATIVE_ERROR, "{worst}");
    }

    #[test]
    fn buckets_are_contiguous() {
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
    fn the_median_is_the_middle_reply_time() {
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
