//! A house that can die: it lives in a runtime of its own, and its data outlive it.

use super::injection::{FaultyQueue, Injection};
use crate::harness::{Caller, options};
use domain::tenant::Limits;
use local::{House, Options};
use runtime::Queue;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long the other things that a process has under way go on before it is dead.
const LINGER: Duration = Duration::from_millis(40);

/// How long the dead take to let go of their sockets.
const BURIAL: Duration = Duration::from_millis(150);

/// One life of the house.
struct Life {
    runtime: Option<Runtime>,
    house: Option<House>,
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
pub(super) struct Estate {
    folder: tempfile::TempDir,
    speedup: f64,
    life: Life,
}

impl Life {
    async fn begin(folder: &std::path::Path, speedup: f64) -> Self {
        let injection = Injection::new();
        let tapped = Arc::clone(&injection);
        let tap = move |inner: Arc<dyn Queue>| -> Arc<dyn Queue> {
            Arc::new(FaultyQueue { inner, injection: Arc::clone(&tapped) })
        };
        let options = Options {
            data: Some(folder.to_owned()),
            speedup,
            demo_limits: Some(Limits::NONE),
            margin: Some(Duration::from_millis(2_500)),
            deadline: Duration::from_secs(2),
            faults: Some(Arc::<Injection>::clone(&injection)),
            queue: Some(Arc::new(tap)),
            ..options()
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let house = runtime.spawn(House::start(options)).await.unwrap().unwrap();
        Self { runtime: Some(runtime), house: Some(house), injection }
    }
}

impl Estate {
    /// A house without faults whose waits pass `speedup` times faster.
    pub(super) async fn new(speedup: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let life = Life::begin(folder.path(), speedup).await;
        Self { folder, speedup, life }
    }

    /// The house's faults.
    pub(super) fn injection(&self) -> &Arc<Injection> {
        &self.life.injection
    }

    /// The native demo tenant's caller.
    pub(super) fn native(&self) -> Caller {
        Caller::native(self.life.house.as_ref().unwrap())
    }

    /// The Revenue Defenders demo tenant's caller.
    pub(super) fn revenue_defenders(&self) -> Caller {
        Caller::revenue_defenders(self.life.house.as_ref().unwrap())
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
        self.life = Life::begin(self.folder.path(), self.speedup).await;
    }
}
