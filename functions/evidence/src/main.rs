//! The `evidence` function under Lambda.

use evidence::EvidenceState;
use runtime::{AppServices, HttpAdapter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let api = services.api(&services.master_keys().await?)?;
    let router = evidence::routes().with(EvidenceState::new(api, services.blobs()?));
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
