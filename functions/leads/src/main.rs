//! The `leads` function under Lambda.

use leads::LeadsState;
use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    runtime::load_numbering_plans();
    let services = AppServices::from_environment_variables()?;
    let api = services.api(&services.master_keys().await?)?;
    let router = leads::routes().with(LeadsState::new(api, services.blobs()?, services.timing()));
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
