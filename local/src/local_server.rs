//! The house: every function, the stream's reader, the queue and the sweep in one process.

use crate::credentials::Credentials;
use crate::gateway::{self, Function};
use crate::temp_dir::TempDir;
use crate::uploads::EvidenceUploads;
use crate::{banner, demo, master, temp_dir};
use account::Account;
use analytics::Analytics;
use api::{ApiState, Route, Routes};
use aws_credential_types::Credentials as AwsCredentials;
use blob::{Blobs, LocalLinks};
use customers::Customers;
use deliver::Deliver;
use dispatch::Dispatch;
use disputes::Disputes;
use domain::accounts::tenant::Limits;
use domain::time::{Speedup, SystemClock};
use domain::{Clock, Timestamp};
use emulator::{CapacityMeter, Database, FaultInjector, FileServer, LocalQueue, StreamReader};
use evidence::Exhibits;
use follow_up::FollowUp;
use inbound::Inbound;
use leads::Leads;
use messaging::{LogSender, Sender as PeopleSender, SentLog};
use runtime::{FollowUpMessage, HttpAdapter, MAX_QUEUE_DELAY, Queue, Timing, response_keys};
use rustls::pki_types::CertificateDer;
use sequences::Sequences;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::{Connection, DUE_SHARDS, Due, Store, StoreError};
use sweep::Sweep;
use tokio::net::TcpListener;
use tokio::sync::watch;
use transactions::Transactions;
use uploaded::Uploaded;
use visitor_events::VisitorEvents;
use webhook::master_keys::MasterKeys;
use webhook::resolve::{Resolve, SystemResolver};
use webhook::sender::{Sender, SenderSettings};
use webhook::ssrf::TargetPolicy;
use webhooks::Webhooks;

/// Names of the tables, which nobody outside sees.
const TABLE: &str = "leadhouse";
const ACCESS_TABLE: &str = "leadhouse-access";

/// The database's file in the folder of data.
pub(crate) const DATABASE_FILE: &str = "leadhouse.db";

/// The folder of callers' files in the folder of data.
const FILES: &str = "files";

/// How often the sweep runs at real pace.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// The sweep never runs more often than this, however fast waits pass.
const SWEEP_AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// The shortest margin before what is enqueued counts as lost: an attempt's deadline and some.
const SHORTEST_MARGIN: Duration = Duration::from_secs(20);

/// Puts something around the queue, so that tests can lose or double messages.
pub type Wrapped = Arc<dyn Fn(Arc<dyn Queue>) -> Arc<dyn Queue> + Send + Sync>;

/// How the house is run.
#[derive(Clone)]
pub struct ServerOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where data is kept; nothing is kept where there is none.
    pub data: Option<PathBuf>,
    /// How many times faster scheduled waits pass.
    pub speedup: f64,
    /// Whether targets are held to the rules of production.
    pub policy: TargetPolicy,
    /// Limits of the demo keys, where not those of their tiers.
    pub demo_limits: Option<Limits>,
    /// How long what is enqueued may be overdue; chosen by the pace where it is not said.
    pub margin: Option<Duration>,
    /// Around the queue.
    pub queue: Option<Wrapped>,
    /// What messages to people go through, where not the log.
    pub sender: Option<Arc<dyn PeopleSender>>,
    /// Between the SDK and the database.
    pub faults: Option<Arc<dyn FaultInjector>>,
    /// Adds up what the database reports of write units.
    pub meter: Option<CapacityMeter>,
    /// Finds the addresses of targets.
    pub resolver: Arc<dyn Resolve>,
    /// How long one attempt may take.
    pub deadline: Duration,
    /// Root certificates (DER) that prove receivers besides Mozilla's.
    pub extra_roots: Vec<CertificateDer<'static>>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: None,
            speedup: 1.0,
            policy: TargetPolicy::AllowLoopback,
            demo_limits: None,
            margin: None,
            queue: None,
            sender: None,
            faults: None,
            meter: None,
            resolver: Arc::new(SystemResolver),
            deadline: webhook::sender::ATTEMPT_TIMEOUT,
            extra_roots: Vec::new(),
        }
    }
}

