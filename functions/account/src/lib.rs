//! Keys, businesses, the audit log, the caller's own account and the service's health over HTTP.
//!
//! It also answers for every path that no function serves.

mod audit;
mod businesses;
mod keys;
mod me;

use access::{Gate, Routes};
use axum::extract::FromRef;
use axum::routing::{get, post};
use domain::Contract;
use http::Method;

/// What the handlers work with.
#[derive(Clone)]
pub struct Account {
    gate: Gate,
}

impl Account {
    /// Accounts behind `gate`.
    pub fn new(gate: Gate) -> Self {
        Self { gate }
    }
}

impl FromRef<Account> for Gate {
    fn from_ref(account: &Account) -> Self {
        account.gate.clone()
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
        .serve(native, "/health", &[Method::GET], get(me::health))
}
