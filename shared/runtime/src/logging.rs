//! Logging of deployed functions.

use serde_json::{Map, Value};
use std::fmt;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing::span::Record;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FormatFields, FormattedFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Field of the span of an invocation: the id of its trace, as X-Ray writes it.
const TRACE_ID: &str = "xrayTraceId";

/// The part of a trace id that says that the invocation is traced.
const TRACED: &str = "Sampled=1";

/// Starts logging as JSON lines, at the level of `RUST_LOG`, or `info` if it is not set. It may name levels of targets too.
///
/// The filter is not `EnvFilter`, which also knows spans and their fields, and costs the start of a function a library of
/// regular expressions.
pub fn start_logging() {
    let filter = std::env::var("RUST_LOG").ok().and_then(|levels| levels.parse().ok());
    json_lines(filter.unwrap_or_else(info), std::io::stdout).init();
}

fn info() -> Targets {
    Targets::new().with_default(LevelFilter::INFO)
}

/// Returns a subscriber that writes JSON lines. Each has its spans, and thereby the request id of its call. A log is paid
/// for by the byte, so lines have no target, and trace ids only of invocations that are traced.
fn json_lines<W>(filter: Targets, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .with_max_level(LevelFilter::TRACE)
        .with_current_span(false)
        .with_span_list(true)
        // CloudWatch Logs adds a timestamp to each line.
        .without_time()
        .with_target(false)
        .fmt_fields(SpanFields::default())
        .with_writer(writer)
        .finish()
        .with(filter)
}

/// Formats the fields of spans as JSON. Leaves out the trace id of an invocation that is not traced: Lambda gives every
/// invocation one, of some hundred bytes.
#[derive(Default)]
struct SpanFields(JsonFields);

impl SpanFields {
    fn read<R: RecordFields>(&self, fields: R) -> Result<Map<String, Value>, fmt::Error> {
        let mut text = String::new();
        self.0.format_fields(Writer::new(&mut text), fields)?;
        let mut fields: Map<String, Value> = serde_json::from_str(&text).map_err(|_| fmt::Error)?;
        if fields.get(TRACE_ID).and_then(Value::as_str).is_some_and(|id| !id.contains(TRACED)) {
            fields.remove(TRACE_ID);
        }
        Ok(fields)
    }
}

impl<'writer> FormatFields<'writer> for SpanFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        write!(writer, "{}", Value::Object(self.read(fields)?))
    }

    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let mut all: Map<String, Value> = serde_json::from_str(&current.fields).unwrap_or_default();
        all.extend(self.read(fields)?);
        current.fields = Value::Object(all).to_string();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempt_log::AttemptRecord;
    use crate::call_log::CallRecord;
    use crate::{GatewayContext, HttpAdapter, SystemClock};
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use http::Request;
    use model::cost::operations;
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

    /// Returns the lines that `work` writes.
    fn lines(filter: Targets, work: impl FnOnce()) -> Vec<String> {
        let log = Log::default();
        let writer = log.clone();
        tracing::subscriber::with_default(json_lines(filter, move || writer.clone()), work);
        let text = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("UTF-8");
        text.lines().map(str::to_owned).collect()
    }

    /// Returns the lines that `work` writes in an invocation with this trace id.
    fn lines_of_invocation(trace_id: &str, work: impl FnOnce()) -> Vec<String> {
        lines(info(), || {
            // As the runtime of Lambda opens it.
            let request_id = "8f507cfc-91ab-4c4d-8f3e-2f5d9c5c7e33";
            let span = tracing::info_span!("Lambda runtime invoke", requestId = request_id, xrayTraceId = trace_id);
            span.in_scope(work);
        })
    }

    fn json(line: &str) -> Value {
        serde_json::from_str(line).expect("JSON")
    }

    const UNTRACED: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:a87bd80c:0";

    #[test]
    fn the_trace_id_is_logged_of_traced_invocations() {
        let traced = UNTRACED.replace("Sampled=0", "Sampled=1");
        for (trace_id, expected) in [(UNTRACED, Value::Null), (&traced, Value::from(&*traced))] {
            let line = json(&lines_of_invocation(trace_id, || tracing::warn!("a line"))[0]);
            assert_eq!(line["spans"][0][TRACE_ID], expected);
            assert_eq!(line["spans"][0]["requestId"], "8f507cfc-91ab-4c4d-8f3e-2f5d9c5c7e33");
        }
    }

    #[test]
    fn levels_of_targets_are_understood() {
        let filter = "warn,leadhouse::call=info".parse().expect("levels");
        let written = lines(filter, || {
            tracing::info!(target: "leadhouse::call", "a call");
            tracing::info!("a detail");
            tracing::warn!("a warning");
        });
        let messages: Vec<_> = written.iter().map(|line| json(line)["fields"]["message"].clone()).collect();
        assert_eq!(messages, ["a call", "a warning"]);
    }

    #[test]
    fn fields_are_added_to_a_span() {
        let written = lines(info(), || {
            let span = tracing::info_span!("a span", first = 1, second = tracing::field::Empty);
            span.record("second", 2);
            span.in_scope(|| tracing::info!("a line"));
        });
        assert_eq!(written.len(), 1);
        let line = json(&written[0]);
        assert_eq!(line["spans"][0], serde_json::json!({ "first": 1, "second": 2, "name": "a span" }));
    }

    /// The cost model computes with the sizes of these lines.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "hundreds of bytes")]
    fn lines_have_the_sizes_of_the_cost_model() {
        let tenant = domain::TenantId::derived(&[b"tenant"]);
        let call = CallRecord {
            method: Some(&http::Method::POST),
            route: Some("/v2/leads"),
            status: 201,
            duration: std::time::Duration::from_millis(17),
            key_prefix: Some("lh_live_Examp1e0_"),
            tenant: Some(tenant),
            request_id: "JKJaXmPLvHcESHA=",
        };
        let attempt = AttemptRecord {
            delivery: domain::DeliveryId::parse("01a22a6fa397845db5b97ba9e45519df").expect("an id"),
            event_type: domain::EventType::LeadCreated,
            host: "hooks.crm.example.com",
            attempt: 1,
            outcome: domain::webhooks::attempt::Outcome::Delivered,
            status: Some(200),
            latency_ms: 128,
        };
        let written = lines_of_invocation(UNTRACED, || {
            call.write();
            attempt.write();
        });
        assert_eq!(written.len(), 2);
        for (line, expected) in written.iter().zip([operations::CALL_LOG_BYTES, operations::ATTEMPT_LOG_BYTES]) {
            let share = (line.len() + 1) as f64 / expected;
            assert!((0.97..=1.03).contains(&share), "{} bytes, {expected} in the cost model: {line}", line.len() + 1);
        }
    }

    #[tokio::test]
    async fn every_line_of_a_call_has_its_request_id() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = json_lines(info(), move || writer.clone());
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
