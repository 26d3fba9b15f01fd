//! The `uploaded` function under Lambda, behind the events of the bucket.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::House;
use uploaded::{Created, Uploaded};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let uploaded = Uploaded::new(house.store(), house.blobs()?, house.clock);
    let handle = |event: LambdaEvent<Created>| async { uploaded.handle(event.payload).await.map_err(Error::from) };
    lambda_runtime::run(service_fn(handle)).await
}
