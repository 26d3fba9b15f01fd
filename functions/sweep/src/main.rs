//! The `sweep` function under Lambda, once a minute.

use runtime::{AppServices, Error};
use sweep::{Continuations, Dependencies, HAND_OVER_AFTER, MAX_RUN_TIME, SweepEvent, Sweeper};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let continuations =
        Continuations { invoker: services.self_invoker()?, max_invocations: services.sweep_parallelism() };
    let sweep = Sweeper::new(Dependencies {
        store: services.store(),
        queues: services.delivery_queues()?,
        follow_up_queue: services.follow_up_queue()?,
        package_queue: services.package_queue()?,
        continuations: Some(continuations),
        timing: services.timing(),
        hand_over_after: HAND_OVER_AFTER,
        max_run_time: MAX_RUN_TIME,
        clock: services.clock,
    });
    runtime::serve_events(|event: SweepEvent| {
        let sweep = sweep.clone();
        async move { sweep.handle(&event).await.map_err(Error::from) }
    })
    .await
}
