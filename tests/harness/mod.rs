//! What the promises are tried with: a house, callers and receivers, all of them real.

mod binary;
mod caller;
mod hostile;
mod issued;
mod names;
pub(crate) mod programs;
mod receiver;
pub(crate) mod signature;

pub(crate) use binary::Binary;
pub(crate) use caller::{Caller, Reply};
pub(crate) use hostile::{Deed, Hostile};
pub(crate) use issued::Issued;
pub(crate) use names::{Found, Names};
pub(crate) use receiver::{Answer, Received, Receiver};

use domain::accounts::tenant::Limits;
use futures_util::StreamExt;
use local::{LocalServer, ServerOptions};
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
pub(crate) async fn some_at_once<T>(calls: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures_util::stream::iter(calls).buffered(12).collect().await
}
