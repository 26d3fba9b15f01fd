//! An event log whose responses a test writes: failures between them, and an event that is recorded twice.

use crate::harness::serve;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One response.
pub(super) enum Script {
    /// A page of examples of `lead.won` with these ids, and the position to go on at.
    Page { ids: &'static [&'static str], next: &'static str },
    /// A response that ends before its body does.
    BrokenOff,
    /// 503, to be repeated at once.
    Unavailable,
}

impl Script {
    fn response(&self) -> http::Response<Body> {
        let response = http::Response::builder();
        match self {
            Self::Page { ids, next } => {
                let event = |id: &&str| json!({ "id": id, "event": "lead.won", "occurredAt": "now", "payload": {} });
                let data: Vec<_> = ids.iter().map(event).collect();
                let page = json!({ "data": data, "pagination": { "after": next, "hasMore": false } });
                response.body(Body::from(page.to_string())).unwrap()
            }
            Self::BrokenOff => {
                let sent = [Ok("{\"data\": ["), Err(std::io::Error::other("the connection broke"))];
                response.body(Body::from_stream(futures_util::stream::iter(sent))).unwrap()
            }
            Self::Unavailable => {
                let body = json!({ "error": { "code": "UNAVAILABLE", "message": "try again" } });
                response.status(503).header("retry-after", "0").body(Body::from(body.to_string())).unwrap()
            }
        }
    }
}

#[derive(Default)]
struct Inner {
    scripts: Mutex<VecDeque<Script>>,
    asked_after: Mutex<Vec<String>>,
}

/// A server of scripted responses, which leaves further requests without one; stops when dropped.
pub(super) struct ScriptedLog {
    pub(super) url: String,
    inner: Arc<Inner>,
    serving: JoinHandle<()>,
}

impl ScriptedLog {
    /// Starts the server.
    pub(super) async fn start(scripts: Vec<Script>) -> Self {
        let inner = Arc::new(Inner { scripts: Mutex::new(scripts.into()), ..Inner::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(respond).with_state(Arc::clone(&inner));
        Self { url, inner, serving: tokio::spawn(serve(listener, router)) }
    }

    /// Returns the parameter `after` of every request so far.
    pub(super) fn asked_after(&self) -> Vec<String> {
        self.inner.asked_after.lock().unwrap().clone()
    }
}

impl Drop for ScriptedLog {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn respond(State(inner): State<Arc<Inner>>, request: Request) -> http::Response<Body> {
    let query = request.uri().query().unwrap_or_default();
    let after = query.split('&').find_map(|parameter| parameter.strip_prefix("after=")).unwrap_or_default();
    inner.asked_after.lock().unwrap().push(after.to_owned());
    let script = inner.scripts.lock().unwrap().pop_front();
    match script {
        Some(script) => script.response(),
        None => std::future::pending().await,
    }
}
