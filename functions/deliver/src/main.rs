//! The `deliver` function under Lambda, behind the queue.

use aws_lambda_events::event::sqs::SqsEvent;
use deliver::{Deliver, Dependencies};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::AppServices;
use webhook::sender::{Sender, SenderSettings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let deliver = Deliver::new(Dependencies {
        store: services.store(),
        queue: services.delivery_queue()?,
        master_keys: services.master_keys().await?,
        sender: Sender::new(SenderSettings::new(services.target_policy()))?,
        timing: services.timing(),
        clock: services.clock,
    });
    let handle = |event: LambdaEvent<SqsEvent>| async { Ok::<_, Error>(deliver.handle(event.payload).await) };
    lambda_runtime::run(service_fn(handle)).await
}
