//! A fake of AWS for tests: an HTTP server whose responses a test scripts.

use super::{AwsAccount, CachedCredentials};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A received call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Method and path, or the operation of an API that names it in a header.
    pub(crate) operation: String,
    /// The head of the request, in lower case.
    pub(crate) head: String,
    /// The body; null if it is not JSON.
    pub(crate) body: Value,
}

/// A response: status, further header lines, body.
pub(crate) type FakeResponse = (u16, &'static str, Value);

/// The server.
pub(crate) struct FakeAws {
    endpoint: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl FakeAws {
    /// Starts a server that responds with what `respond` returns.
    pub(crate) async fn start(respond: impl Fn(&Call) -> FakeResponse + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let calls = Arc::<Mutex<Vec<Call>>>::default();
        let (respond, received) = (Arc::new(respond), Arc::clone(&calls));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (respond, received) = (Arc::clone(&respond), Arc::clone(&received));
                tokio::spawn(async move { serve(stream, &*respond, &received).await });
            }
        });
        Self { endpoint, calls }
    }

    /// Returns an account whose services are all this server.
    pub(crate) fn account(&self) -> AwsAccount {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "tests");
        AwsAccount {
            region: "eu-north-1".to_owned(),
            endpoint: Some(self.endpoint.clone()),
            credentials: Arc::new(CachedCredentials::new(SharedCredentialsProvider::new(credentials))),
            http: https_client::sdk_client().expect("a client"),
        }
    }

    /// Returns the calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no panic").clone()
    }

    /// Returns the operations of the calls so far.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }
}

async fn serve(mut stream: TcpStream, respond: &(impl Fn(&Call) -> FakeResponse + ?Sized), calls: &Mutex<Vec<Call>>) {
    let Some(call) = read_call(&mut stream).await else { return };
    calls.lock().expect("no panic").push(call.clone());
    let (status, headers, body) = respond(&call);
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status} S\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all((head + &body).as_bytes()).await;
}

async fn read_call(stream: &mut TcpStream) -> Option<Call> {
    let mut bytes = Vec::new();
    loop {
        let mut some = [0; 4096];
        let read = stream.read(&mut some).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&some[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let first: Vec<_> = head.lines().next()?.split(' ').collect();
        let lower = head.to_lowercase();
        let header = |name: &str| lower.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        let length = header("content-length").map_or(0, |length| length.parse().expect("a number"));
        if body.len() >= length {
            let line = head.lines().find(|line| line.to_lowercase().starts_with("x-amz-target: "));
            let target = line.and_then(|line| line.rsplit('.').next()).map(str::to_owned);
            let operation = target.unwrap_or_else(|| format!("{} {}", first[0], first[1]));
            return Some(Call { operation, head: lower, body: serde_json::from_str(body).unwrap_or_default() });
        }
    }
}
