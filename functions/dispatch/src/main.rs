//! The `dispatch` function under Lambda, behind the table's stream.

use dispatch::{Dependencies, DispatchHandler};
use runtime::{AppServices, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let dispatch = DispatchHandler::new(Dependencies {
        store: services.store(),
        queue: services.delivery_queue()?,
        follow_up_queue: services.follow_up_queue()?,
        package_queue: services.package_queue()?,
        api_url: services.api_url()?,
        parking: services.parking()?,
        timing: services.timing(),
        clock: services.clock,
    });
    runtime::serve_stream(|event, request_id| {
        let dispatch = dispatch.clone();
        async move { dispatch.handle(event, &request_id).await }
    })
    .await
}
