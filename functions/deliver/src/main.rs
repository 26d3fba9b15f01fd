//! The `deliver` function under Lambda, behind the queue of either lane.

use deliver::{DeliveryHandler, Dependencies};
use runtime::{AppServices, Error};
use webhook::sender::{Sender, SenderSettings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let deliver = DeliveryHandler::new(Dependencies {
        store: services.store(),
        queues: services.delivery_queues()?,
        lane: services.delivery_lane(),
        master_keys: services.master_keys().await?,
        sender: Sender::new(SenderSettings::new(services.target_policy()))?,
        timing: services.timing(),
        clock: services.clock,
    });
    runtime::serve_events(|event| async { Ok(deliver.handle(event).await) }).await
}
