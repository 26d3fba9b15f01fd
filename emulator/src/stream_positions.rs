//! The positions of all readers of one stream: what each of them has handled may be trimmed.

use crate::database::Database;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Number of handled records that are trimmed together. Trimming holds up other operations for a moment, and is cheaper
/// per record the more there are.
const TRIM_THRESHOLD: i64 = 500;

struct Positions {
    /// Sequence number of the last handled record, for each reader.
    handled: Vec<i64>,
    /// Sequence number through which the stream was trimmed.
    trimmed: i64,
}

/// The readers of one table's stream.
pub(crate) struct StreamPositions {
    database: Database,
    table: String,
    positions: Mutex<Positions>,
}

impl StreamPositions {
    /// Creates the positions of `readers` readers, at the beginning of the stream.
    pub(crate) fn new(database: Database, table: &str, readers: usize) -> Self {
        let positions = Mutex::new(Positions { handled: vec![0; readers], trimmed: 0 });
        Self { database, table: table.to_owned(), positions }
    }

    fn positions(&self) -> MutexGuard<'_, Positions> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a reader has handled all records up to `position`, and trims the stream if that is worth it.
    pub(crate) fn advance(&self, reader: usize, position: i64) {
        let mut positions = self.positions();
        positions.handled[reader] = position;
        self.trim(&mut positions, TRIM_THRESHOLD);
    }

    /// Trims everything that all readers have handled.
    pub(crate) fn trim_all(&self) {
        self.trim(&mut self.positions(), 1);
    }

    /// Deletes the records that all readers have handled, if there are `least` of them. The database's own connection
    /// does it: another one would have to wait for a moment without a write.
    fn trim(&self, positions: &mut Positions, least: i64) {
        let through = positions.handled.iter().copied().min().unwrap_or_default();
        if through - positions.trimmed >= least {
            self.database.trim_stream(&self.table, through);
            positions.trimmed = through;
        }
    }
}
