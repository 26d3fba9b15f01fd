//! Load that reaches the stack.

use super::partitions::Micros;
use std::time::Duration;

/// A tenant whose endpoints are slow and whose deliveries have piled up.
#[derive(Clone, Copy, Debug)]
pub struct SlowTenant {
    /// Number of its endpoints.
    pub endpoints: u32,
    /// Deliveries that wait at the beginning.
    pub pending: u32,
    /// Time that each of its endpoints takes to answer.
    pub latency: Duration,
}

/// Load that reaches the stack.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// Leads that are created in a second.
    pub leads_per_second: f64,
    /// Tenants, each with one business and as many leads as the others on average.
    pub tenants: u32,
    /// Endpoints of each tenant, which all receive every change.
    pub endpoints: u32,
    /// Share of the attempts that an endpoint refuses.
    pub refused_share: f64,
    /// The slow tenant, beside the others.
    pub slow_tenant: Option<SlowTenant>,
    /// Time in which the load rises to its full rate: Lambda adds pollers of a queue over minutes.
    pub rise: Micros,
    /// Simulated time. What is measured is the second half.
    pub duration: Micros,
}

/// A simulated second.
pub const SECOND: Micros = 1_000_000;

impl Workload {
    /// Returns a workload of leads, each delivered to one endpoint.
    pub const fn leads(leads_per_second: f64) -> Self {
        Self {
            leads_per_second,
            tenants: 1_000,
            endpoints: 1,
            refused_share: 0.01,
            slow_tenant: None,
            rise: 90 * SECOND,
            duration: 240 * SECOND,
        }
    }

    /// Returns the time between two calls at `now`, on average.
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    pub(super) fn mean_interval(&self, now: Micros) -> f64 {
        let share = (now as f64 / self.rise.max(1) as f64).clamp(0.05, 1.0);
        1e6 / (self.leads_per_second * share)
    }

    /// Returns a workload of leads of a single business.
    pub const fn of_one_business(leads_per_second: f64) -> Self {
        Self { tenants: 1, ..Self::leads(leads_per_second) }
    }

    /// Returns a workload of this many deliveries a minute, five for each lead.
    pub fn deliveries(per_minute: f64) -> Self {
        Self { endpoints: 5, ..Self::leads(per_minute / 60.0 / 5.0) }
    }

    /// The tenant with 50 endpoints that answer after 14 s and 100,000 pending deliveries, beside 280 leads a second of
    /// others.
    pub const FAIRNESS: Self = Self {
        slow_tenant: Some(SlowTenant { endpoints: 50, pending: 100_000, latency: Duration::from_secs(14) }),
        rise: 0,
        duration: 600 * SECOND,
        ..Self::leads(280.0)
    };

    /// The same in small, for tests.
    pub const SMALL_FAIRNESS: Self = Self {
        leads_per_second: 40.0,
        tenants: 50,
        slow_tenant: Some(SlowTenant { endpoints: 50, pending: 10_000, latency: Duration::from_secs(14) }),
        duration: 120 * SECOND,
        ..Self::FAIRNESS
    };
}
