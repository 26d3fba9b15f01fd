//! What every function's main needs: configuration from the environment, clients, tracing, the HTTP adapter.

mod app_services;
mod clock;
mod http_adapter;
mod lambda;
mod log;
mod queue;
mod settings;
mod timing;

pub use app_services::{AppServices, response_keys};
pub use clock::SystemClock;
pub use http_adapter::{GatewayContext, HttpAdapter};
pub use lambda::serve;
pub use log::start_logging;
pub use queue::{DeliveryMessage, FollowUpMessage, Queue, QueueError, QueueMessage, SendFuture, SqsQueue, parse_batch};
pub use settings::{Settings, SettingsError};
pub use timing::{MAX_QUEUE_DELAY, Timing};
