//! The `follow_up` function under Lambda, behind its queue.

use aws_lambda_events::event::sqs::SqsEvent;
use follow_up::{Dependencies, FollowUp};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::AppServices;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let follow_up = FollowUp::new(Dependencies {
        store: services.store(),
        queue: services.follow_up_queue()?,
        sender: Arc::new(services.senders()?),
        timing: services.timing(),
        clock: services.clock,
    });
    let handle = |event: LambdaEvent<SqsEvent>| async { Ok::<_, Error>(follow_up.handle(event.payload).await) };
    lambda_runtime::run(service_fn(handle)).await
}
