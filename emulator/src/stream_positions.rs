//! The positions of all readers of one stream: what each of them has handled may be trimmed.

use crate::database::Database;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Number of records that each reader handles, on average, between two trims. Trimming holds up other operations for a
/// moment, and is cheaper per record the more there are.
const TRIM_THRESHOLD: usize = 500;

struct Positions {
    /// Sequence number of the last handled record, for each reader. Numbers have gaps.
    handled: Vec<i64>,
    /// Number of records that readers have handled since the stream was trimmed.
    records: usize,
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
        let positions = Mutex::new(Positions { handled: vec![0; readers], records: 0, trimmed: 0 });
        Self { database, table: table.to_owned(), positions }
    }

    fn positions(&self) -> MutexGuard<'_, Positions> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a reader has handled `records` more, up to `position`, and trims the stream if that is worth it.
    pub(crate) fn advance(&self, reader: usize, position: i64, records: usize) {
        let mut positions = self.positions();
        positions.handled[reader] = position;
        positions.records += records;
        if positions.records >= TRIM_THRESHOLD * positions.handled.len() {
            self.trim(&mut positions);
        }
    }

    /// Trims everything that all readers have handled.
    pub(crate) fn trim_all(&self) {
        self.trim(&mut self.positions());
    }

    /// Deletes the records that all readers have handled. The database's own connection does it: another one would have
    /// to wait for a moment without a write.
    fn trim(&self, positions: &mut Positions) {
        positions.records = 0;
        let through = positions.handled.iter().copied().min().unwrap_or_default();
        if through > positions.trimmed {
            self.database.trim_stream(&self.table, through);
            positions.trimmed = through;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TemporaryTables;
    use aws_sdk_dynamodb::operation::put_item::PutItemInput;
    use aws_sdk_dynamodb::types::AttributeValue;
    use store::InProcessDatabase;

    /// Writes an item of the single table by its key.
    async fn put(tables: &TemporaryTables, pk: &str, sk: &str) {
        let key = |text: &str| AttributeValue::S(text.to_owned());
        let put = PutItemInput::builder().table_name(TemporaryTables::TABLE).item("pk", key(pk)).item("sk", key(sk));
        tables.database.put_item(put.build().unwrap()).await.unwrap();
    }

    /// Returns the sequence numbers of the records in the stream.
    fn recorded(tables: &TemporaryTables) -> Vec<i64> {
        let connection = rusqlite::Connection::open(tables.database_file()).unwrap();
        let sql = "SELECT CAST(sequence_number AS INTEGER) FROM _stream_records ORDER BY 1";
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[tokio::test]
    async fn records_are_trimmed_once_the_last_reader_has_handled_them() {
        let tables = TemporaryTables::create(None).await.unwrap();
        for number in 0..3 {
            put(&tables, &format!("L#{number}"), "L").await;
        }
        let numbers = recorded(&tables);
        let positions = StreamPositions::new(tables.database.clone(), TemporaryTables::TABLE, 2);
        positions.advance(0, numbers[2], 3);
        positions.trim_all();
        assert_eq!(recorded(&tables), numbers, "a reader has handled none of them");
        positions.advance(1, numbers[1], 2);
        positions.trim_all();
        assert_eq!(recorded(&tables), numbers[2..]);
        positions.advance(1, numbers[2], 1);
        positions.trim_all();
        assert_eq!(recorded(&tables), [0; 0]);
    }

    #[tokio::test]
    async fn only_items_that_a_consumer_selects_are_recorded() {
        let tables = TemporaryTables::create(None).await.unwrap();
        for (pk, sk) in [("B#1", "B"), ("L#1", "H#1"), ("W#1", "D#1"), ("X#L#1", "L")] {
            put(&tables, pk, sk).await;
        }
        assert_eq!(recorded(&tables), [0; 0]);
        for (pk, sk) in [("L#1", "L"), ("L#1", "M#1"), ("L#1", "S"), ("W#1", "S#1"), ("EV#1", "EV")] {
            put(&tables, pk, sk).await;
        }
        assert_eq!(recorded(&tables).len(), 5);
    }
}
