//! Limits of the HTTP listener. A caller that stalls, or opens connections without end, takes nothing from others.

use std::time::Duration;

/// Limits of the HTTP listener.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// Maximum duration of a request with its body. When it has passed, the work is cancelled.
    pub request_timeout: Duration,
    /// Maximum time without a byte of a body that is being read.
    pub body_stall_timeout: Duration,
    /// Maximum time in which a caller takes no byte of a response.
    pub write_stall_timeout: Duration,
    /// Maximum number of open connections.
    pub max_connections: usize,
    /// Maximum number of open connections of one address. Below the total, so that one caller leaves room for others.
    pub max_connections_per_peer: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            // API Gateway's limit.
            request_timeout: Duration::from_secs(30),
            body_stall_timeout: Duration::from_secs(10),
            write_stall_timeout: Duration::from_secs(30),
            // With a file and a webhook request for each, within the open files that `raise_open_file_limit` asks for.
            max_connections: 1_000,
            max_connections_per_peer: 600,
        }
    }
}
