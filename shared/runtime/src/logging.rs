//! Logging of deployed functions.

use tracing_subscriber::EnvFilter;

/// Starts logging as JSON lines, at the level of `RUST_LOG`, or `info` if it is not set.
pub fn start_logging() {
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_current_span(false)
        // CloudWatch Logs adds a timestamp to each line.
        .without_time()
        .init();
}
