//! The `sweep` function under Lambda, once a minute.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use runtime::{AppServices, Error};
use sweep::{Dependencies, MAX_OVERTIME, MAX_RUN_TIME, Sweeper};
use uploads::EvidenceFiles;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let sweep = Sweeper::new(Dependencies {
        store: services.store(),
        queues: services.delivery_queues()?,
        follow_up_queue: services.follow_up_queue()?,
        package_queue: services.package_queue()?,
        files: EvidenceFiles::new(services.store(), services.blobs()?, std::sync::Arc::clone(&services.clock)),
        timing: services.timing(),
        max_run_time: MAX_RUN_TIME,
        max_overtime: MAX_OVERTIME,
        clock: services.clock,
    });
    runtime::serve_events(|_: EventBridgeEvent| async { sweep.run().await.map_err(Error::from) }).await
}
