//! The `follow_up` function under Lambda, behind the follow-up queue.

use follow_up::{Dependencies, FollowUpHandler};
use runtime::{AppServices, Error};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::start_logging();
    let services = AppServices::from_environment_variables()?;
    let follow_up = FollowUpHandler::new(Dependencies {
        store: services.store(),
        queue: services.follow_up_queue()?,
        sender: Arc::new(services.senders()?),
        timing: services.timing(),
        clock: services.clock,
    });
    runtime::serve_events(|event| async { Ok(follow_up.handle(event).await) }).await
}
