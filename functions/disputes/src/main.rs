//! The `disputes` function under Lambda.

use disputes::DisputesState;
use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let api = services.api(&services.master_keys().await?)?;
    let router = disputes::routes().with(DisputesState::new(api, services.blobs()?, services.timing()));
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
