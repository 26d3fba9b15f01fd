//! Webhook receiver: a real HTTP server that records requests, compares them with the OpenAPI documents and returns
//! canned responses.

use super::webhook_conformance::differences;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tower::ServiceExt;

/// Response of a receiver, with the delay before it.
#[derive(Clone, Debug)]
pub(crate) struct CannedResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) delay: Duration,
}

impl CannedResponse {
    /// Returns an immediate response with this status.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: "ok".to_owned(), delay: Duration::ZERO }
    }
}

/// One received request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) at: Instant,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    /// Returns the text of a header.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

struct Inner {
    received: Mutex<Vec<Received>>,
    /// The parts of what was received that the documents do not describe.
    undescribed: Mutex<Vec<String>>,
    respond: Box<dyn Fn(usize) -> CannedResponse + Send + Sync>,
}

/// A receiver on a free port; stops when dropped.
pub(crate) struct Receiver {
    pub(crate) url: String,
    inner: Arc<Inner>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
        if !std::thread::panicking() {
            self.assert_described();
        }
    }
}

impl Receiver {
    /// Starts a receiver that responds with 200 to every request.
    pub(crate) async fn new() -> Self {
        Self::responding(|_| CannedResponse::status(200)).await
    }

    /// Starts a receiver that responds with `respond(number)`; requests are numbered from one.
    pub(crate) async fn responding(respond: impl Fn(usize) -> CannedResponse + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", respond).await
    }

    /// Starts a receiver at this address.
    pub(crate) async fn at(address: &str, respond: impl Fn(usize) -> CannedResponse + Send + Sync + 'static) -> Self {
        let inner =
            Arc::new(Inner { received: Mutex::default(), undescribed: Mutex::default(), respond: Box::new(respond) });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&inner));
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let serving = tokio::spawn(serve(listener, router));
        Self { url, inner, serving }
    }

    /// Checks that the OpenAPI documents describe everything that was received.
    fn assert_described(&self) {
        let undescribed = self.inner.undescribed.lock().unwrap().clone();
        assert!(undescribed.is_empty(), "undescribed deliveries: {undescribed:#?}");
    }

    /// Returns all requests received so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.assert_described();
        self.inner.received.lock().unwrap().clone()
    }

    /// Waits for `count` requests, and returns all received so far.
    pub(crate) async fn wait_for(&self, count: usize, timeout: Duration) -> Vec<Received> {
        super::eventually(timeout, &format!("{count} requests, of which came {}", self.received().len()), || async {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
        .await
    }
}

/// Serves `router` on every connection of `listener`.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    loop {
        let Ok((socket, _)) = listener.accept().await else { return };
        let _ = socket.set_nodelay(true);
        let router = router.clone();
        let service = hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
            router.clone().oneshot(request.map(axum::body::Body::new))
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service));
    }
}

async fn receive(
    State(inner): State<Arc<Inner>>,
    headers: http::HeaderMap,
    body: Bytes,
) -> http::Response<axum::body::Body> {
    let one = Received { at: Instant::now(), headers, body };
    inner.undescribed.lock().unwrap().extend(differences(&one));
    let number = {
        let mut received = inner.received.lock().unwrap();
        received.push(one);
        received.len()
    };
    let canned = (inner.respond)(number);
    tokio::time::sleep(canned.delay).await;
    let mut response = http::Response::builder().status(canned.status);
    for (name, value) in canned.headers {
        response = response.header(name, value);
    }
    response.body(axum::body::Body::from(canned.body)).unwrap()
}
