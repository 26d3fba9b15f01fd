//! Connects every function to the emulated AWS, as `template.yaml` connects them to AWS.

use crate::caller_address;
use crate::gateway::{self, Function};
use crate::timing::sweep_interval;
use crate::uploads::EvidenceUploads;
use crate::{ServedRoute, ServerOptions, StartError};
use api::{ApiState, Routes};
use auth::Authenticator;
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use axum::Router;
use axum::middleware::from_fn_with_state;
use blob::{Blobs, LocalLinks};
use bookkeeping::BookkeepingHandler;
use cleanup::Cleanup;
use deliver::DeliveryHandler;
use dispatch::DispatchHandler;
use disputes::DisputesState;
use domain::Clock;
use domain::webhooks::delivery_lane::DeliveryLane;
use emulator::{FileServer, LocalQueue, StreamFilter, StreamSettings, UploadSlots};
use evidence::EvidenceState;
use follow_up::FollowUpHandler;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use inbound::InboundState;
use leads::LeadsState;
use leads_with_photos::LeadsWithPhotosState;
use messaging::LogSender;
use package::PackageHandler;
use runtime::stream::{Parking, StreamEvent};
use runtime::{DeliveryQueues, DueSummary, FollowUpMessage, HttpAdapter, PackageMessage, Timing, response_keys};
use sequences::SequencesState;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use sweep::Sweeper;
use tokio::task::JoinHandle;
use uploads::EvidenceFiles;
use webhook::master_keys::MasterKeys;
use webhook::sender::{Sender, SenderSettings};
use webhooks::WebhooksState;

/// Event source mapping of `dispatch`, as in `template.yaml`.
pub(crate) const DISPATCH_STREAM: StreamSettings =
    StreamSettings { filter: StreamFilter::DISPATCH, max_batch_size: 100, batching_window: Duration::ZERO };

/// Event source mapping of `bookkeeping`. As in `template.yaml`, but for the window: there it is five seconds, here short
/// enough to see KPIs move.
pub(crate) const BOOKKEEPING_STREAM: StreamSettings = StreamSettings {
    filter: StreamFilter::BOOKKEEPING,
    max_batch_size: 500,
    batching_window: Duration::from_millis(100),
};

/// Number of batches of the prompt lane of deliveries in progress, as in `template.yaml`.
pub(crate) const PROMPT_CONCURRENCY: usize = 50;

/// Number of batches of the slow lane in progress. More than in `template.yaml`: a waiting attempt holds a connection here,
/// where a deployed one holds a function.
pub(crate) const SLOW_CONCURRENCY: usize = 100;

/// Number of batches of follow-up messages in progress: the log, which is the only provider here, responds at once.
pub(crate) const FOLLOW_UP_CONCURRENCY: usize = 40;

/// Number of batches of evidence packages in progress, each of which takes a CPU for seconds.
pub(crate) const PACKAGE_CONCURRENCY: usize = 4;

/// Request id of all invocations by the stream: locally there are no others that a log could confuse.
const LOCAL_REQUEST_ID: &str = "local";

/// The dependencies that the functions are built from.
pub(crate) struct Wiring {
    pub(crate) store: Store,
    /// A handle on the same tables for writes that are made again, or may be lost, when the machine fails: what follows from
    /// the stream and from queues, and the counters of calls.
    pub(crate) deferred_store: Store,
    /// Queues of deliveries, with the options' decorator.
    pub(crate) queues: DeliveryQueues,
    /// Queue of follow-up messages.
    pub(crate) follow_up_queue: LocalQueue<FollowUpMessage>,
    /// Queue of evidence packages.
    pub(crate) package_queue: LocalQueue<PackageMessage>,
    /// Base URL of the API, for addresses in payloads.
    pub(crate) api_url: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timing: Timing,
    pub(crate) master_keys: MasterKeys,
    pub(crate) blobs: Blobs,
    pub(crate) parking: Parking,
    pub(crate) links: LocalLinks,
    pub(crate) options: ServerOptions,
}