/// What keeps the house from starting.
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Something that can be called, and the function that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The function's name, as its folder has it.
    pub function: &'static str,
    /// How and where.
    pub route: Route,
}

/// A running house.
pub struct LocalServer {
    /// The demo tenants' credentials, with the address it listens on.
    pub credentials: Credentials,
    /// Its tables.
    pub store: Store,
    /// Its database.
    pub database: Database,
    /// Its queue.
    pub queue: LocalQueue,
    /// What it has sent to people, where no other sender was handed in: nobody got it.
    pub sent: SentLog,
    /// Everything that can be called.
    pub served: Vec<Served>,
    stop: watch::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
    loops: Vec<tokio::task::JoinHandle<()>>,
    _folder: Folder,
}

/// Where data lies: in a folder that is kept, or in one that goes with the house.
enum Folder {
    Kept(PathBuf),
    Passing(TempDir),
}

impl Folder {
    fn of(kept: Option<&Path>) -> std::io::Result<Self> {
        let Some(kept) = kept else {
            return TempDir::new().map(Self::Passing);
        };
        // What it holds is nobody else's to read.
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(kept)?;
        temp_dir::keep(kept)?;
        Ok(Self::Kept(kept.to_owned()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Passing(folder) => folder.path(),
        }
    }
}

/// The tables in `database`.
pub(crate) fn store_in(database: &Database) -> Store {
    let credentials = AwsCredentials::new("local", "local", None, None, "local");
    let connection = Connection {
        region: "local".to_owned(),
        credentials: store::CredentialsProvider::new(credentials),
        endpoint: Some("http://database.invalid".to_owned()),
        http: database.http_client(),
    };
    Store::new(connection, TABLE, ACCESS_TABLE)
}

impl LocalServer {
    /// Starts the house; it is ready to serve when this answers.
    pub async fn start(options: ServerOptions) -> Result<Self, Failed> {
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let folder = Folder::of(options.data.as_deref())?;
        temp_dir::clear_up();
        let masters = master::kept_in(folder.path())?;
        let file = folder.path().join(DATABASE_FILE);
        let database = Database::open(&file, options.faults.clone(), options.meter.clone())?;
        let store = store_in(&database);
        store.create_tables().await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let links = LocalLinks::new(&base_url, masters.derive(masters.current(), "file links", &[])?);
        let blobs = Blobs::in_folder(&folder.path().join(FILES), links.clone())?;
        let credentials = demo::make(&store, &masters, options.demo_limits, base_url, clock.now()).await?;

        let timing = timing(&options);
        let local_queue = LocalQueue::default();
        let plain: Arc<dyn Queue> = Arc::new(local_queue.clone());
        let queue = options.queue.as_ref().map_or(Arc::clone(&plain), |wrap| wrap(plain));
        let steps = LocalQueue::default();
        let parts = Parts { store: store.clone(), queue, steps, clock, timing, masters, blobs, links, options };
        let dispatch = parts.dispatch();
        let dispatch = move |batch| {
            let dispatch = dispatch.clone();
            async move { dispatch.handle(batch).await }
        };
        let stream = StreamReader::open(&file, TABLE, database.clone())?.catch_up(&dispatch).await;
        refill(&parts.store, &local_queue, &parts.steps, timing, parts.clock.now()).await?;
        let (stop, stopped) = watch::channel(());
        let (router, served) = parts.router()?;
        let serving = tokio::spawn(gateway::serve(listener, router, until(stopped)));
        let log = LogSender::new();
        let mut loops = parts.loops(&local_queue, &log)?;
        loops.push(tokio::spawn(stream.run(dispatch)));
        Ok(Self {
            credentials,
            store,
            database,
            queue: local_queue,
            sent: log.sent(),
            served,
            stop,
            serving,
            loops,
            _folder: folder,
        })
    }

