//! The `sweep` function under Lambda, once a minute.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::AppServices;
use sweep::Sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let timing = services.timing();
    let sweep =
        Sweep::new(services.store(), services.delivery_queue()?, services.follow_up_queue()?, services.clock, timing);
    let handle = |_: LambdaEvent<EventBridgeEvent>| async { sweep.run().await.map_err(Error::from) };
    lambda_runtime::run(service_fn(handle)).await
}
