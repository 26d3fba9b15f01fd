//! Measures the cold start of each function: from the start of its process to its first response, with its first calls of
//! AWS over TLS.
//!
//! The functions are those of the release profile. Beside them run a function that does nothing (`bare_function`), which is
//! what the runtime itself costs, and one for Node with the AWS SDK:
//!
//! ```text
//! cargo build --release --workspace --bins && cargo build --release -p runtime --example bare_function
//! (cd benches/node_function && npm ci)
//! cargo bench -p runtime --bench cold_start [-- FOLDER_OF_BINARIES]
//! ```
//!
//! This process stands for Lambda, which hands over the event of `events/`, and for AWS, which answers every call at once:
//! the secret is there, and the tables are empty. All take turns, so that a busy machine slows all of them.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a failed step ends the benchmark; it prints a table")]

use base64::Engine;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Number of starts of each function.
const ROUNDS: usize = 31;

/// Maximum time of one start.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The functions, each with the event that it gets first.
const FUNCTIONS: [(&str, &str); 5] = [
    ("bare_function", "leads"),
    ("leads", "leads"),
    ("deliver", "deliver"),
    ("dispatch", "dispatch"),
    ("node", "leads"),
];

/// The measurements of one function.
#[derive(Default)]
struct Starts {
    wall: Vec<Duration>,
    cpu: Vec<Duration>,
    calls: usize,
}

/// The server that stands for all services of AWS.
struct FakeAws {
    endpoint: String,
    calls: Arc<Mutex<usize>>,
    ca_file: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let argument = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let binaries = argument.map_or_else(|| root.join("target/release"), PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let aws = FakeAws::start(folder.path()).await;
    let names = functions(&root, &binaries);
    let mut starts: Vec<Starts> = names.iter().map(|_| Starts::default()).collect();
    for _ in 0..ROUNDS {
        for ((_, program, event), starts) in names.iter().zip(&mut starts) {
            *aws.calls.lock().unwrap() = 0;
            let (wall, cpu) = start_once(program, event, &aws).await;
            starts.wall.push(wall);
            starts.cpu.push(cpu);
            starts.calls = *aws.calls.lock().unwrap();
        }
    }
    let bare = median(&starts[0].wall);
    println!("| function | wall, ms | of bare | CPU, ms | calls of AWS |");
    println!("| --- | --- | --- | --- | --- |");
    for ((name, _, _), starts) in names.iter().zip(&starts) {
        let (wall, cpu) = (median(&starts.wall), median(&starts.cpu));
        let ratio = wall.as_secs_f64() / bare.as_secs_f64();
        println!("| {name} | {:.1} | {ratio:.1} | {:.1} | {} |", millis(wall), millis(cpu), starts.calls);
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("\nmedians of {ROUNDS} starts; load average {}", load.trim());
}

/// Returns the name, the command and the first event of each function that there is.
fn functions(root: &Path, binaries: &Path) -> Vec<(String, Vec<String>, Bytes)> {
    let event = |name: &str| Bytes::from(std::fs::read(root.join("events").join(name).with_extension("json")).unwrap());
    let mut all: Vec<(String, String)> =
        FUNCTIONS.iter().map(|(name, event)| ((*name).into(), (*event).into())).collect();
    for entry in std::fs::read_dir(root.join("functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !all.iter().any(|(known, _)| *known == name) {
            all.push((name.clone(), name));
        }
    }
    let command = |name: &str| match name {
        "node" => vec!["node".to_owned(), root.join("benches/node_function/index.mjs").display().to_string()],
        "bare_function" => vec![binaries.join("examples").join(name).display().to_string()],
        name => vec![binaries.join(name).display().to_string()],
    };
    let is_there = |name: &str| match name {
        "node" => root.join("benches/node_function/node_modules").is_dir(),
        name => Path::new(&command(name)[0]).is_file(),
    };
    let there = all.into_iter().filter(|(name, _)| is_there(name) || name == "bare_function");
    there.map(|(name, event_name)| (name.clone(), command(&name), event(&event_name))).collect()
}

/// Starts a function, hands it one event, and returns the time until its response and the CPU time that it took.
async fn start_once(command: &[String], event: &Bytes, aws: &FakeAws) -> (Duration, Duration) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, responded) = oneshot::channel();
    let lambda = tokio::spawn(serve_lambda(listener, event.clone(), sender));
    let started = Instant::now();
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(function_environment(&address.to_string(), aws))
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ended = tokio::time::timeout(TIMEOUT, responded).await.expect("a response in time").unwrap();
    let cpu = cpu_time(child.id().unwrap());
    child.kill().await.unwrap();
    lambda.abort();
    (ended - started, cpu)
}

