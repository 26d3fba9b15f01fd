//! The `analytics` function under Lambda.

use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let api = services.api(&services.master_keys().await?)?;
    let router = analytics::routes().with(analytics::Analytics::new(api));
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
