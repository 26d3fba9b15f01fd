//! The local server: starts everything in order, and stops it.

use crate::connection_count::ConnectionCount;
use crate::data_folder::{ACCESS_TABLE, DataFolder, TABLE};
use crate::reenqueue::{LocalQueues, reenqueue_lost_messages};
use crate::timing::timing;
use crate::wiring::{
    BOOKKEEPING_STREAM, DISPATCH_STREAM, FOLLOW_UP_CONCURRENCY, PACKAGE_CONCURRENCY, PROMPT_CONCURRENCY,
    SLOW_CONCURRENCY, Wiring,
};
use crate::{
    DemoCredentials, ServedRoute, ServerOptions, StartError, banner, demo_data, gateway, master_keys, temp_dir,
};
use blob::{Blobs, LocalLinks, ParkedRecords};
use emulator::{Database, Durability, LocalQueue, StreamReader};
use messaging::{LogSender, SentLog};
use runtime::stream::Parking;
use runtime::{DeliveryQueues, Queue};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A running local server: every function, the stream readers, the queues and the sweeper in one process.
pub struct LocalServer {
    /// Credentials of the demo tenants, and the address that the server listens on.
    pub credentials: DemoCredentials,
    /// The tables.
    pub store: Store,
    /// The embedded database.
    pub database: Database,
    /// The queue of deliveries to endpoints that respond promptly.
    pub queue: LocalQueue,
    /// The queue of deliveries to slow endpoints.
    pub slow_queue: LocalQueue,
    /// Messages to people that were logged instead of sent. Empty if the options have a message sender.
    pub sent_messages: SentLog,
    /// Records of the stream that could not be processed.
    pub parked: ParkedRecords,
    /// All routes, and the function that serves each.
    pub routes: Vec<ServedRoute>,
    address: SocketAddr,
    connections: ConnectionCount,
    stop: watch::Sender<()>,
    http_server: JoinHandle<()>,
    background_tasks: Vec<JoinHandle<()>>,
    // Removed when the server is dropped, if it is a temporary folder.
    data_folder: DataFolder,
}

impl LocalServer {
    /// Starts the server. It accepts requests when this returns.
    pub async fn start(options: ServerOptions) -> Result<Self, StartError> {
        // Before the address: a second server on the folder then learns who holds it, whatever address it has.
        let data_folder = DataFolder::open(options.data.as_deref())?;
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.map_err(|error| StartError::Listen { address: options.listen, error })?;
        let address = listener.local_addr().map_err(|error| StartError::Listen { address: options.listen, error })?;
        let base_url = options.public_url.clone().unwrap_or_else(|| base_url(address));
        temp_dir::remove_orphans();
        let master_keys = master_keys::load_or_create(data_folder.path())?;
        let database_file = data_folder.database();
        let unusable = |error| StartError::Database { path: database_file.clone(), error };
        let database = Database::open(&database_file, options.fault_injector.clone(), options.capacity_meter.clone())
            .map_err(unusable)?;
        let store = database.store(TABLE, ACCESS_TABLE);
        let deferred_store = database.with_durability(Durability::Deferred).store(TABLE, ACCESS_TABLE);
        store.create_tables().await?;
        let clock = Arc::clone(&options.clock);
        let links = LocalLinks::new(&base_url, master_keys.derive(master_keys.current(), "file links", &[])?);
        let blobs = Blobs::in_folder(&data_folder.files(), links.clone())?;
        let parked = ParkedRecords::in_folder(&data_folder.parked())?;
        let api_url = base_url.clone();
        let credentials = demo_data::create(&store, &master_keys, options.demo_limits, base_url, clock.now()).await?;

        let timing = timing(&options);
        let delivery_queue = LocalQueue::new(PROMPT_CONCURRENCY);
        let slow_queue = LocalQueue::new(SLOW_CONCURRENCY);
        let decorated = |queue: &LocalQueue| -> Arc<dyn Queue> {
            let queue: Arc<dyn Queue> = Arc::new(queue.clone());
            match &options.queue_decorator {
                Some(decorate) => decorate(queue),
                None => queue,
            }
        };
        let queues = DeliveryQueues { prompt: decorated(&delivery_queue), slow: decorated(&slow_queue) };
        let follow_up_queue = LocalQueue::new(FOLLOW_UP_CONCURRENCY);
        let package_queue = LocalQueue::new(PACKAGE_CONCURRENCY);
        let wiring = Wiring {
            store: store.clone(),
            deferred_store,
            queues,
            follow_up_queue: follow_up_queue.clone(),
            package_queue: package_queue.clone(),
            api_url,
            clock: Arc::clone(&clock),
            timing,
            master_keys,
            blobs,
            parking: Parking { records: parked.clone(), store: store.clone(), clock: Arc::clone(&clock) },
            links,
            options,
        };
        // The order matters: see `reenqueue_lost_messages`.
        let (dispatch, bookkeeping) = (wiring.dispatch(), wiring.bookkeeping());
        let consumers = [DISPATCH_STREAM, BOOKKEEPING_STREAM];
        let readers = StreamReader::open(&database_file, TABLE, &database, consumers);
        let [dispatch_reader, bookkeeping_reader] = readers.map_err(unusable)?;
        let dispatch_reader = dispatch_reader.catch_up(&dispatch).await;
        let queues = LocalQueues {
            deliveries: &delivery_queue,
            slow_deliveries: &slow_queue,
            steps: &follow_up_queue,
            packages: &package_queue,
        };
        reenqueue_lost_messages(&wiring.deferred_store, &queues, timing, clock.now()).await?;
        let (stop, mut stopped) = watch::channel(());
        let (router, routes) = wiring.router()?;
        let (http_limits, connections) = (wiring.options.http_limits, ConnectionCount::default());
        let http_server =
            tokio::spawn(gateway::serve(listener, router, http_limits, connections.clone(), async move {
                let _ = stopped.changed().await;
            }));
        let log = LogSender::new();
        let mut background_tasks = wiring.spawn_background_tasks(&delivery_queue, &slow_queue, &log)?;
        background_tasks.push(tokio::spawn(dispatch_reader.run(dispatch)));
        background_tasks.push(tokio::spawn(bookkeeping_reader.run(bookkeeping)));
        Ok(Self {
            credentials,
            store,
            database,
            queue: delivery_queue,
            slow_queue,
            sent_messages: log.sent(),
            parked,
            routes,
            address,
            connections,
            stop,
            http_server,
            background_tasks,
            data_folder,
        })
    }

    /// Returns the address that the server listens on, which a public URL does not change.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of open connections.
    pub fn open_connections(&self) -> usize {
        self.connections.total()
    }

    /// Returns the start-up banner for a terminal: a `curl` command for each contract, with its API key.
    pub fn banner(&self) -> String {
        banner::banner(&self.credentials, &base_url(self.address))
    }

    /// Returns the start-up banner for anything that may be kept, such as a log: its commands read the API keys from
    /// files in the data folder, which only the owner can read and which this writes.
    pub fn banner_with_key_files(&self) -> Result<String, StartError> {
        banner::banner_with_key_files(&self.credentials, &base_url(self.address), self.data_folder.path())
    }

    /// Stops the server. Requests in progress finish; background work in progress is aborted and continues at the next
    /// start on the same data.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.http_server.await;
        for task in &self.background_tasks {
            task.abort();
        }
        for task in self.background_tasks {
            let _ = task.await;
        }
    }
}

/// Returns the URL of a server that listens on `address`. One that listens on every address is reached on loopback.
fn base_url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}
