//! The `package` function under Lambda, behind the package queue.

use package::{Dependencies, PackageHandler};
use runtime::{AppServices, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let package = PackageHandler::new(Dependencies {
        store: services.store(),
        blobs: services.blobs()?,
        renderer: package::renderer(),
        timing: services.timing(),
        clock: services.clock,
    });
    runtime::serve_events(|event| async { Ok(package.handle(event).await) }).await
}
