//! The positions of all readers of one stream: what each of them has handled may be trimmed.

use crate::database::Database;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Number of handled records that are trimmed together. Trimming holds up other operations for a moment, and is cheaper
/// per record the more there are.
const TRIM_THRESHOLD: usize = 500;

/// What one reader has handled.
#[derive(Clone, Copy, Debug, Default)]
struct Handled {
    /// Sequence number of the last handled record. Numbers have gaps.
    position: i64,
    /// Number of records that were handled since the stream was trimmed.
    records: usize,
}

/// The readers of one table's stream.
pub(crate) struct StreamPositions {
    database: Database,
    table: String,
    readers: Mutex<Vec<Handled>>,
}

impl StreamPositions {
    /// Creates the positions of `readers` readers, at the beginning of the stream.
    pub(crate) fn new(database: Database, table: &str, readers: usize) -> Self {
        Self { database, table: table.to_owned(), readers: Mutex::new(vec![Handled::default(); readers]) }
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Handled>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a reader has handled `records` more, up to `position`, and trims the stream if that is worth it.
    pub(crate) fn advance(&self, reader: usize, position: i64, records: usize) {
        let mut readers = self.readers();
        readers[reader].position = position;
        readers[reader].records += records;
        self.trim(&mut readers, TRIM_THRESHOLD);
    }

    /// Trims everything that all readers have handled.
    pub(crate) fn trim_all(&self) {
        self.trim(&mut self.readers(), 1);
    }

    /// Deletes the records that all readers have handled, if each has handled at least `least` since the last time. The
    /// database's own connection does it: another one would have to wait for a moment without a write.
    fn trim(&self, readers: &mut [Handled], least: usize) {
        if readers.iter().any(|reader| reader.records < least) {
            return;
        }
        if let Some(through) = readers.iter().map(|reader| reader.position).min() {
            self.database.trim_stream(&self.table, through);
            readers.iter_mut().for_each(|reader| reader.records = 0);
        }
    }
}
