//! The `deliver` function under Lambda, behind the queue.

use aws_lambda_events::event::sqs::SqsEvent;
use deliver::{Deliver, Parts};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::House;
use webhook::sender::{Sender, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let deliver = Deliver::new(Parts {
        store: house.store(),
        queue: house.queue()?,
        masters: house.masters().await?,
        sender: Sender::new(Settings::new(house.targets()))?,
        timing: house.timing(),
        clock: house.clock,
    });
    let handle = |event: LambdaEvent<SqsEvent>| async { Ok::<_, Error>(deliver.handle(event.payload).await) };
    lambda_runtime::run(service_fn(handle)).await
}
