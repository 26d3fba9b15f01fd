//! The `sequences` function under Lambda.

use runtime::{AppServices, HttpAdapter};
use sequences::SequencesState;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let api = services.api(&services.master_keys().await?)?;
    let router = sequences::routes().with(SequencesState::new(api, services.timing()));
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
