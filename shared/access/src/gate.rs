//! The gate: every call but the service's own passes it once.

use crate::api_error::ApiError;
use crate::api_key::ApiKey;
use crate::spent::{Spent, SpentKeys};
use contract::ErrorKind;
use domain::accounts::rate_limit::Quota;
use domain::id::RandomBytes;
use domain::{Clock, Scope, Timestamp};
use http::HeaderMap;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{Admission, AdmissionRefused, DataKey, KnownBusinesses, Store};

/// The keys that seal kept answers which held a secret, by the numbers of the master keys they derive from.
#[derive(Clone, Debug)]
pub struct ResponseKeys {
    /// The number of the one that seals.
    pub current: u32,
    /// Every one that still opens.
    pub keys: BTreeMap<u32, DataKey>,
}

impl ResponseKeys {
    pub(crate) fn current(&self) -> Option<(u32, DataKey)> {
        self.keys.get(&self.current).map(|key| (self.current, key.clone()))
    }

    pub(crate) fn find(&self, number: u32) -> Option<DataKey> {
        self.keys.get(&number).cloned()
    }
}

/// What admits callers: the tables, the clock and what is known to be spent. Cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    response_keys: ResponseKeys,
    spent: SpentKeys,
    businesses: KnownBusinesses,
}

impl Gate {
    /// A gate before `store`.
    pub fn new(store: Store, clock: Arc<dyn Clock>, response_keys: ResponseKeys) -> Self {
        let businesses = KnownBusinesses::new(store.clone());
        let inner = Inner { store, clock, response_keys, spent: SpentKeys::default(), businesses };
        Self(Arc::new(inner))
    }

    /// The tables.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Sixteen random bytes, for a new id.
    pub fn random(&self) -> Result<RandomBytes, ApiError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| ApiError::internal("no randomness"))?;
        Ok(bytes)
    }

    pub(crate) fn response_keys(&self) -> &ResponseKeys {
        &self.0.response_keys
    }

    pub(crate) fn businesses(&self) -> &KnownBusinesses {
        &self.0.businesses
    }

    /// Admits and counts one call; a refusal comes with the key's quota where the key is known.
    pub(crate) async fn admit(
        &self,
        headers: &HeaderMap,
        scope: Option<Scope>,
    ) -> Result<Admission, (ApiError, Option<Quota>)> {
        let now = self.now();
        let unauthorized = || (ErrorKind::Unauthorized.into(), None);
        let hash = bearer(headers).and_then(ApiKey::parse).ok_or_else(unauthorized)?.hash();
        if let Some(spent) = self.0.spent.find(&hash, now) {
            return Err(refuse_spent(spent, scope, now));
        }
        match self.0.store.admit(&hash, scope, now).await {
            Ok(admission) => Ok(admission),
            Err(AdmissionRefused::UnknownKey) => Err(unauthorized()),
            Err(AdmissionRefused::MissingScope(quota)) => Err((missing(scope), Some(quota))),
            Err(AdmissionRefused::Spent { quota, scopes }) => {
                let spent = Spent { quota, scopes };
                self.0.spent.remember(&hash, spent, now);
                Err(refuse_spent(spent, scope, now))
            }
            Err(AdmissionRefused::ClockAhead(minutes)) => {
                tracing::error!(minutes, "a key's window lies ahead of this clock");
                Err((ApiError::retry_after(ErrorKind::Unavailable, Duration::from_mins(1)), None))
            }
            Err(AdmissionRefused::Store(error)) => Err((error.into(), None)),
        }
    }
}

/// The token of `Authorization: Bearer …`, the scheme in any case.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(http::header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn missing(scope: Option<Scope>) -> ApiError {
    scope.map_or_else(
        || ApiError::internal("a scope is missing where none is needed"),
        |scope| ErrorKind::MissingScope(scope).into(),
    )
}

fn refuse_spent(spent: Spent, scope: Option<Scope>, now: Timestamp) -> (ApiError, Option<Quota>) {
    if scope.is_some_and(|scope| !spent.scopes.contains(scope)) {
        return (missing(scope), Some(spent.quota));
    }
    let minute = spent.quota.minute_window().filter(|window| window.remaining == 0);
    let day = spent.quota.day_window().filter(|window| window.remaining == 0);
    // A spent day outlasts a spent minute.
    let (window, name) = match (minute, day) {
        (_, Some(day)) => (day, "day"),
        (Some(minute), None) => (minute, "minute"),
        (None, None) => return (ApiError::internal("a limit is spent that is not"), Some(spent.quota)),
    };
    let kind = ErrorKind::RateLimited(window.limit, name);
    (ApiError::retry_after(kind, window.resets_at.since(now)), Some(spent.quota))
}
