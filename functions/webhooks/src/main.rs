//! The `webhooks` function under Lambda.

use runtime::{AppServices, HttpAdapter};
use webhook::sender::SenderSettings;
use webhooks::{Dependencies, WebhooksState};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let master_keys = services.master_keys().await?;
    let state = WebhooksState::new(Dependencies {
        api: services.api(&master_keys)?,
        queue: services.delivery_queue()?,
        master_keys,
        timing: services.timing(),
        sender_settings: SenderSettings::new(services.target_policy()),
        max_event_log_wait: services.max_event_log_wait(),
    });
    runtime::serve(HttpAdapter::new(webhooks::routes().with(state), services.clock)).await
}
