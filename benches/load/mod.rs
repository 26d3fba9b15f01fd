//! Load on a server in a process of its own: callers that create leads, and a receiver that records when each arrives.

use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue, KeySchemaElement, KeyType, ScalarAttributeType};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use emulator::{CapacityMeter, Database};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use local::{LocalServer, ServerOptions, TempDir};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tower::ServiceExt;

/// Number of concurrent callers.
pub(crate) const CALLERS: usize = 32;

const MESSAGE: &str = "I need a roof repair estimate";

/// Time of arrival at the receiver, by lead id.
type Arrivals = Arc<Mutex<HashMap<String, Instant>>>;

/// A server under load, and its receiver.
pub(crate) struct Load {
    child: Child,
    client: reqwest::Client,
    base_url: String,
    key: String,
    arrivals: Arrivals,
    _folder: tempfile::TempDir,
}

/// Times at which the leads of a run were accepted and delivered.
pub(crate) struct Run {
    started: Instant,
    accepted: Vec<Instant>,
    delivered: Vec<Instant>,
}

impl Run {
    fn rate(&self, ends: &[Instant]) -> f64 {
        let last = ends.iter().max().unwrap();
        ends.len() as f64 / last.saturating_duration_since(self.started).as_secs_f64()
    }

    pub(crate) fn accepted_per_second(&self) -> f64 {
        self.rate(&self.accepted)
    }

    pub(crate) fn delivered_per_second(&self) -> f64 {
        self.rate(&self.delivered)
    }
}

impl Load {
    /// Starts the binary and creates one subscription.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials.json");
        let child = Command::new(Path::new(env!("CARGO_BIN_EXE_leadhouse")))
            .args(["--listen", "127.0.0.1:0", "--credentials"])
            .arg(&file)
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let credentials: Value = loop {
            if let Ok(text) = std::fs::read_to_string(&file) {
                break serde_json::from_str(&text).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(CALLERS * 2).build().unwrap();
        let base_url = credentials["baseUrl"].as_str().unwrap().to_owned();
        let key = credentials["native"]["apiKey"].as_str().unwrap().to_owned();
        let arrivals = Arrivals::default();
        let url = receive(Arc::clone(&arrivals)).await;
        let load = Self { child, client, base_url, key, arrivals, _folder: folder };
        let subscription = load.post("/v2/webhooks", None, json!({ "url": url, "events": ["lead.created"] })).await;
        assert!(subscription["id"].is_string(), "{subscription}");
        load
    }

    /// Returns the id of the server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    async fn post(&self, path: &str, idempotency_key: Option<&str>, body: Value) -> Value {
        let mut request = self.client.post(format!("{}{path}", self.base_url)).bearer_auth(&self.key);
        if let Some(idempotency_key) = idempotency_key {
            request = request.header("Idempotency-Key", idempotency_key);
        }
        request.body(body.to_string()).send().await.unwrap().json().await.unwrap()
    }

    /// Creates a lead. Returns its id and the time of the response.
    async fn lead(&self, name: &str) -> (String, Instant) {
        let body = json!({ "name": "Jane Smith", "email": format!("{name}@example.com"), "message": MESSAGE });
        let response = self.post("/v2/leads", Some(name), body).await;
        let at = Instant::now();
        (response["id"].as_str().unwrap_or_else(|| panic!("{response}")).to_owned(), at)
    }

