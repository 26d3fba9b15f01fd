//! The `uploaded` function under Lambda, behind the events of the bucket.

use runtime::{AppServices, Error};
use uploaded::UploadedFileHandler;
use uploads::EvidenceFiles;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let uploaded = UploadedFileHandler::new(EvidenceFiles::new(services.store(), services.blobs()?, services.clock));
    runtime::serve_events(|event| async { uploaded.handle(event).await.map_err(Error::from) }).await
}
