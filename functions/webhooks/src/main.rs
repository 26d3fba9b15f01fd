//! The `webhooks` function under Lambda.

use runtime::{Endpoint, House};
use std::sync::Arc;
use webhook::resolve::SystemResolver;
use webhooks::{Parts, Webhooks};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let masters = house.masters().await?;
    let webhooks = Webhooks::new(Parts {
        gate: house.gate(&masters)?,
        queue: house.queue()?,
        masters,
        timing: house.timing(),
        policy: house.targets(),
        resolver: Arc::new(SystemResolver),
    });
    runtime::serve(Endpoint::new(webhooks::routes().with(webhooks), house.clock)).await
}
