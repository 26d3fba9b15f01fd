//! The `inbound` function under Lambda.

use inbound::InboundState;
use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let master_keys = services.master_keys().await?;
    let router = inbound::routes().with(InboundState::new(services.api(&master_keys)?, master_keys)?);
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
