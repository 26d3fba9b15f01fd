//! Generates evidence packages: one attempt for each queue message.
//!
//! - **Trigger**: the package queue. The messages come from `dispatch` (first attempts) and from the sweeper (what is tried
//!   again, or was lost).
//! - **Reads**: the package, and everything that answers its dispute: customer, transaction, lead with consent and
//!   messages, evidence with its files.
//! - **Writes**: the claim of the attempt, references in the partitions of all leads whose data the document shows, the
//!   document in the bucket, and the finished package.
//! - **On failure**: the attempt is made again after a pause, as often as [`domain::disputes::package`] allows; then the
//!   package is `FAILED`, with a reason. The package is in the due index until it is finished, so the sweeper finds one
//!   whose process ended, and tries again when the claim has run out.
//!
//! # What was erased is never shown
//!
//! A document takes seconds to render, and evidence may be erased meanwhile. So the package is made a child record of each
//! lead first, and is finished in a transaction that fails unless all that it shows still exists; then the document is
//! made anew from what is left. A document whose package was erased is deleted again.
//!
//! # Bounds
//!
//! Rendering runs on a thread of its own and is told to stop after [`RENDER_TIMEOUT`]. What stops it nevertheless ends the
//! process, and with it a claim that nobody gives back: such attempts are counted, and the third is the last.

mod attempt;
mod content;
mod files;
mod outcome;
mod render;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use blob::Blobs;
use domain::disputes::package::{MAX_PACKAGE_ATTEMPTS, MAX_UNFINISHED_ATTEMPTS, NotClaimable};
use domain::{Clock, Environment, Package};
use outcome::Outcome;
use runtime::{PackageMessage, QueueBatch, Timing};
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::Semaphore;

pub use render::{RENDER_TIMEOUT, Renderer, renderer};

/// Maximum number of packages that one process generates at a time: rendering takes some hundred megabytes. Lambda passes
/// one message to a process at a time.
const MAX_CONCURRENT_PACKAGES: usize = 2;

/// Reason of a package whose attempts ended with their process, or took too long.
const UNFINISHED: &str = "The document could not be generated within the time and memory that are available. Replace very \
                          large files of the evidence by smaller ones, and generate the package again.";

/// Reason of a package whose attempts failed because a service could not be reached.
const UNAVAILABLE: &str =
    "The dispute's records or files could not be read for several hours. Generate the package again.";

/// Reason of a package whose dispute does not exist any more.
const NO_DISPUTE: &str = "The dispute does not exist any more.";

/// The dependencies of [`PackageHandler`].
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// The files of evidence, and the documents.
    pub blobs: Blobs,
    /// Renders documents.
    pub renderer: Renderer,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The timing of re-enqueueing, and the speed-up of waits.
    pub timing: Timing,
}

/// The handler of package messages. Cheap to clone.
#[derive(Clone)]
pub struct PackageHandler {
    dependencies: Arc<Dependencies>,
    permits: Arc<Semaphore>,
}

impl PackageHandler {
    /// Creates a handler.
    pub fn new(dependencies: Dependencies) -> Self {
        let permits = Arc::new(Semaphore::new(MAX_CONCURRENT_PACKAGES));
        Self { dependencies: Arc::new(dependencies), permits }
    }

    /// Handles a batch of messages. Returns which of them are to be redelivered.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let batch: QueueBatch<PackageMessage> = QueueBatch::parse(&event);
        batch.process(|message| self.generate(message)).await
    }

    /// Makes the attempt that a message asks for, unless it has been made.
    async fn generate(&self, message: &PackageMessage) -> Result<(), StoreError> {
        // Before the claim, which is not to run out while others are served.
        let Ok(_permit) = self.permits.acquire().await else { return Ok(()) };
        let environment = message.environment();
        let Some(claimed) = self.claim(environment, message).await? else { return Ok(()) };
        let outcome = self.attempt(environment, &claimed).await;
        self.settle(environment, &claimed, outcome).await
    }

    /// Claims the attempt. Returns `None` if there is nothing to do.
    async fn claim(&self, environment: Environment, message: &PackageMessage) -> Result<Option<Package>, StoreError> {
        let Dependencies { store, clock, .. } = &*self.dependencies;
        let now = clock.now();
        let Some(package) = store.record::<Package>(environment, &message.package.simple(), now).await? else {
            return Ok(None);
        };
        let claimed = match package.claimed(message.attempt, now) {
            Ok(claimed) => claimed,
            Err(NotClaimable::Stale) => return Ok(None),
            Err(NotClaimable::Exhausted) => {
                let reason = if package.attempts < MAX_PACKAGE_ATTEMPTS { UNFINISHED } else { UNAVAILABLE };
                let failed = package.failed(reason.to_owned(), now);
                let write = store.replace_package(environment, &failed, package.version, None)?;
                store.commit_if(vec![write]).await?;
                return Ok(None);
            }
        };
        let write = store.replace_package(environment, &claimed, package.version, claimed.claimed_until)?;
        match store.commit_if(vec![write]).await {
            Ok(is_claimed) => Ok(is_claimed.then_some(claimed)),
            // The claim may have taken effect, and only its response was lost: then it would be open until it runs out.
            Err(error) => {
                let found = store.record::<Package>(environment, &message.package.simple(), now).await?;
                if found.as_ref() == Some(&claimed) { Ok(found) } else { Err(error) }
            }
        }
    }

    /// Records what became of an attempt.
    async fn settle(&self, environment: Environment, claimed: &Package, outcome: Outcome) -> Result<(), StoreError> {
        let Dependencies { store, clock, timing, .. } = &*self.dependencies;
        let now = clock.now();
        let (next, check_at) = match outcome {
            Outcome::Ready => {
                tracing::info!(package = %claimed.id, attempt = claimed.attempts, "package generated");
                return Ok(());
            }
            Outcome::Gone => {
                tracing::info!(package = %claimed.id, "package erased, or claimed by another process, meanwhile");
                return Ok(());
            }
            Outcome::Failed(reason) => (claimed.failed(reason, now), None),
            Outcome::Unfinished if claimed.unfinished + 1 >= MAX_UNFINISHED_ATTEMPTS => {
                (claimed.failed(UNFINISHED.to_owned(), now), None)
            }
            Outcome::Unavailable if claimed.attempts >= MAX_PACKAGE_ATTEMPTS => {
                (claimed.failed(UNAVAILABLE.to_owned(), now), None)
            }
            Outcome::Unfinished | Outcome::Unavailable => {
                let unfinished = claimed.unfinished + u32::from(outcome == Outcome::Unfinished);
                let due_at = now.after(timing.speedup.shorten(claimed.retry_delay()));
                (claimed.postponed(due_at, unfinished, now), Some(due_at))
            }
        };
        tracing::info!(package = %claimed.id, attempt = claimed.attempts, status = next.status.name(), "attempt failed");
        let write = store.replace_package(environment, &next, claimed.version, check_at)?;
        // If it fails, the package was erased, or the claim has run out.
        store.commit_if(vec![write]).await.map(drop)
    }
}
