//! What every function's main needs: configuration from the environment, clients, tracing, the HTTP adapter.

mod endpoint;
mod house;
mod lambda;
mod log;
mod queue;
mod settings;
mod timing;

pub use endpoint::{Call, Endpoint};
pub use house::{House, seals};
pub use lambda::serve;
pub use log::start_logging;
pub use queue::{Carried, Queue, QueueError, Queued, QueuedStep, Sending, SqsQueue, read_batch};
pub use settings::{BadSettings, Settings};
pub use timing::{LONGEST_DELAY, Timing};
