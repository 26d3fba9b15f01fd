//! Test harness: servers, callers, receivers and builders that the tests share.
//!
//! Begin with [`server`], [`Caller`] and [`Receiver`]: a test starts a server, calls it as a demo tenant, and checks
//! the webhooks that a receiver got. Nothing is mocked but DNS; servers and receivers stop when they are dropped.

mod binary;
mod caller;
mod conformance;
mod database;
mod errors;
mod fake_resolver;
mod fault_set;
mod hostile;
mod issued_key;
pub(crate) mod leads;
pub(crate) mod packages;
pub(crate) mod programs;
mod random;
mod receiver;
pub(crate) mod signature;
mod sunday_clock;
pub(crate) mod tables;
mod webhook_conformance;

pub(crate) use binary::Binary;
pub(crate) use caller::{ApiResponse, Caller};
pub(crate) use database::database_client;
pub(crate) use errors::{
    assert_one_result, dynamodb_error, error_text, error_with_fields, invalid_field, invalid_fields,
};
pub(crate) use fake_resolver::{FakeResolver, Found};
pub(crate) use fault_set::{FaultSet, When, error_response};
pub(crate) use hostile::{Hostile, Misbehaviour};
pub(crate) use issued_key::IssuedKey;
pub(crate) use random::RandomNumbers;
pub(crate) use receiver::{CannedResponse, Received, Receiver, serve};
pub(crate) use sunday_clock::SundayClock;

use domain::accounts::rate_limit::Limits;
use futures_util::StreamExt;
use local::{LocalServer, ServerOptions};
use serde_json::Value;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Timeout of a delivery's first attempt, which is made within a second on an idle machine.
pub(crate) const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// Timeout of the effects of a request that follow from several steps, such as counters or an erasure.
pub(crate) const EFFECT_TIMEOUT: Duration = Duration::from_secs(30);

/// Timeout of a sequence of several days that is speeded up: longer than any takes on a busy machine.
pub(crate) const SEQUENCE_TIMEOUT: Duration = Duration::from_mins(2);

/// Returns options of a server for one test: a free port and temporary data.
pub(crate) fn options() -> ServerOptions {
    ServerOptions { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..ServerOptions::default() }
}

/// Starts a server with waits shortened by the factor `speedup`.
pub(crate) async fn server_at(speedup: f64) -> LocalServer {
    LocalServer::start(ServerOptions { speedup, ..options() }).await.unwrap()
}

/// Starts a server at real speed.
pub(crate) async fn server() -> LocalServer {
    server_at(1.0).await
}

/// Starts a server with demo keys that have no rate limits.
pub(crate) async fn unlimited_server() -> LocalServer {
    LocalServer::start(ServerOptions { demo_limits: Some(Limits::UNLIMITED), ..options() }).await.unwrap()
}

/// Waits until `look` returns a value, for at most `timeout`.
pub(crate) async fn eventually<T, F>(timeout: Duration, expectation: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < timeout, "not within {timeout:?}: {expectation}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits for a time with at least `needed` left in the minute, so that all calls of a test fall into one window.
pub(crate) async fn early_in_a_minute(needed: Duration) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let left = Duration::from_millis(u64::try_from(60_000 - now % 60_000).unwrap());
    if left < needed {
        tokio::time::sleep(left + Duration::from_millis(50)).await;
    }
}

/// Runs many calls, some of them concurrently: on a busy machine more would exceed the database timeout.
pub(crate) async fn run_concurrently<T>(calls: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures_util::stream::iter(calls).buffered(12).collect().await
}

/// Returns the id of a created or listed resource, whatever its contract calls it.
#[track_caller]
pub(crate) fn id(resource: &Value) -> String {
    let id = ["id", "lead_id", "event_id"].into_iter().find_map(|name| resource[name].as_str());
    id.unwrap_or_else(|| panic!("no id in {resource}")).to_owned()
}

/// Returns the ids of a page's items (`data`, or `items` in Revenue Defenders).
#[track_caller]
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let items = page["data"].as_array().or_else(|| page["items"].as_array());
    items.unwrap_or_else(|| panic!("no list in {page}")).iter().map(id).collect()
}

/// Returns a text field of a resource.
#[track_caller]
pub(crate) fn text<'a>(resource: &'a Value, name: &str) -> &'a str {
    resource[name].as_str().unwrap_or_else(|| panic!("no {name} in {resource}"))
}
