//! Tracing: JSON lines, levels by `RUST_LOG`.

use tracing_subscriber::EnvFilter;

/// Starts logging for a deployed function.
pub fn start_logging() {
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_current_span(false)
        // The log has times of its own.
        .without_time()
        .init();
}
