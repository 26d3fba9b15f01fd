//! Measurements of a simulation.

use super::partitions::Micros;

/// A latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    /// The latency; of what had not come to its end when the simulation did, the time until then.
    pub micros: Micros,
    /// Set if it had not come to its end.
    pub is_unfinished: bool,
}

impl std::fmt::Display for Sample {
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = if self.is_unfinished { "> " } else { "" };
        match self.micros as f64 / 1e6 {
            seconds if seconds < 1.0 => write!(f, "{mark}{:.0} ms", seconds * 1_000.0),
            seconds if seconds < 10.0 => write!(f, "{mark}{seconds:.1} s"),
            seconds => write!(f, "{mark}{seconds:.0} s"),
        }
    }
}

/// Latencies.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<Sample>);

impl Latencies {
    fn add(&mut self, micros: Micros, is_unfinished: bool) {
        self.0.push(Sample { micros, is_unfinished });
    }

    /// Returns the share that came to its end.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn finished_share(&self) -> f64 {
        let finished = self.0.iter().filter(|sample| !sample.is_unfinished).count();
        finished as f64 / self.0.len().max(1) as f64
    }

    /// Returns a percentile; zero if there is no sample.
    pub fn percentile(&self, percent: usize) -> Sample {
        let mut sorted = self.0.clone();
        let Some(last) = sorted.len().checked_sub(1) else { return Sample { micros: 0, is_unfinished: false } };
        *sorted.select_nth_unstable(last * percent / 100).1
    }
}

/// The use of a part of the stack.
#[derive(Clone, Debug)]
pub struct Use {
    /// Name of the part.
    pub part: &'static str,
    /// Share of what it can do that was asked of it, in the second half; above 1, it refuses or delays.
    pub share: f64,
    /// The first time at which something waited for it.
    pub first_wait: Option<Micros>,
}

/// Share from which a part is saturated.
const SATURATED: f64 = 0.98;

/// The results of a simulation.
#[derive(Clone, Debug, Default)]
pub struct Measurement {
    /// From change to first attempt, of all tenants but the slow one.
    pub to_attempt: Latencies,
    /// The same of the slow tenant.
    pub slow_tenant: Latencies,
    /// Duration of calls.
    pub calls: Latencies,
    /// From change to being counted.
    pub counted: Latencies,
    /// Calls that were refused.
    pub refused_calls: u64,
    /// All calls.
    pub all_calls: u64,
    /// Attempts that were made.
    pub attempts: u64,
    /// The use of each part.
    pub uses: Vec<Use>,
}

impl Measurement {
    pub(super) fn use_of(&mut self, part: &'static str, share: f64, first_wait: Option<Micros>) {
        self.uses.push(Use { part, share, first_wait });
    }

    pub(super) fn attempted(&mut self, of_slow_tenant: bool, latency: Micros, is_measured: bool, is_unfinished: bool) {
        match (of_slow_tenant, is_measured) {
            (true, _) => self.slow_tenant.add(latency, is_unfinished),
            (false, true) => self.to_attempt.add(latency, is_unfinished),
            (false, false) => {}
        }
    }

    pub(super) fn called(&mut self, latency: Micros, is_measured: bool) {
        if is_measured {
            self.calls.add(latency, false);
        }
    }

    pub(super) fn counted(&mut self, latency: Micros, is_measured: bool) {
        if is_measured {
            self.counted.add(latency, false);
        }
    }

    /// Returns the parts of which most was asked, in relation to what they can do, first. As load grows, the first is the
    /// one that is saturated first.
    pub fn by_use(&self) -> Vec<&Use> {
        let mut parts: Vec<_> = self.uses.iter().collect();
        parts.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.first_wait.cmp(&b.first_wait)));
        parts
    }

    /// Returns the share of calls that were refused.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn refused_share(&self) -> f64 {
        self.refused_calls as f64 / (self.all_calls.max(1)) as f64
    }
}

impl Use {
    /// Returns whether the part can do no more.
    pub fn is_saturated(&self) -> bool {
        self.share >= SATURATED
    }
}