    /// How to call each contract.
    pub fn banner(&self) -> String {
        banner::banner(&self.credentials)
    }

    /// Finishes the calls under way and ends. What is unfinished behind them goes on at the next start.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.serving.await;
        for task in &self.loops {
            task.abort();
        }
        for task in self.loops {
            let _ = task.await;
        }
    }
}

/// Pace and margins: where waits pass faster the margin shrinks with them, but never below what an attempt takes.
fn timing(options: &ServerOptions) -> Timing {
    let speedup = Speedup::new(options.speedup);
    let horizon = speedup.shorten(MAX_QUEUE_DELAY).max(sweep_every(speedup) * 3);
    let margin =
        options.margin.unwrap_or_else(|| speedup.shorten(Timing::DEPLOYED.reenqueue_margin).max(SHORTEST_MARGIN));
    Timing { speedup, enqueue_horizon: horizon, reenqueue_margin: margin }
}

fn sweep_every(speedup: Speedup) -> Duration {
    speedup.shorten(SWEEP_EVERY).max(SWEEP_AT_MOST_EVERY)
}

async fn until(mut stopped: watch::Receiver<()>) {
    let _ = stopped.changed().await;
}

/// What the house is put together from.
struct Parts {
    store: Store,
    queue: Arc<dyn Queue>,
    steps: LocalQueue<FollowUpMessage>,
    clock: Arc<dyn Clock>,
    timing: Timing,
    masters: MasterKeys,
    blobs: Blobs,
    links: LocalLinks,
    options: ServerOptions,
}

impl Parts {
    /// The router of every function, and all that it serves.
    fn router(&self) -> Result<(axum::Router, Vec<Served>), Failed> {
        let api = ApiState::new(self.store.clone(), Arc::clone(&self.clock), response_keys(&self.masters)?);
        let webhooks = Webhooks::new(webhooks::Parts {
            api: api.clone(),
            queue: Arc::clone(&self.queue),
            masters: self.masters.clone(),
            timing: self.timing,
            policy: self.options.policy,
            resolver: Arc::clone(&self.options.resolver),
        });
        let account = self.function("account", account::routes(), Account::new(api.clone()));
        let default = account.endpoint.clone();
        let functions = vec![
            self.function("leads", leads::routes(), Leads::new(api.clone(), self.blobs.clone(), self.timing)),
            self.function("customers", customers::routes(), Customers::new(api.clone())),
            self.function("transactions", transactions::routes(), Transactions::new(api.clone())),
            self.function("disputes", disputes::routes(), Disputes::new(api.clone())),
            self.function("evidence", evidence::routes(), Exhibits::new(api.clone(), self.blobs.clone())),
            self.function("inbound", inbound::routes(), Inbound::new(api.clone(), self.masters.clone())),
            self.function("sequences", sequences::routes(), Sequences::new(api.clone(), self.timing)),
            self.function("analytics", analytics::routes(), Analytics::new(api.clone())),
            self.function("visitor_events", visitor_events::routes(), VisitorEvents::new(api)),
            self.function("webhooks", webhooks::routes(), webhooks),
            account,
        ];
        let served = functions.iter().flat_map(|function| function.served.clone()).collect();
        Ok((gateway::route(functions, default).merge(self.files()), served))
    }

    /// Callers' files, where S3 stands when deployed.
    fn files(&self) -> axum::Router {
        let uploaded = Uploaded::new(self.store.clone(), self.blobs.clone(), Arc::clone(&self.clock));
        let uploads = EvidenceUploads { store: self.store.clone(), uploaded, clock: Arc::clone(&self.clock) };
        let files = FileServer {
            blobs: self.blobs.clone(),
            links: self.links.clone(),
            uploads: Arc::new(uploads),
            clock: Arc::clone(&self.clock),
        };
        files.into_router()
    }

