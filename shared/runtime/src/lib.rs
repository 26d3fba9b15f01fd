#![doc = include_str!("../README.md")]

mod app_services;
mod attempt_log;
mod call_log;
mod clock;
mod cors;
mod due_summary;
mod http_adapter;
mod invoker;
mod lambda;
mod logging;
mod queue;
mod queue_batch;
mod queue_message;
mod settings;
pub mod stream;

pub use app_services::{AppServices, response_keys};
pub use attempt_log::AttemptRecord;
pub use call_log::CallRecord;
pub use clock::SystemClock;
pub use domain::timing::{MAX_QUEUE_DELAY, Timing};
pub use due_summary::{DueOutcome, DueSummary};
pub use http_adapter::{GatewayContext, HttpAdapter, error_response};
pub use invoker::{InvokeError, InvokeFuture, Invoker, LambdaInvoker};
pub use lambda::{serve, serve_events, serve_stream};
pub use lambda_runtime::Error;
pub use logging::start_logging;
pub use queue::{DeliveryQueues, Queue, QueueError, SendFuture, SqsQueue};
pub use queue_batch::QueueBatch;
pub use queue_message::{DeliveryMessage, FollowUpMessage, PackageMessage, QueueMessage};
pub use settings::{Settings, SettingsError};
