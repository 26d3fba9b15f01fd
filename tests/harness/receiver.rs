//! A receiver of webhooks: a real HTTP server that notes what it gets and answers as it is told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tower::ServiceExt;

/// How a receiver answers.
#[derive(Clone, Debug)]
pub(crate) struct CannedResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) after: Duration,
}

impl CannedResponse {
    /// At once, with this status.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: "ok".to_owned(), after: Duration::ZERO }
    }
}

/// One request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) at: Instant,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    /// A header's text.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

struct Inner {
    received: Mutex<Vec<Received>>,
    answer: Box<dyn Fn(usize) -> CannedResponse + Send + Sync>,
}

/// A receiver on a free port; it ends with the test.
pub(crate) struct Receiver {
    pub(crate) url: String,
    inner: Arc<Inner>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Receiver {
    /// One that says 200 to everything.
    pub(crate) async fn new() -> Self {
        Self::answering(|_| CannedResponse::status(200)).await
    }

    /// One whose answer to the request of each number (from one) is `answer`.
    pub(crate) async fn answering(answer: impl Fn(usize) -> CannedResponse + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", answer).await
    }

    /// One at an address of its own.
    pub(crate) async fn at(address: &str, answer: impl Fn(usize) -> CannedResponse + Send + Sync + 'static) -> Self {
        let inner = Arc::new(Inner { received: Mutex::default(), answer: Box::new(answer) });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&inner));
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            loop {
                let Ok((socket, _)) = listener.accept().await else { return };
                let _ = socket.set_nodelay(true);
                let router = router.clone();
                let service = hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    router.clone().oneshot(request.map(axum::body::Body::new))
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service));
            }
        });
        Self { url, inner, serving }
    }

    /// Everything that came in so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    /// Waits until `count` requests have come in, and answers with all of them.
    pub(crate) async fn wait_for(&self, count: usize, patience: Duration) -> Vec<Received> {
        super::eventually(patience, &format!("{count} requests, of which came {}", self.received().len()), || async {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
        .await
    }
}

async fn receive(
    State(inner): State<Arc<Inner>>,
    headers: http::HeaderMap,
    body: Bytes,
) -> http::Response<axum::body::Body> {
    let number = {
        let mut received = inner.received.lock().unwrap();
        received.push(Received { at: Instant::now(), headers, body });
        received.len()
    };
    let answer = (inner.answer)(number);
    tokio::time::sleep(answer.after).await;
    let mut response = http::Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(axum::body::Body::from(answer.body)).unwrap()
}