    fn function<S>(&self, name: &'static str, routes: Routes<S>, state: S) -> Function
    where
        S: Clone + Send + Sync + 'static,
    {
        let served = routes.served().iter().map(|route| Served { function: name, route: route.clone() }).collect();
        Function { endpoint: HttpAdapter::new(routes.with(state), Arc::clone(&self.clock)), served }
    }

    /// The stream's reader.
    fn dispatch(&self) -> Dispatch {
        Dispatch::new(dispatch::Dependencies {
            store: self.store.clone(),
            queue: Arc::clone(&self.queue),
            follow_up: Arc::new(self.steps.clone()),
            blobs: self.blobs.clone(),
            clock: Arc::clone(&self.clock),
            timing: self.timing,
        })
    }

    /// The loops that stand for queues and schedule.
    fn loops(&self, queue: &LocalQueue, log: &LogSender) -> Result<Vec<tokio::task::JoinHandle<()>>, Failed> {
        let deliver = Deliver::new(deliver::Dependencies {
            store: self.store.clone(),
            queue: Arc::clone(&self.queue),
            master_keys: self.masters.clone(),
            sender: Sender::new(SenderSettings {
                resolver: Arc::clone(&self.options.resolver),
                attempt_timeout: self.options.deadline,
                extra_roots: self.options.extra_roots.clone(),
                ..SenderSettings::new(self.options.policy)
            })?,
            clock: Arc::clone(&self.clock),
            timing: self.timing,
        });
        let follow_up = FollowUp::new(follow_up::Dependencies {
            store: self.store.clone(),
            queue: Arc::new(self.steps.clone()),
            sender: self.options.sender.clone().unwrap_or_else(|| Arc::new(log.clone())),
            clock: Arc::clone(&self.clock),
            timing: self.timing,
        });
        let sweep = Sweep::new(
            self.store.clone(),
            Arc::clone(&self.queue),
            Arc::new(self.steps.clone()),
            Arc::clone(&self.clock),
            self.timing,
        );
        Ok(vec![
            tokio::spawn(queue.clone().run(move |batch| {
                let deliver = deliver.clone();
                async move { deliver.handle(batch).await }
            })),
            tokio::spawn(self.steps.clone().run(move |batch| {
                let follow_up = follow_up.clone();
                async move { follow_up.handle(batch).await }
            })),
            tokio::spawn(run_sweep(sweep, sweep_every(self.timing.speedup))),
        ])
    }
}

/// The queues lie in memory and are empty at a start: what was enqueued before is looked at by the first sweep, not
/// only when it has been overdue for long enough to count as lost. Done before anything but the stream's backlog has
/// been looked at, and not for what that has enqueued: nothing is to be sent twice.
async fn refill(
    store: &Store,
    queue: &LocalQueue,
    steps: &LocalQueue<FollowUpMessage>,
    timing: Timing,
    now: Timestamp,
) -> Result<(), StoreError> {
    const ALL: i32 = 1_000;
    let latest = Timestamp::from_millis(i64::MAX / 2);
    let (deliveries, steps) = (&queue.waiting(), &steps.waiting());
    // Everything before the horizon was enqueued, or would be by the next sweep.
    let lost = |due_at, check_at| timing.fits_queue_delay(due_at, now) && check_at > now;
    let shards = (0..DUE_SHARDS).map(|shard| async move {
        for due in store.due_items(shard, latest, ALL).await? {
            match due {
                Due::Delivery(due)
                    if lost(due.due_at, due.check_at) && !deliveries.contains(due.name.delivery.bytes()) =>
                {
                    store.move_delivery_check(&due, now).await?;
                }
                Due::Step(due)
                    if due.due_at.is_some_and(|due_at| lost(due_at, due.check_at))
                        && !steps.contains(due.lead.bytes()) =>
                {
                    store.move_step_check(&due, now).await?;
                }
                _ => {}
            }
        }
        Ok(())
    });
    futures_util::future::try_join_all(shards).await.map(|_: Vec<()>| ())
}

async fn run_sweep(sweep: Sweep, every: Duration) {
    loop {
        if let Err(error) = sweep.run().await {
            tracing::warn!(%error, "a sweep did not finish");
        }
        tokio::time::sleep(every).await;
    }
}