/// Returns the environment variables of a function, as Lambda and `template.yaml` set them.
fn function_environment(runtime: &str, aws: &FakeAws) -> Vec<(&'static str, String)> {
    let ca_file = aws.ca_file.display().to_string();
    let mut variables = vec![
        ("AWS_LAMBDA_RUNTIME_API", runtime.to_owned()),
        ("AWS_ENDPOINT_URL", aws.endpoint.clone()),
        ("AWS_CA_BUNDLE", ca_file.clone()),
        ("NODE_EXTRA_CA_CERTS", ca_file),
    ];
    let fixed = [
        ("AWS_LAMBDA_FUNCTION_NAME", "function"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "group"),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "example"),
        ("AWS_SESSION_TOKEN", "example"),
        ("RUST_LOG", "info"),
        ("LEADHOUSE_TABLE", "table"),
        ("LEADHOUSE_ACCESS_TABLE", "access"),
        ("LEADHOUSE_MASTER_SECRET", "secret"),
        ("LEADHOUSE_BUCKET", "bucket"),
        ("LEADHOUSE_PARKING_BUCKET", "parked"),
        ("LEADHOUSE_API_URL", "https://api.example.com"),
        ("LEADHOUSE_QUEUE_URL", "https://localhost/1/deliveries"),
        ("LEADHOUSE_SLOW_QUEUE_URL", "https://localhost/1/slow-deliveries"),
        ("LEADHOUSE_FOLLOW_UP_QUEUE_URL", "https://localhost/1/follow-up"),
        ("LEADHOUSE_PACKAGE_QUEUE_URL", "https://localhost/1/packages"),
    ];
    variables.extend(fixed.map(|(name, value)| (name, value.to_owned())));
    variables
}

/// Serves Lambda's runtime API: one event, and the moment of its response.
async fn serve_lambda(listener: TcpListener, event: Bytes, responded: oneshot::Sender<Instant>) {
    let responded = Arc::new(Mutex::new(Some(responded)));
    let event = Arc::new(Mutex::new(Some(event)));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (event, responded) = (Arc::clone(&event), Arc::clone(&responded));
        let service = service_fn(move |request: Request<Incoming>| {
            let (event, responded) = (Arc::clone(&event), Arc::clone(&responded));
            async move {
                if !request.uri().path().ends_with("/next") {
                    let now = Instant::now();
                    if let Some(responded) = responded.lock().unwrap().take() {
                        let _ = responded.send(now);
                    }
                    return Ok(Response::builder().status(202).body(Full::default()).unwrap());
                }
                let next = event.lock().unwrap().take();
                let Some(next) = next else { return std::future::pending().await };
                let mut response = Response::new(Full::new(next));
                let headers = response.headers_mut();
                let fixed = [
                    ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
                    ("lambda-runtime-deadline-ms", "99999999999999"),
                    ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-north-1:123456789012:function:f"),
                    ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"),
                ];
                for (name, value) in fixed {
                    headers.insert(name, HeaderValue::from_static(value));
                }
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

impl FakeAws {
    async fn start(folder: &Path) -> Self {
        let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let ca_file = folder.join("ca.pem");
        let der = base64::engine::general_purpose::STANDARD.encode(certified.cert.der());
        std::fs::write(&ca_file, format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n")).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
        let ring = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(ring).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let calls = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&calls);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (acceptor, calls) = (acceptor.clone(), Arc::clone(&counted));
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| answer(request, Arc::clone(&calls)));
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { endpoint, calls, ca_file }
    }
}

/// Answers a call: the master keys of Secrets Manager, and of any other service nothing.
async fn answer(request: Request<Incoming>, calls: Arc<Mutex<usize>>) -> Result<Response<Full<Bytes>>, Infallible> {
    *calls.lock().unwrap() += 1;
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let is_secret = target.starts_with("secretsmanager");
    let _ = request.into_body().collect().await;
    let body = if is_secret {
        let keys = format!(r#"{{\"current\":1,\"1\":\"{}\"}}"#, "0123456789abcdef".repeat(4));
        format!(r#"{{"SecretString":"{keys}"}}"#)
    } else {
        "{}".to_owned()
    };
    let response = Response::builder().header("content-type", "application/x-amz-json-1.0");
    Ok(response.body(Full::from(body)).unwrap())
}

/// Returns the CPU time of a process, to hundredths of a second where the system tells no more.
fn cpu_time(pid: u32) -> Duration {
    // Nanoseconds of all threads of the process.
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let nanoseconds = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

fn median(durations: &[Duration]) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
