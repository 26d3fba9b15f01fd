//! Capacity units that the database reports, for tests that hold operations to a budget.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Sum of the consumed capacity units that the database reports. Clones share the sum.
#[derive(Clone, Debug, Default)]
pub struct CapacityMeter(Arc<Mutex<Consumed>>);

#[derive(Debug, Default)]
struct Consumed {
    write_units: f64,
    read_units: f64,
}

impl CapacityMeter {
    /// Returns the write units since the last call, those of indexes included.
    pub fn take_write_units(&self) -> f64 {
        std::mem::take(&mut self.consumed().write_units)
    }

    /// Returns the read units since the last call.
    pub fn take_read_units(&self) -> f64 {
        std::mem::take(&mut self.consumed().read_units)
    }

    fn consumed(&self) -> MutexGuard<'_, Consumed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add_write(&self, units: f64) {
        self.consumed().write_units += units;
    }

    pub(super) fn add_read(&self, units: f64) {
        self.consumed().read_units += units;
    }
}
