//! The `analytics` function under Lambda.

use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let api = services.api_without_master_keys();
    runtime::serve(HttpAdapter::new(analytics::routes().with(api), services.clock)).await
}
