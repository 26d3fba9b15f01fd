//! Webhook subscriptions, their deliveries and the event log over HTTP.

mod deliveries;
mod event_log;
mod event_types;
mod open_polls;
mod resend;
mod rotate_secret;
mod state;
mod subscriptions;
mod verification;

use api::Routes;
use domain::Contract::Native;

pub use state::{Dependencies, WebhooksState};

/// Returns the routes of this function.
pub fn routes() -> Routes<WebhooksState> {
    Routes::new()
        .get(Native, "/webhooks", subscriptions::list)
        .post_creating(Native, "/webhooks", subscriptions::create, "/webhooks/{id}")
        .get(Native, "/webhooks/{id}", subscriptions::get)
        .patch(Native, "/webhooks/{id}", subscriptions::change)
        .delete(Native, "/webhooks/{id}", subscriptions::delete)
        .post(Native, "/webhooks/{id}/rotate-secret", rotate_secret::rotate)
        .post(Native, "/webhooks/{id}/test", resend::test)
        .post(Native, "/webhooks/{id}/recover", resend::recover)
        .get(Native, "/event-types", event_types::list)
        .get(Native, "/event-types/{type}/sample", event_types::sample)
        .get(Native, "/event-log", event_log::read)
        .post(Native, "/event-log", event_log::add_example)
        .get(Native, "/deliveries", deliveries::list)
        .get(Native, "/deliveries/{id}", deliveries::get)
        .post(Native, "/deliveries/{id}/retry", resend::retry)
}
