//! The state of the handlers.

use crate::open_polls::OpenPolls;
use api::{ApiError, ApiState};
use axum::extract::FromRef;
use domain::{Environment, Subscription};
use runtime::{Queue, Timing};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use webhook::master_keys::MasterKeys;
use webhook::sender::{Sender, SenderSettings};

/// Maximum time that an endpoint has to return an ownership challenge, name resolution included: the caller waits for it.
pub(crate) const VERIFICATION_TIMEOUT: Duration = Duration::from_secs(5);

/// The dependencies of the handlers.
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
    /// The URLs that may be registered, how their host names are resolved, and how ownership challenges are sent.
    pub sender_settings: SenderSettings,
    /// Maximum time that a request for the event log waits for an event.
    pub max_event_log_wait: Duration,
}

/// The state of the handlers. Cheap to clone.
#[derive(Clone)]
pub struct WebhooksState {
    dependencies: Arc<Dependencies>,
    /// Created at the first ownership challenge: few processes send one, and a TLS client takes a part of a cold start.
    sender: Arc<OnceLock<Sender>>,
    pub(crate) open_polls: OpenPolls,
}

impl WebhooksState {
    /// Returns the state of handlers with these dependencies.
    pub fn new(dependencies: Dependencies) -> Self {
        Self { dependencies: Arc::new(dependencies), sender: Arc::default(), open_polls: OpenPolls::default() }
    }

    /// Returns the sender of ownership challenges.
    pub(crate) fn sender(&self) -> Result<&Sender, ApiError> {
        if let Some(sender) = self.sender.get() {
            return Ok(sender);
        }
        let sender = Sender::new(SenderSettings {
            attempt_timeout: VERIFICATION_TIMEOUT,
            ..self.dependencies.sender_settings.clone()
        });
        let sender = sender.map_err(|error| ApiError::internal(&error.to_string()))?;
        Ok(self.sender.get_or_init(|| sender))
    }

    /// Returns the signing secret of `subscription`, to be shown once.
    pub(crate) fn signing_secret(
        &self,
        environment: Environment,
        subscription: &Subscription,
    ) -> Result<String, ApiError> {
        let secret = self.master_keys.signing_secret(&environment, subscription.id, subscription.secret);
        secret.map(|secret| secret.reveal().clone()).map_err(|error| ApiError::internal(&error.to_string()))
    }
}

impl std::ops::Deref for WebhooksState {
    type Target = Dependencies;

    fn deref(&self) -> &Dependencies {
        &self.dependencies
    }
}

impl FromRef<WebhooksState> for ApiState {
    fn from_ref(state: &WebhooksState) -> Self {
        state.api.clone()
    }
}
