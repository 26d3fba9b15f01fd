//! Capacity units that the database reports, for tests that hold operations to a budget.

use serde_json::Value;
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

    /// Adds what the response of a write reports.
    pub(super) fn add_write(&self, response: &str) {
        self.consumed().write_units += reported_units(response);
    }

    /// Adds what the response of a read reports.
    pub(super) fn add_read(&self, response: &str) {
        self.consumed().read_units += reported_units(response);
    }
}

/// Returns the sum of `ConsumedCapacity`, which is a list where several tables may be involved.
fn reported_units(response: &str) -> f64 {
    serde_json::from_str(response).map_or(0.0, |response: Value| match &response["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
        table => table["CapacityUnits"].as_f64().unwrap_or_default(),
    })
}
