//! The `sweep` function under Lambda, once a minute.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::House;
use sweep::Sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let timing = house.timing();
    let sweep = Sweep::new(house.store(), house.queue()?, house.follow_up_queue()?, house.clock, timing);
    let handle = |_: LambdaEvent<EventBridgeEvent>| async { sweep.run().await.map_err(Error::from) };
    lambda_runtime::run(service_fn(handle)).await
}