impl Wiring {
    /// Returns the router to every function with an HTTP interface and to the files, and the functions' routes.
    pub(crate) fn router(&self) -> Result<(Router, Vec<ServedRoute>), StartError> {
        let authenticator = Authenticator::new(self.deferred_store.clone(), Arc::clone(&self.clock));
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        let api = ApiState::with_authenticator(authenticator, store, clock, response_keys(&self.master_keys)?);
        let suppression_key = self.master_keys.suppression_key()?;
        let webhooks = WebhooksState::new(webhooks::Dependencies {
            api: api.clone(),
            queue: Arc::clone(&self.queues.prompt),
            master_keys: self.master_keys.clone(),
            timing: self.timing,
            sender_settings: self.sender_settings(),
            max_event_log_wait: self.options.max_event_log_wait,
        });
        let account = self.function("account", account::routes(), api.clone());
        let fallback = account.adapter.clone();
        let functions = vec![
            self.function("leads", leads::routes(), LeadsState::new(api.clone(), suppression_key.clone())),
            self.function(
                "leads_with_photos",
                leads_with_photos::routes(),
                LeadsWithPhotosState::new(api.clone(), self.blobs.clone(), self.timing, suppression_key.clone()),
            ),
            self.function("customers", customers::routes(), api.clone()),
            self.function("transactions", transactions::routes(), api.clone()),
            self.function(
                "disputes",
                disputes::routes(),
                DisputesState::new(api.clone(), self.blobs.clone(), self.timing),
            ),
            self.function("evidence", evidence::routes(), EvidenceState::new(api.clone(), self.blobs.clone())),
            self.function("inbound", inbound::routes(), InboundState::new(api.clone(), self.master_keys.clone())?),
            self.function(
                "sequences",
                sequences::routes(),
                SequencesState::new(api.clone(), self.timing, suppression_key),
            ),
            self.function("analytics", analytics::routes(), api.clone()),
            self.function("visitor_events", visitor_events::routes(), api),
            self.function("webhooks", webhooks::routes(), webhooks),
            account,
            self.function("docs", docs::routes(), ()),
        ];
        let routes = functions.iter().flat_map(|function| function.routes.clone()).collect();
        Ok((gateway::router(functions, fallback).merge(self.file_router()), routes))
    }

    fn function<S>(&self, name: &'static str, routes: Routes<S>, state: S) -> Function
    where
        S: Clone + Send + Sync + 'static,
    {
        let served = routes.served().iter().map(|route| ServedRoute { function: name, route: route.clone() }).collect();
        let use_in_links = from_fn_with_state(self.options.public_url.clone(), caller_address::use_in_links);
        let router = routes.with(state).layer(use_in_links);
        Function { adapter: HttpAdapter::new(router, Arc::clone(&self.clock)), routes: served }
    }

    /// Returns the router for uploads and downloads, which go to S3 in a deployment.
    fn file_router(&self) -> Router {
        let uploads =
            EvidenceUploads { store: self.store.clone(), files: self.evidence_files(), clock: Arc::clone(&self.clock) };
        let server = FileServer {
            blobs: self.blobs.clone(),
            links: self.links.clone(),
            uploads: Arc::new(uploads),
            clock: Arc::clone(&self.clock),
            slots: UploadSlots::default(),
        };
        server.into_router()
    }

    fn evidence_files(&self) -> EvidenceFiles {
        EvidenceFiles::new(self.store.clone(), self.blobs.clone(), Arc::clone(&self.clock))
    }

    /// Returns the function `dispatch`, as the handler of its batches of stream records.
    pub(crate) fn dispatch(
        &self,
    ) -> impl Fn(StreamEvent) -> BoxFuture<'static, DynamoDbEventResponse> + Send + Sync + use<> {
        let dispatch = DispatchHandler::new(dispatch::Dependencies {
            store: self.deferred_store.clone(),
            queue: Arc::clone(&self.queues.prompt),
            follow_up_queue: Arc::new(self.follow_up_queue.clone()),
            package_queue: Arc::new(self.package_queue.clone()),
            api_url: self.api_url.clone(),
            parking: self.parking.clone(),
            clock: Arc::clone(&self.clock),
            timing: self.timing,
        });
        move |batch| {
            let dispatch = dispatch.clone();
            async move { dispatch.handle(batch, LOCAL_REQUEST_ID).await }.boxed()
        }
    }

