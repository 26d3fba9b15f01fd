//! A house that can die: it lives in a runtime of its own, and its data outlive it.

use super::injection::{FaultyQueue, Injection};
use crate::harness::{Caller, options};
use domain::accounts::business::Channel;
use domain::accounts::rate_limit::Limits;
use local::{LocalServer, ServerOptions};
use messaging::{MessageSender, OutgoingMessage, ProviderResult, SendFuture};
use runtime::Queue;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long the other things that a process has under way go on before it is dead.
const LINGER: Duration = Duration::from_millis(40);

/// How long the dead take to let go of their sockets.
const BURIAL: Duration = Duration::from_millis(150);

/// What people have got, from all lives of the house.
#[derive(Clone, Default)]
pub(super) struct Post(Arc<Mutex<Vec<OutgoingMessage>>>);

impl Post {
    /// The messages, the first one first.
    pub(super) fn got(&self) -> Vec<OutgoingMessage> {
        self.0.lock().unwrap().clone()
    }
}

impl MessageSender for Post {
    fn supports(&self, _channel: Channel) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> SendFuture<'a> {
        self.0.lock().unwrap().push(message.clone());
        Box::pin(async { ProviderResult::Accepted { provider_id: None } })
    }
}

/// One life of the house.
struct Life {
    runtime: Option<Runtime>,
    /// Kept as long as it lives.
    _house: LocalServer,
    native: Caller,
    native_test: Caller,
    injection: Arc<Injection>,
}

impl Drop for Life {
    fn drop(&mut self) {
        self.injection.bury();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A house and the folder of its data.
pub(super) struct TestSystem {
    folder: tempfile::TempDir,
    speedup: f64,
    margin: Duration,
    post: Post,
    life: Life,
}

impl Life {
    async fn begin(folder: &std::path::Path, speedup: f64, margin: Duration, post: &Post) -> Self {
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
            fault_injector: Some(Arc::<Injection>::clone(&injection)),
            queue_decorator: Some(Arc::new(tap)),
            message_sender: Some(Arc::new(post.clone())),
            ..options()
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.spawn(LocalServer::start(options)).await.unwrap().unwrap();
        let native = Caller::native(&server);
        let native_test = native.with_key(&server.credentials.native.test_api_key);
        Self { runtime: Some(runtime), _house: server, native, native_test, injection }
    }
}

impl TestSystem {
    /// A house without faults whose waits pass `speedup` times faster, and whose sweep looks at what is overdue by
    /// `margin`.
    pub(super) async fn new(speedup: f64, margin: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let post = Post::default();
        let life = Life::begin(folder.path(), speedup, margin, &post).await;
        Self { folder, speedup, margin, post, life }
    }

    /// What people have got.
    pub(super) fn post(&self) -> &Post {
        &self.post
    }

    /// The house's faults.
    pub(super) fn injection(&self) -> &Arc<Injection> {
        &self.life.injection
    }

    /// The native demo tenant's caller.
    pub(super) fn native(&self) -> Caller {
        self.life.native.clone()
    }

    /// The native demo tenant's caller in test mode.
    pub(super) fn native_test(&self) -> Caller {
        self.life.native_test.clone()
    }

    /// The process dies where it stands; what it had under way beside the step that was struck goes on for a moment.
    /// Another is started on the same data, without faults.
    pub(super) async fn crash(&mut self) {
        tokio::time::sleep(LINGER).await;
        let injection = Arc::clone(&self.life.injection);
        injection.die();
        let runtime = self.life.runtime.take().unwrap();
        tokio::task::spawn_blocking(move || {
            runtime.shutdown_timeout(BURIAL);
            injection.bury();
        })
        .await
        .unwrap();
        self.life = Life::begin(self.folder.path(), self.speedup, self.margin, &self.post).await;
    }
}
