//! The `dispatch` function under Lambda, behind the table's stream.

use aws_lambda_events::event::dynamodb::Event;
use dispatch::{Dependencies, Dispatch};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::AppServices;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let dispatch = Dispatch::new(Dependencies {
        store: services.store(),
        queue: services.delivery_queue()?,
        follow_up: services.follow_up_queue()?,
        blobs: services.blobs()?,
        timing: services.timing(),
        clock: services.clock,
    });
    let handle = |event: LambdaEvent<Event>| async { Ok::<_, Error>(dispatch.handle(event.payload).await) };
    lambda_runtime::run(service_fn(handle)).await
}
