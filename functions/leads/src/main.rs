//! The `leads` function under Lambda.

use leads::LeadsState;
use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let master_keys = services.master_keys().await?;
    let suppression_key = master_keys.suppression_key()?;
    let api = services.api(&master_keys)?;
    let router = leads::routes().with(LeadsState::new(api, suppression_key));
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
