//! Partitions of a table or an index: each takes a fixed number of write units a second.

use super::parameters::PARTITION_WRITE_UNITS;

/// Simulated time in microseconds.
pub type Micros = u64;

/// Time for which the SDK repeats a throttled request, all attempts together.
pub const MAX_THROTTLED: Micros = 6_000_000;

/// Throughput that a partition lends in advance, in microseconds of its rate: a second.
const BURST: Micros = 1_000_000;

/// The partitions of a table or an index.
#[derive(Clone, Debug)]
pub struct Partitions {
    /// Name in reports.
    pub name: &'static str,
    /// For each, the time at which everything that it has taken is paid for.
    paid_at: Vec<Micros>,
    /// For each, the units that were asked of it since the last reset.
    asked: Vec<f64>,
    reset_at: Micros,
    /// Number of requests that were refused after all attempts.
    pub refused: u64,
    /// The first time at which a request waited a second or longer.
    pub first_wait: Option<Micros>,
}

impl Partitions {
    /// Creates partitions with all their throughput.
    pub fn new(name: &'static str, count: usize) -> Self {
        Self { name, paid_at: vec![0; count], asked: vec![0.0; count], reset_at: 0, refused: 0, first_wait: None }
    }

    /// Returns the partition of a key.
    pub fn of(&self, key: u64) -> usize {
        // Fibonacci hashing: keys of the model are numbers in a row.
        let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from((u128::from(hash) * self.paid_at.len() as u128) >> 64).unwrap_or(0)
    }

    /// Returns how long a write to `partition` waits at `now`.
    pub fn wait(&self, partition: usize, now: Micros) -> Micros {
        self.paid_at[partition].saturating_sub(now + BURST)
    }

    /// Takes `units` from `partition`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few units")]
    pub fn take(&mut self, partition: usize, units: f64, now: Micros) {
        let wait = self.wait(partition, now);
        if wait >= 1_000_000 && self.first_wait.is_none() {
            self.first_wait = Some(now);
        }
        self.asked[partition] += units;
        let cost = (units / PARTITION_WRITE_UNITS * 1e6) as Micros;
        self.paid_at[partition] = self.paid_at[partition].max(now) + cost;
    }

    /// Counts a write of `units` that was refused.
    pub fn refuse(&mut self, partition: usize, units: f64, now: Micros) {
        self.refused += 1;
        self.asked[partition] += units;
        if self.wait(partition, now) >= 1_000_000 && self.first_wait.is_none() {
            self.first_wait = Some(now);
        }
    }

    /// Begins to measure utilisation at `now`.
    pub fn reset(&mut self, now: Micros) {
        self.asked.fill(0.0);
        self.reset_at = now;
    }

    /// Returns the share of its throughput that the busiest partition was asked for since the reset.
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    pub fn utilisation(&self, now: Micros) -> f64 {
        let most = self.asked.iter().copied().fold(0.0, f64::max);
        most / PARTITION_WRITE_UNITS / (now.saturating_sub(self.reset_at) as f64 / 1e6)
    }
}

/// A write to one partition of one table or index.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Number of the table or index.
    pub table: usize,
    /// Key that selects the partition.
    pub key: u64,
    /// Write units.
    pub units: f64,
}

/// All tables and indexes.
#[derive(Clone, Debug)]
pub struct Database {
    /// In the order of the numbers.
    pub tables: Vec<Partitions>,
}

/// Number of the single table.
pub const TABLE: usize = 0;
/// Number of the access table.
pub const ACCESS: usize = 1;
/// Number of the index `business`.
pub const BUSINESS: usize = 2;
/// Number of the index `status`.
pub const STATUS: usize = 3;
/// Number of the index `due`, of which each shard is one key, so that it takes no more than one partition.
pub const DUE: usize = 4;

impl Database {
    /// Creates tables of `partitions`, and a due index whose `due_shards` are spread over as many.
    pub fn new(partitions: usize, due_shards: usize) -> Self {
        let table = |name| Partitions::new(name, partitions);
        let due = Partitions::new("a shard of the due index", due_shards.min(partitions.max(1)));
        let mut tables =
            vec![table("the table"), table("the access table"), table("index `business`"), table("index `status`")];
        tables.push(due);
        Self { tables }
    }

    /// Returns the partition of a key. Shards of the due index are numbered, and spread evenly.
    fn partition(&self, part: &Part) -> usize {
        let table = &self.tables[part.table];
        if part.table == DUE {
            usize::try_from(part.key).unwrap_or(0) % table.paid_at.len()
        } else {
            table.of(part.key)
        }
    }

    /// Writes all parts, or none. Returns how long the write waits, which is as long as its slowest part: a throttled
    /// index throttles the table. `None` if that is longer than the SDK repeats the request.
    pub fn write(&mut self, parts: &[Part], now: Micros) -> Option<Micros> {
        let waits = parts.iter().map(|part| (self.tables[part.table].wait(self.partition(part), now), part));
        let (wait, slowest) = waits.max_by_key(|(wait, _)| *wait)?;
        if wait > MAX_THROTTLED {
            let partition = self.partition(slowest);
            self.tables[slowest.table].refuse(partition, slowest.units, now);
            return None;
        }
        for part in parts {
            let partition = self.partition(part);
            self.tables[part.table].take(partition, part.units, now);
        }
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_takes_a_thousand_units_a_second() {
        let mut database = Database::new(1, 1);
        let part = [Part { table: TABLE, key: 7, units: 1.0 }];
        let waits: Vec<_> = (0..3_000).map(|_| database.write(&part, 0).expect("below the limit")).collect();
        assert_eq!((waits[999], waits[2_000]), (0, 1_000_000));
        assert_eq!(database.write(&part, 10_000_000), Some(0), "it recovers");
    }

    #[test]
    fn a_throttled_index_throttles_the_table() {
        let mut database = Database::new(4, 1);
        let write = |database: &mut Database| {
            database.write(&[Part { table: TABLE, key: 1, units: 0.0 }, Part { table: DUE, key: 0, units: 1_000.0 }], 0)
        };
        assert_eq!((0..9).map_while(|_| write(&mut database)).last(), Some(6_000_000));
        assert_eq!(database.tables[DUE].refused, 1);
    }
}
