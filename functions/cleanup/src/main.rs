//! The `cleanup` function under Lambda, once a minute.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use cleanup::{Cleanup, Dependencies, MAX_OVERTIME, MAX_RUN_TIME};
use runtime::{AppServices, Error};
use uploads::EvidenceFiles;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let cleanup = Cleanup::new(Dependencies {
        store: services.store(),
        files: EvidenceFiles::new(services.store(), services.blobs()?, std::sync::Arc::clone(&services.clock)),
        max_run_time: MAX_RUN_TIME,
        max_overtime: MAX_OVERTIME,
        clock: services.clock,
    });
    runtime::serve_events(|_: EventBridgeEvent| async { cleanup.run().await.map_err(Error::from) }).await
}
