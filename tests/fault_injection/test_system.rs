//! Server that can be killed: it runs in a runtime of its own, and its data survive it.

use super::injection::{FaultyQueue, Injection};
use crate::harness::{Caller, options};
use domain::accounts::business::Channel;
use domain::accounts::rate_limit::Limits;
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::{Clock, Environment, Mode, SubscriptionId, TenantId};
use local::{LocalServer, ServerOptions};
use messaging::{MessageSender, OutgoingMessage, ProviderResult, SendFuture};
use runtime::{Queue, SystemClock};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Time for which other operations of the process continue before it is killed.
const KILL_DELAY: Duration = Duration::from_millis(40);

/// Time that a killed server takes to release its sockets.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(150);

/// Messages that people received, across all restarts of the server.
#[derive(Clone, Default)]
pub(super) struct Inbox(Arc<Mutex<Vec<OutgoingMessage>>>);

impl Inbox {
    /// Returns the messages, oldest first.
    pub(super) fn messages(&self) -> Vec<OutgoingMessage> {
        self.0.lock().unwrap().clone()
    }
}

impl MessageSender for Inbox {
    fn supports(&self, _channel: Channel) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        self.0.lock().unwrap().push(message.clone());
        Box::pin(async { ProviderResult::Accepted { provider_id: None } })
    }
}

/// One run of the server, from start to kill.
struct ServerRun {
    runtime: Option<Runtime>,
    /// Keeps the server running, and its folder locked, until it is dropped.
    server: Option<LocalServer>,
    native: Caller,
    native_test: Caller,
    injection: Arc<Injection>,
}

impl Drop for ServerRun {
    fn drop(&mut self) {
        self.injection.release();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Server, with the folder of its data.
pub(super) struct TestSystem {
    folder: tempfile::TempDir,
    speedup: f64,
    margin: Duration,
    inbox: Inbox,
    run: ServerRun,
}

impl ServerRun {
    async fn start(folder: &std::path::Path, speedup: f64, margin: Duration, inbox: &Inbox) -> Self {
        let injection = Injection::new();
        let tapped = Arc::clone(&injection);
        let tap = move |inner: Arc<dyn Queue>| -> Arc<dyn Queue> {
            Arc::new(FaultyQueue { inner, injection: Arc::clone(&tapped) })
        };
        let options = ServerOptions {
            data: Some(folder.to_owned()),
            speedup,
            demo_limits: Some(Limits::UNLIMITED),
            reenqueue_margin: Some(margin),
            attempt_timeout: Duration::from_secs(2),
            package_renderer: Some(crate::harness::packages::plain_renderer()),
            fault_injector: Some(Arc::<Injection>::clone(&injection)),
            queue_decorator: Some(Arc::new(tap)),
            message_sender: Some(Arc::new(inbox.clone())),
            ..options()
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.spawn(LocalServer::start(options)).await.unwrap().unwrap();
        let native = Caller::native(&server);
        let native_test = native.with_key(&server.credentials.native.test_api_key);
        Self { runtime: Some(runtime), server: Some(server), native, native_test, injection }
    }
}

impl TestSystem {
    /// Starts a server without faults, with waits shortened by the factor `speedup` and a sweeper that picks up work
    /// overdue by `margin`.
    pub(super) async fn new(speedup: f64, margin: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::default();
        let run = ServerRun::start(folder.path(), speedup, margin, &inbox).await;
        Self { folder, speedup, margin, inbox, run }
    }

    /// Returns the messages that people received.
    pub(super) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Returns the faults of the running server.
    pub(super) fn injection(&self) -> &Arc<Injection> {
        &self.run.injection
    }

    /// Returns the number of stream records that were parked, across all restarts of the server.
    pub(super) async fn parked_records(&self) -> usize {
        let server = self.run.server.as_ref().unwrap();
        let mut count = 0;
        for consumer in ["dispatch", "bookkeeping"] {
            count += server.parked.list(consumer).await.unwrap().len();
        }
        count
    }

    /// Opens the circuit of a subscription's endpoint, as many failures do.
    pub(super) async fn open_circuit(&self, subscription: &Value, open_time: Duration) {
        let me = self.native().get("/v2/me").await.expect(200);
        let tenant = me["tenantId"].as_str().and_then(TenantId::parse).unwrap();
        let id = subscription["id"].as_str().and_then(SubscriptionId::parse).unwrap();
        let now = SystemClock.now();
        let open = EndpointHealth { opened: 1, open_until: Some(now.after(open_time)), ..EndpointHealth::default() };
        let store = &self.run.server.as_ref().unwrap().store;
        store.record_endpoint_failure(Environment { tenant, mode: Mode::Live }, id, &open, now).await.unwrap();
    }

    /// Returns a caller of the native demo tenant.
    pub(super) fn native(&self) -> Caller {
        self.run.native.clone()
    }

    /// Returns a caller of the native demo tenant in its test environment.
    pub(super) fn native_test(&self) -> Caller {
        self.run.native_test.clone()
    }

    /// Kills the process immediately, except that other operations in progress continue for a moment, and starts
    /// another on the same data, without faults.
    pub(super) async fn crash(&mut self) {
        tokio::time::sleep(KILL_DELAY).await;
        let injection = Arc::clone(&self.run.injection);
        injection.kill();
        let runtime = self.run.runtime.take().unwrap();
        tokio::task::spawn_blocking(move || {
            runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
            injection.release();
        })
        .await
        .unwrap();
        // A killed process holds no lock.
        drop(self.run.server.take());
        self.run = ServerRun::start(self.folder.path(), self.speedup, self.margin, &self.inbox).await;
    }
}