    /// Returns the function `bookkeeping`, as the handler of its batches of stream records.
    pub(crate) fn bookkeeping(
        &self,
    ) -> impl Fn(StreamEvent) -> BoxFuture<'static, DynamoDbEventResponse> + Send + Sync + use<> {
        let bookkeeping = BookkeepingHandler::new(bookkeeping::Dependencies {
            store: self.store.clone(),
            blobs: self.blobs.clone(),
            parking: self.parking.clone(),
            api_url: self.api_url.clone(),
            clock: Arc::clone(&self.clock),
        });
        move |batch| {
            let bookkeeping = bookkeeping.clone();
            async move { bookkeeping.handle(batch, LOCAL_REQUEST_ID).await }.boxed()
        }
    }

    /// Spawns what queues and schedules invoke in a deployment: `deliver` in its two lanes, `follow_up`, `package`, `sweep` and
    /// `cleanup`.
    pub(crate) fn spawn_background_tasks(
        &self,
        delivery_queue: &LocalQueue,
        slow_queue: &LocalQueue,
        log: &LogSender,
    ) -> Result<Vec<JoinHandle<()>>, StartError> {
        let deliver = self.deliver(DeliveryLane::Prompt)?;
        let deliver_slow = self.deliver(DeliveryLane::Slow)?;
        let follow_up = self.follow_up(log)?;
        let package = self.package();
        let (sweep, cleanup) = (self.sweep(), self.cleanup());
        let interval = sweep_interval(self.timing.speedup);
        Ok(vec![
            tokio::spawn(delivery_queue.clone().run(move |batch| {
                let deliver = deliver.clone();
                async move { deliver.handle(batch).await }
            })),
            tokio::spawn(slow_queue.clone().run(move |batch| {
                let deliver = deliver_slow.clone();
                async move { deliver.handle(batch).await }
            })),
            tokio::spawn(self.follow_up_queue.clone().run(move |batch| {
                let follow_up = follow_up.clone();
                async move { follow_up.handle(batch).await }
            })),
            tokio::spawn(self.package_queue.clone().run(move |batch| {
                let package = package.clone();
                async move { package.handle(batch).await }
            })),
            tokio::spawn(run_every(interval, move || {
                let sweep = sweep.clone();
                async move { sweep.run().await }
            })),
            tokio::spawn(run_every(interval, move || {
                let cleanup = cleanup.clone();
                async move { cleanup.run().await }
            })),
        ])
    }

    fn sweep(&self) -> Sweeper {
        Sweeper::new(sweep::Dependencies {
            store: self.deferred_store.clone(),
            queues: self.queues.clone(),
            follow_up_queue: Arc::new(self.follow_up_queue.clone()),
            package_queue: Arc::new(self.package_queue.clone()),
            continuations: None,
            clock: Arc::clone(&self.clock),
            timing: self.timing,
            hand_over_after: sweep::HAND_OVER_AFTER,
            max_run_time: sweep::MAX_RUN_TIME,
        })
    }

    fn cleanup(&self) -> Cleanup {
        Cleanup::new(cleanup::Dependencies {
            store: self.store.clone(),
            files: self.evidence_files(),
            clock: Arc::clone(&self.clock),
            max_run_time: cleanup::MAX_RUN_TIME,
            max_overtime: cleanup::MAX_OVERTIME,
        })
    }

    fn sender_settings(&self) -> SenderSettings {
        SenderSettings {
            resolver: Arc::clone(&self.options.resolver),
            attempt_timeout: self.options.attempt_timeout,
            extra_roots: self.options.extra_roots.clone(),
            ..SenderSettings::new(self.options.target_policy)
        }
    }

    fn deliver(&self, lane: DeliveryLane) -> Result<DeliveryHandler, StartError> {
        let sender = Sender::new(self.sender_settings())?;
        Ok(DeliveryHandler::new(deliver::Dependencies {
            store: self.deferred_store.clone(),
            queues: self.queues.clone(),
            lane,
            master_keys: self.master_keys.clone(),
            sender,
            clock: Arc::clone(&self.clock),
            timing: self.timing,
        }))
    }

    fn package(&self) -> PackageHandler {
        PackageHandler::new(package::Dependencies {
            store: self.store.clone(),
            blobs: self.blobs.clone(),
            renderer: self.options.package_renderer.clone().unwrap_or_else(package::renderer),
            clock: Arc::clone(&self.clock),
            timing: self.timing,
        })
    }

    fn follow_up(&self, log: &LogSender) -> Result<FollowUpHandler, StartError> {
        Ok(FollowUpHandler::new(follow_up::Dependencies {
            store: self.store.clone(),
            suppression_key: self.master_keys.suppression_key()?,
            queue: Arc::new(self.follow_up_queue.clone()),
            sender: self.options.message_sender.clone().unwrap_or_else(|| Arc::new(log.clone())),
            clock: Arc::clone(&self.clock),
            timing: self.timing,
        }))
    }
}

/// Runs a scheduled function again and again, with this time between two runs.
async fn run_every<F: Future<Output = Result<DueSummary, StoreError>>>(interval: Duration, run: impl Fn() -> F) {
    loop {
        if let Err(error) = run().await {
            tracing::warn!(%error, "a scheduled run failed; the next one continues");
        }
        tokio::time::sleep(interval).await;
    }
}
