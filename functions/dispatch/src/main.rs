//! The `dispatch` function under Lambda, behind the table's stream.

use aws_lambda_events::event::dynamodb::Event;
use dispatch::{Dispatch, Parts};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::House;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let dispatch = Dispatch::new(Parts {
        store: house.store(),
        queue: house.queue()?,
        follow_up: house.follow_up_queue()?,
        blobs: house.blobs()?,
        timing: house.timing(),
        clock: house.clock,
    });
    let handle = |event: LambdaEvent<Event>| async { Ok::<_, Error>(dispatch.handle(event.payload).await) };
    lambda_runtime::run(service_fn(handle)).await
}
