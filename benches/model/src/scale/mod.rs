//! Behaviour of a deployed stack under load: a simulation of discrete events with a simulated clock.

pub mod measurement;
pub mod parameters;
pub mod partitions;
pub mod workload;

mod concurrency;
mod delivering;
mod queue;
mod report;
mod simulation;
mod stream;

pub use report::{DOCUMENT, MARKERS, tables};

use measurement::Measurement;
use parameters::Parameters;
use workload::Workload;

/// Returns what a stack with these parameters does under a workload. The same parameters always give the same result.
pub fn simulate(parameters: &Parameters, workload: Workload) -> Measurement {
    simulation::Simulation::new(parameters, workload).run()
}

#[cfg(test)]
mod tests {
    use super::*;
    use parameters::{DueEntries, Parameters};

    const SECONDS: u64 = 1_000_000;

    /// A minute at full rate of a load that is too much for one part.
    fn load(leads_per_second: f64) -> Workload {
        Workload { rise: 0, duration: 60 * SECONDS, ..Workload::leads(leads_per_second) }
    }

    #[test]
    fn new_tables_are_full_first() {
        let measured = simulate(&Parameters::AFTER, load(1_000.0));
        let first = measured.by_use()[0];
        assert!(first.part == "the table" && first.is_saturated(), "{first:?}");
    }

    #[test]
    fn one_business_fills_its_index_partition() {
        let one = Workload { rise: 0, duration: 60 * SECONDS, ..Workload::of_one_business(1_300.0) };
        let measured = simulate(&Parameters::RAISED, one);
        let full: Vec<_> = measured.uses.iter().filter(|part| part.is_saturated()).map(|part| part.part).collect();
        assert!(full.contains(&"index `business`") && full.contains(&"index `status`"), "{full:?}");
    }

    #[test]
    fn eight_due_shards_were_too_few() {
        let shards = |due_shards| due_index_share(due_shards, DueEntries::Own);
        assert!(shards(8) > 1.0 && shards(64) < 0.3, "{} {}", shards(8), shards(64));
    }

    #[test]
    fn batches_relieve_the_due_index() {
        let [own, of_batches] = [DueEntries::Own, DueEntries::OfBatches].map(|entries| due_index_share(64, entries));
        assert!(of_batches < own / 2.0, "{of_batches} of {own}");
    }

    /// Returns how much of the busiest shard of the due index 5,000 deliveries a second take.
    fn due_index_share(due_shards: usize, due_entries: DueEntries) -> f64 {
        let deliveries = Workload { endpoints: 20, ..load(250.0) };
        let parameters = Parameters { due_shards, due_entries, deliver_concurrency: 1_000, ..Parameters::RAISED };
        let measured = simulate(&parameters, deliveries);
        measured.uses.iter().find(|part| part.part == "a shard of the due index").expect("a part").share
    }

    #[test]
    fn the_same_seed_gives_the_same_result() {
        let run = |seed| {
            let measured = simulate(&Parameters { seed, ..Parameters::AFTER }, load(100.0));
            (measured.all_calls, measured.attempts, measured.to_attempt.percentile(99))
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn a_slow_tenant_delays_nobody_else() {
        let before = simulate(&Parameters::BEFORE.warmed(), Workload::SMALL_FAIRNESS);
        let after = simulate(&Parameters::AFTER.warmed(), Workload::SMALL_FAIRNESS);
        assert!(after.to_attempt.percentile(99).micros < 5 * SECONDS, "{}", after.to_attempt.percentile(99));
        assert!(before.to_attempt.percentile(99).micros > 5 * SECONDS, "{}", before.to_attempt.percentile(99));
    }
}