    async fn arrival(&self, id: &str) -> Instant {
        loop {
            if let Some(at) = self.arrivals.lock().unwrap().get(id) {
                return *at;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Creates `count` leads with [`CALLERS`] callers. Each sends its next lead when it has its response.
    pub(crate) async fn run(&self, count: usize, name: &str) -> Run {
        let started = Instant::now();
        let callers = (0..CALLERS).map(|caller| async move {
            let mut accepted = Vec::new();
            for number in (caller..count).step_by(CALLERS) {
                accepted.push(self.lead(&format!("{name}-{number}")).await);
            }
            accepted
        });
        let accepted: Vec<_> = futures_util::future::join_all(callers).await.into_iter().flatten().collect();
        let mut delivered = Vec::with_capacity(count);
        for (id, _) in &accepted {
            delivered.push(self.arrival(id).await);
        }
        Run { started, accepted: accepted.into_iter().map(|(_, at)| at).collect(), delivered }
    }

    /// Creates `count` leads at `rate` per second, however long the responses take. Returns the times from accepted
    /// to delivered, sorted.
    pub(crate) async fn run_at(&self, rate: f64, count: usize, name: &str) -> Vec<Duration> {
        let started = Instant::now();
        let posts = (0..count).map(|number| async move {
            tokio::time::sleep_until((started + Duration::from_secs_f64(number as f64 / rate)).into()).await;
            self.lead(&format!("{name}-{number}")).await
        });
        let mut latencies = Vec::with_capacity(count);
        for (id, accepted) in futures_util::future::join_all(posts).await {
            latencies.push(self.arrival(&id).await.saturating_duration_since(accepted));
        }
        latencies.sort_unstable();
        latencies
    }

    /// Stops the server, which deletes its data in memory.
    pub(crate) async fn stop(mut self) {
        let id = self.pid().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().await.unwrap().success());
        self.child.wait().await.unwrap();
    }
}

/// Returns a percentile of sorted values.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// Returns the load average of the machine over the last minute: what else ran beside the benchmark.
pub(crate) fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap();
    text.split_whitespace().next().unwrap().to_owned()
}

/// Returns the CPU time of a process so far, user and system (Linux, 100 ticks per second).
pub(crate) fn process_cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

/// Returns the conditional updates per second that the embedded database alone executes for [`CALLERS`] callers through
/// the SDK, with its file in `folder` or in memory.
pub(crate) async fn database_updates_per_second(folder: Option<&Path>, count: usize) -> f64 {
    let in_memory = TempDir::new().unwrap();
    let file = folder.unwrap_or(in_memory.path()).join("updates.db");
    let database = Database::open(&file, None, None).unwrap();
    let client = sdk_client(&database);
    client
        .create_table()
        .table_name("counters")
        .billing_mode(aws_sdk_dynamodb::types::BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S).build().unwrap(),
        )
        .key_schema(KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap())
        .send()
        .await
        .unwrap();
    let update = |number: usize| {
        client
            .update_item()
            .table_name("counters")
            .key("pk", AttributeValue::S(format!("item-{number}")))
            .update_expression("ADD n :one")
            .condition_expression("attribute_not_exists(n) OR n < :max")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":max", AttributeValue::N("1000000".to_owned()))
            .send()
    };
    let started = Instant::now();
    let callers = (0..CALLERS).map(|caller| {
        let update = &update;
        async move {
            for number in (caller..count).step_by(CALLERS) {
                update(number % 1_000).await.unwrap();
            }
        }
    });
    futures_util::future::join_all(callers).await;
    count as f64 / started.elapsed().as_secs_f64()
}

fn sdk_client(database: &Database) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new("local"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("local", "local", None, None, "local"))
        .endpoint_url("http://database.invalid")
        .http_client(database.http_client())
        .build();
    aws_sdk_dynamodb::Client::from_conf(config)
}

/// Returns the database operations and write units per lead, from the request to the recorded delivery, counted in a
/// server in this process under the same load.
pub(crate) async fn cost_per_lead(count: usize) -> (f64, f64) {
    let meter = CapacityMeter::default();
    let options = ServerOptions {
        capacity_meter: Some(meter.clone()),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        demo_limits: Some(domain::accounts::rate_limit::Limits::UNLIMITED),
        ..ServerOptions::default()
    };
    let server = LocalServer::start(options).await.unwrap();
    let arrivals = Arrivals::default();
    let url = receive(Arc::clone(&arrivals)).await;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = |path: &'static str, body: Value| {
        client
            .post(format!("{}{path}", server.credentials.base_url))
            .bearer_auth(&server.credentials.native.api_key)
            .body(body.to_string())
            .send()
    };
    post("/v2/webhooks", json!({ "url": url, "events": ["lead.created"] })).await.unwrap();
    let before = server.database.operations();
    meter.take_write_units();
    let callers = (0..CALLERS).map(|caller| {
        let post = &post;
        async move {
            for number in (caller..count).step_by(CALLERS) {
                let email = format!("{number}@example.com");
                post("/v2/leads", json!({ "name": "Jane Smith", "email": email, "message": MESSAGE })).await.unwrap();
            }
        }
    });
    futures_util::future::join_all(callers).await;
    while arrivals.lock().unwrap().len() < count {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The last deliveries are recorded a moment after they arrive.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let operations = server.database.operations() - before;
    server.stop().await;
    (operations as f64 / count as f64, meter.take_write_units() / count as f64)
}

/// Starts a receiver that records arrivals and responds 200. Returns its URL.
async fn receive(arrivals: Arrivals) -> String {
    async fn record(State(arrivals): State<Arrivals>, body: Bytes) {
        let at = Instant::now();
        let event: Value = serde_json::from_slice(&body).unwrap();
        arrivals.lock().unwrap().entry(event["data"]["id"].as_str().unwrap().to_owned()).or_insert(at);
    }
    let router = Router::new().fallback(record).with_state(arrivals);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let _ = socket.set_nodelay(true);
            let router = router.clone();
            let service = hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
                router.clone().oneshot(request.map(axum::body::Body::new))
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service));
        }
    });
    url
}
