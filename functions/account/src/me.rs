//! `GET /v2/me` and `GET /v2/health`.

use crate::Account;
use access::{Answer, Caller, Refused, needs};
use axum::extract::State;
use contract::{Json, native};
use serde::Serialize;

/// Who calls: the tenant, the mode and the key. Any key will do.
pub(crate) async fn me(State(account): State<Account>, caller: Caller<needs::AnyKey>) -> Result<Answer, Refused> {
    let store = account.gate.store();
    let tenant = caller.world().tenant;
    let (found, key) = tokio::join!(store.tenant(tenant), store.key(tenant, caller.key.id));
    let (Some(found), Some(key)) = (found?, key?) else {
        return Err(Refused::internal("a key's tenant or record is missing"));
    };
    let now = account.gate.now();
    Ok(Answer::ok(native::tenant(&found, caller.world().mode, native::key(&key, None, Some(now), now))))
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

/// Whether the service answers. Needs no key, counts nothing and touches no table.
pub(crate) async fn health() -> Answer {
    Answer::ok(Json::of(&Health { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}
