//! Webhook subscriptions and their deliveries over HTTP.

mod deliveries;
mod resend;
mod rotate_secret;
mod subscriptions;

use api::{ApiError, ApiState, Routes};
use axum::extract::FromRef;
use domain::Contract::Native;
use domain::{Environment, Subscription};
use runtime::{Queue, Timing};
use std::sync::Arc;
use webhook::master_keys::MasterKeys;
use webhook::resolve::Resolve;
use webhook::ssrf::TargetPolicy;

/// What the handlers depend on.
#[derive(Clone)]
pub struct Dependencies {
    /// The state that all HTTP functions share.
    pub api: ApiState,
    /// The queue of deliveries.
    pub queue: Arc<dyn Queue>,
    /// The keys that signing secrets derive from.
    pub master_keys: MasterKeys,
    /// The times at which the sweeper checks unfinished work.
    pub timing: Timing,
    /// The URLs that may be registered.
    pub target_policy: TargetPolicy,
    /// Resolves the host names of URLs.
    pub resolver: Arc<dyn Resolve>,
}

/// The state of the handlers. Cheap to clone.
#[derive(Clone)]
pub struct WebhooksState(Arc<Dependencies>);

impl WebhooksState {
    /// Returns the state of handlers with these dependencies.
    pub fn new(dependencies: Dependencies) -> Self {
        Self(Arc::new(dependencies))
    }

    /// Returns the signing secret of `subscription`, to be shown once.
    fn signing_secret(&self, environment: Environment, subscription: &Subscription) -> Result<String, ApiError> {
        let secret = self.master_keys.signing_secret(&environment, subscription.id, subscription.secret);
        secret.map(|secret| secret.reveal().clone()).map_err(|error| ApiError::internal(&error.to_string()))
    }
}

impl std::ops::Deref for WebhooksState {
    type Target = Dependencies;

    fn deref(&self) -> &Dependencies {
        &self.0
    }
}

impl FromRef<WebhooksState> for ApiState {
    fn from_ref(state: &WebhooksState) -> Self {
        state.api.clone()
    }
}

/// Returns the routes of this function.
pub fn routes() -> Routes<WebhooksState> {
    Routes::new()
        .get(Native, "/webhooks", subscriptions::list)
        .post(Native, "/webhooks", subscriptions::create)
        .get(Native, "/webhooks/{id}", subscriptions::one)
        .patch(Native, "/webhooks/{id}", subscriptions::change)
        .delete(Native, "/webhooks/{id}", subscriptions::delete)
        .post(Native, "/webhooks/{id}/rotate-secret", rotate_secret::rotate)
        .post(Native, "/webhooks/{id}/test", resend::ping)
        .post(Native, "/webhooks/{id}/recover", resend::recover)
        .get(Native, "/event-types", subscriptions::event_types)
        .get(Native, "/deliveries", deliveries::list)
        .get(Native, "/deliveries/{id}", deliveries::one)
        .post(Native, "/deliveries/{id}/retry", resend::retry)
}
