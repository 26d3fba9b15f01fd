//! The `sequences` function under Lambda.

use runtime::{AppServices, HttpAdapter};
use sequences::SequencesState;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let master_keys = services.master_keys().await?;
    let suppression_key = master_keys.suppression_key()?;
    let state = SequencesState::new(services.api(&master_keys)?, services.timing(), suppression_key);
    let router = sequences::routes().with(state);
    runtime::serve(HttpAdapter::new(router, services.clock)).await
}
