//! The `bookkeeping` function under Lambda, behind the table's stream.

use bookkeeping::{BookkeepingHandler, Dependencies};
use runtime::{AppServices, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let bookkeeping = BookkeepingHandler::new(Dependencies {
        store: services.store(),
        blobs: services.blobs()?,
        parking: services.parking()?,
        api_url: services.api_url()?,
        clock: services.clock,
    });
    runtime::serve_stream(|event, request_id| {
        let bookkeeping = bookkeeping.clone();
        async move { bookkeeping.handle(event, &request_id).await }
    })
    .await
}
