//! The `webhooks` function under Lambda.

use runtime::{AppServices, HttpAdapter};
use std::sync::Arc;
use webhook::resolve::SystemResolver;
use webhooks::{Parts, Webhooks};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let masters = services.master_keys().await?;
    let webhooks = Webhooks::new(Parts {
        api: services.api(&masters)?,
        queue: services.delivery_queue()?,
        masters,
        timing: services.timing(),
        policy: services.target_policy(),
        resolver: Arc::new(SystemResolver),
    });
    runtime::serve(HttpAdapter::new(webhooks::routes().with(webhooks), services.clock)).await
}
