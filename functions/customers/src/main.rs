//! The `customers` function under Lambda.

use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let gate = services.gate(&services.master_keys().await?)?;
    let router = customers::routes().with(customers::Customers::new(gate));
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
