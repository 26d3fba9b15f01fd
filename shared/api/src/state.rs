//! State shared by the handlers of every HTTP function.

use crate::api_error::ApiError;
use crate::response_keys::ResponseKeys;
use auth::Authenticator;
use domain::id::RandomBytes;
use domain::{Clock, Timestamp};
use std::sync::Arc;
use store::{BusinessCache, Protection, Store};

/// The state that the handlers of every HTTP function share. Cheap to clone.
///
/// A function with more state of its own holds it beside this and implements `FromRef`.
#[derive(Clone)]
pub struct ApiState(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    authenticator: Authenticator,
    businesses: BusinessCache,
    response_keys: ResponseKeys,
}

impl ApiState {
    /// Returns the state of functions that work on `store`; `response_keys` encrypt what is kept for a replay.
    pub fn new(store: Store, clock: Arc<dyn Clock>, response_keys: ResponseKeys) -> Self {
        let authenticator = Authenticator::new(store.clone(), Arc::clone(&clock));
        Self::with_authenticator(authenticator, store, clock, response_keys)
    }

    /// Returns the state of functions that work on `store`, with calls authenticated and counted by `authenticator`, which
    /// may use another handle on the same tables.
    pub fn with_authenticator(
        authenticator: Authenticator,
        store: Store,
        clock: Arc<dyn Clock>,
        response_keys: ResponseKeys,
    ) -> Self {
        let businesses = BusinessCache::new(store.clone());
        Self(Arc::new(Inner { store, clock, authenticator, businesses, response_keys }))
    }

    /// Returns the tables.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Returns sixteen random bytes for a new id.
    pub fn random(&self) -> Result<RandomBytes, ApiError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| ApiError::internal("the system's random number generator failed"))?;
        Ok(bytes)
    }

    /// Returns the protection of a response that holds a secret: a key that derives from the current master key.
    pub fn secret_protection(&self) -> Result<Protection, ApiError> {
        self.0.response_keys.protection()
    }

    pub(crate) fn authenticator(&self) -> &Authenticator {
        &self.0.authenticator
    }

    pub(crate) fn response_keys(&self) -> &ResponseKeys {
        &self.0.response_keys
    }

    pub(crate) fn business_cache(&self) -> &BusinessCache {
        &self.0.businesses
    }
}
