//! Webhook subscriptions and their deliveries over HTTP.

mod deliveries;
mod resend;
mod secrets;
mod subscriptions;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use axum::routing::{get, post};
use domain::Contract;
use http::Method;
use runtime::{Queue, Timing};
use std::sync::Arc;
use webhook::master_keys::MasterKeys;
use webhook::resolve::Resolve;
use webhook::ssrf::TargetPolicy;

/// What a [`Webhooks`] is made of.
#[derive(Clone)]
pub struct Parts {
    /// What admits callers.
    pub api: ApiState,
    /// Takes what is to be sent at once.
    pub queue: Arc<dyn Queue>,
    /// What signing secrets derive from.
    pub masters: MasterKeys,
    /// When the sweep is to look.
    pub timing: Timing,
    /// Which targets may be registered.
    pub policy: TargetPolicy,
    /// Finds the addresses of targets.
    pub resolver: Arc<dyn Resolve>,
}

/// What the handlers work with.
#[derive(Clone)]
pub struct Webhooks(Arc<Parts>);

impl Webhooks {
    /// Webhooks made of `parts`.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for Webhooks {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Webhooks> for ApiState {
    fn from_ref(webhooks: &Webhooks) -> Self {
        webhooks.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Webhooks> {
    let native = Contract::Native;
    let one = get(subscriptions::one).patch(subscriptions::change).delete(subscriptions::delete);
    Routes::new()
        .serve(native, "/webhooks", &[Method::GET, Method::POST], get(subscriptions::list).post(subscriptions::create))
        .serve(native, "/webhooks/{id}", &[Method::GET, Method::PATCH, Method::DELETE], one)
        .serve(native, "/webhooks/{id}/rotate-secret", &[Method::POST], post(secrets::rotate))
        .serve(native, "/webhooks/{id}/test", &[Method::POST], post(resend::ping))
        .serve(native, "/webhooks/{id}/recover", &[Method::POST], post(resend::recover))
        .serve(native, "/event-types", &[Method::GET], get(subscriptions::event_types))
        .serve(native, "/deliveries", &[Method::GET], get(deliveries::list))
        .serve(native, "/deliveries/{id}", &[Method::GET], get(deliveries::one))
        .serve(native, "/deliveries/{id}/retry", &[Method::POST], post(resend::retry))
}
