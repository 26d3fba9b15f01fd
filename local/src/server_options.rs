//! Options of the local server.

use crate::HttpLimits;
use domain::Clock;
use domain::accounts::rate_limit::Limits;
use emulator::{CapacityMeter, FaultInjector};
use messaging::MessageSender;
use package::Renderer;
use runtime::{Queue, SystemClock};
use rustls::pki_types::CertificateDer;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use webhook::resolve::{Resolve, SystemResolver};
use webhook::ssrf::TargetPolicy;

/// Wraps a queue of deliveries, of either lane, so that tests can lose, repeat or observe messages.
pub type QueueDecorator = Arc<dyn Fn(Arc<dyn Queue>) -> Arc<dyn Queue> + Send + Sync>;

/// Options of a [`LocalServer`](crate::LocalServer). The binary sets the first six; tests set the others too.
#[derive(Clone)]
pub struct ServerOptions {
    /// Address to listen on. Port 0 selects a free port.
    pub listen: SocketAddr,
    /// Folder to keep data in. `None`: a temporary folder, removed when the server ends.
    pub data: Option<PathBuf>,
    /// Factor by which scheduled waits are shortened, at least 1.
    pub speedup: f64,
    /// Addresses that webhooks may be sent to.
    pub target_policy: TargetPolicy,
    /// Address under which callers reach the server, without a slash at its end, for links in responses. `None`: the
    /// address that each caller used.
    pub public_url: Option<String>,
    /// Rate limits of the demo keys. `None`: those of their tiers.
    pub demo_limits: Option<Limits>,
    /// Time for which an enqueued item may be overdue before the sweeper enqueues it again. `None`: derived from `speedup`.
    pub reenqueue_margin: Option<Duration>,
    /// Decorator of the queues of deliveries.
    pub queue_decorator: Option<QueueDecorator>,
    /// Sender of messages to people. `None`: messages are logged and not sent.
    pub message_sender: Option<Arc<dyn MessageSender>>,
    /// Renderer of evidence packages. `None`: that of deployments.
    pub package_renderer: Option<Renderer>,
    /// Faults between the SDK and the database.
    pub fault_injector: Option<Arc<dyn FaultInjector>>,
    /// Meter of the capacity units that the database reports.
    pub capacity_meter: Option<CapacityMeter>,
    /// DNS resolver for webhook targets.
    pub resolver: Arc<dyn Resolve>,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Maximum duration of one delivery attempt.
    pub attempt_timeout: Duration,
    /// Maximum time that a request for the event log waits for an event. By default the most that the contract allows: a
    /// waiting request holds nothing but a connection here, where a deployed one holds a function.
    pub max_event_log_wait: Duration,
    /// Root certificates (DER) that receivers are verified against, besides Mozilla's.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Limits of the HTTP listener.
    pub http_limits: HttpLimits,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: None,
            speedup: 1.0,
            target_policy: TargetPolicy::AllowLoopback,
            public_url: None,
            demo_limits: None,
            reenqueue_margin: None,
            queue_decorator: None,
            message_sender: None,
            package_renderer: None,
            fault_injector: None,
            capacity_meter: None,
            resolver: Arc::new(SystemResolver),
            clock: Arc::new(SystemClock),
            attempt_timeout: webhook::sender::ATTEMPT_TIMEOUT,
            max_event_log_wait: Duration::from_secs(contract::native::MAX_WAIT_SECONDS),
            extra_roots: Vec::new(),
            http_limits: HttpLimits::default(),
        }
    }
}
