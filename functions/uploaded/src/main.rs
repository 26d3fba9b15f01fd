//! The `uploaded` function under Lambda, behind the events of the bucket.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::AppServices;
use uploaded::{ObjectCreated, Uploaded};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let uploaded = Uploaded::new(services.store(), services.blobs()?, services.clock);
    let handle =
        |event: LambdaEvent<ObjectCreated>| async { uploaded.handle(event.payload).await.map_err(Error::from) };
    lambda_runtime::run(service_fn(handle)).await
}
