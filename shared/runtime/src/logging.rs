//! Logging of deployed functions.

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging as JSON lines, at the level of `RUST_LOG`, or `info` if it is not set.
pub fn start_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    json_lines(filter, std::io::stdout).init();
}

/// Returns a subscriber that writes JSON lines. Each has its spans, and thereby the request id of its call.
fn json_lines<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_current_span(false)
        .with_span_list(true)
        // CloudWatch Logs adds a timestamp to each line.
        .without_time()
        .with_writer(writer)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GatewayContext, HttpAdapter, SystemClock};
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use http::Request;
    use serde_json::Value;
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    /// A log in memory.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn every_line_of_a_call_has_its_request_id() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = json_lines(EnvFilter::new("info"), move || writer.clone());
        let guard = tracing::subscriber::set_default(subscriber);
        let router = Router::new().route("/v2/leads", get(|| async { tracing::warn!("a handler's line") }));
        let adapter = HttpAdapter::new(router, Arc::new(SystemClock));
        let gateway = GatewayContext { request_id: "request-17".to_owned(), source_ip: None };
        let request = Request::get("/v2/leads?email=anna@example.com").body(Body::empty()).expect("a request");
        adapter.handle(request, gateway).await;
        drop(guard);
        let text = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("UTF-8");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0]["fields"]["message"], "a handler's line");
        assert_eq!(lines[0]["spans"][0]["request_id"], "request-17");
        let call = &lines[1]["fields"];
        assert_eq!(
            (&call["request_id"], &call["method"], &call["status"]),
            (&"request-17".into(), &"GET".into(), &200.into())
        );
        assert!(call["duration_ms"].is_u64() && !text.contains("anna"), "{text}");
    }
}
