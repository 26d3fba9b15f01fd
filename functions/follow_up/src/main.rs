//! The `follow_up` function under Lambda, behind its queue.

use aws_lambda_events::event::sqs::SqsEvent;
use follow_up::{FollowUp, Parts};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::House;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let follow_up = FollowUp::new(Parts {
        store: house.store(),
        queue: house.follow_up_queue()?,
        sender: Arc::new(house.senders()?),
        timing: house.timing(),
        clock: house.clock,
    });
    let handle = |event: LambdaEvent<SqsEvent>| async { Ok::<_, Error>(follow_up.handle(event.payload).await) };
    lambda_runtime::run(service_fn(handle)).await
}
