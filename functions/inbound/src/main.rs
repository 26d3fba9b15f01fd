//! The `inbound` function under Lambda.

use inbound::Inbound;
use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let masters = services.master_keys().await?;
    let router = inbound::routes().with(Inbound::new(services.api(&masters)?, masters));
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
