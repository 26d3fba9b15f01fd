//! Keys, businesses, the audit log, the caller's own account and the service's health over HTTP.
//!
//! It also answers for every path that no function serves.

mod audit;
mod businesses;
mod keys;
mod me;
mod test_data;

use api::{ApiState, Routes};
use axum::extract::FromRef;
use axum::routing::{delete, get, post};
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Account {
    api: ApiState,
}

impl Account {
    /// Accounts behind `api`.
    pub fn new(api: ApiState) -> Self {
        Self { api }
    }
}

impl FromRef<Account> for ApiState {
    fn from_ref(account: &Account) -> Self {
        account.api.clone()
    }
}

/// What is served where.
pub fn routes() -> Routes<Account> {
    let native = Contract::Native;
    Routes::new()
        .serve(native, "/keys", &[Method::GET, Method::POST], get(keys::list).post(keys::create))
        .serve(native, "/keys/{id}", &[Method::GET, Method::DELETE], get(keys::one).delete(keys::revoke))
        .serve(native, "/keys/{id}/rotate", &[Method::POST], post(keys::rotate))
        .serve(native, "/me", &[Method::GET], get(me::me))
        .serve(native, "/businesses", &[Method::GET, Method::POST], get(businesses::list).post(businesses::create))
        .serve(
            native,
            "/businesses/{id}",
            &[Method::GET, Method::PATCH],
            get(businesses::one).patch(businesses::change),
        )
        .serve(native, "/audit-log", &[Method::GET], get(audit::list))
        .serve(native, "/test-data", &[Method::DELETE], delete(test_data::empty))
        .serve(native, "/health", &[Method::GET], get(me::health))
}
