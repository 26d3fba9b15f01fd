//! What the promises are tried with: a house, callers and receivers, all of them real.

mod binary;
mod caller;
mod fake_resolver;
mod hostile;
mod issued_key;
pub(crate) mod programs;
mod receiver;
pub(crate) mod signature;

pub(crate) use binary::Binary;
pub(crate) use caller::{ApiResponse, Caller};
pub(crate) use fake_resolver::{FakeResolver, Found};
pub(crate) use hostile::{Hostile, Misbehaviour};
pub(crate) use issued_key::IssuedKey;
pub(crate) use receiver::{CannedResponse, Received, Receiver};

use domain::accounts::rate_limit::Limits;
use futures_util::StreamExt;
use local::{LocalServer, ServerOptions};
use serde_json::Value;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Options of a house of a test's own: a free port, and nothing kept.
pub(crate) fn options() -> ServerOptions {
    ServerOptions { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..ServerOptions::default() }
}

/// A house whose waits pass `speedup` times faster.
pub(crate) async fn server_at(speedup: f64) -> LocalServer {
    LocalServer::start(ServerOptions { speedup, ..options() }).await.unwrap()
}

/// A house at real pace.
pub(crate) async fn server() -> LocalServer {
    server_at(1.0).await
}

/// A house whose demo keys have no limits.
pub(crate) async fn unlimited_server() -> LocalServer {
    LocalServer::start(ServerOptions { demo_limits: Some(Limits::UNLIMITED), ..options() }).await.unwrap()
}

/// Waits until `look` gives something, at most `patience`.
pub(crate) async fn eventually<T, F>(patience: Duration, what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < patience, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Carries out many calls, some at once: on a busy machine more would wait for the database until they are given up.
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
