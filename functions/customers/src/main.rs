//! The `customers` function under Lambda.

use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let api = services.api(&services.master_keys().await?)?;
    runtime::serve(HttpAdapter::new(customers::routes().with(api), services.clock)).await
}
