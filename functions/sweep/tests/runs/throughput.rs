//! Number of overdue deliveries that one run re-enqueues in a second, printed:
//! `cargo test -p sweep --test runs -- --ignored --nocapture`.

use crate::delivery_batches::create_together;
use crate::fixture::{Fixture, RunTimes, delivery, environment};
use std::time::Instant;

#[tokio::test]
#[ignore = "prints a measurement"]
#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "the figures are there to be read")]
async fn due_items_handled_per_second() {
    let fixture = Fixture::new().await;
    let sweeper = fixture.sweeper(RunTimes::DEPLOYED, None);
    for count in [100_u32, 2_000] {
        fixture.add_deliveries(count..2 * count).await;
        let started = Instant::now();
        let handled = sweeper.run().await.expect("a summary").reenqueued;
        let seconds = started.elapsed().as_secs_f64();
        let (rate, calls) = (f64::from(count) / seconds, fixture.queue.take_calls().len());
        println!("{handled} of {count} in {seconds:.3} s: {rate:.0} a second, {calls} calls of the queue");
    }
    // Batches of 52, once with nothing left to do and once with everything.
    for is_finished in [true, false] {
        let deliveries: Vec<_> =
            (10_000..10_000 + 5_200).map(|number| delivery(number + u32::from(is_finished) * 10_000)).collect();
        create_together(&fixture, &deliveries, deliveries.len()).await;
        if is_finished {
            for delivery in &deliveries {
                fixture.store.cancel_delivery(environment(), delivery).await.expect("cancelled");
            }
        }
        let started = Instant::now();
        let handled = sweeper.run().await.expect("a summary").reenqueued;
        let seconds = started.elapsed().as_secs_f64();
        let (rate, calls) = (deliveries.len() as f64 / seconds, fixture.queue.take_calls().len());
        println!("{handled} of {} in batches in {seconds:.3} s: {rate:.0} a second, {calls} calls", deliveries.len());
    }
    let started = Instant::now();
    sweeper.run().await.expect("a summary");
    println!("an idle run: {:.1} ms", started.elapsed().as_secs_f64() * 1_000.0);
}
