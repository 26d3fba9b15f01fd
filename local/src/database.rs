//! DynamoDB, embedded: an HTTP client of the SDK that carries each request to the database in this process.

use crate::stream;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database as Engine, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};

/// What stands between the SDK and the database, so that tests can make it fail. The house itself has none.
pub trait Faults: Send + Sync + 'static {
    /// Called before `operation` runs; an answer takes the place of the database's own.
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)>;
    /// Called after `operation` took effect; an answer takes the place of the database's own.
    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)>;
}

/// What the database reports of the units that it used, for tests that hold the house to a budget.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Used>>);

#[derive(Debug, Default)]
struct Used {
    written: f64,
    read: f64,
}

impl Meter {
    /// Write units since this was last asked, indexes included.
    pub fn take(&self) -> f64 {
        std::mem::take(&mut self.used().written)
    }

    /// Read units since this was last asked.
    pub fn take_read(&self) -> f64 {
        std::mem::take(&mut self.used().read)
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, answer: &str, writes: bool) {
        let reported = serde_json::from_str(answer).map_or(0.0, |answer: Value| match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
            table => table["CapacityUnits"].as_f64().unwrap_or_default(),
        });
        let mut used = self.used();
        if writes {
            used.written += reported;
        } else {
            used.read += reported;
        }
    }
}

/// The request with a wish to be told of what it used.
fn metered(body: &str) -> Option<String> {
    let mut request: Value = serde_json::from_str(body).ok()?;
    request["ReturnConsumedCapacity"] = "INDEXES".into();
    Some(request.to_string())
}

/// How long a transaction's token is known at least. The SDK, which makes up the tokens, tries for six seconds.
const TOKENS_KNOWN: Duration = Duration::from_mins(1);

/// Tokens of the transactions that took effect of late, so that none does twice.
///
/// The database would keep them itself, ten minutes each, and look through all of them at every transaction: after
/// some thousands of leads that takes longer than all else. It is never shown one.
#[derive(Debug)]
struct Tokens {
    recent: HashSet<String>,
    former: HashSet<String>,
    since: Instant,
}

impl Tokens {
    fn new(now: Instant) -> Self {
        Self { recent: HashSet::new(), former: HashSet::new(), since: now }
    }

    fn knows(&self, token: &str) -> bool {
        self.recent.contains(token) || self.former.contains(token)
    }

    /// Notes a token at `now`, and forgets those that have been known for long enough.
    fn note(&mut self, token: String, now: Instant) {
        if now.duration_since(self.since) >= TOKENS_KNOWN {
            self.former = std::mem::take(&mut self.recent);
            self.since = now;
        }
        self.recent.insert(token);
    }
}

/// What keeps the database from being opened.
type OpenError = Box<dyn std::error::Error + Send + Sync>;

/// What the database answers: status and body.
type Answered = (u16, String);

/// A request and who waits for its answer.
struct Asked {
    operation: String,
    body: Bytes,
    answer: oneshot::Sender<Answered>,
}

/// The embedded database. Cheap to clone.
///
/// One thread of its own runs it, one operation after the other: the database lets in only one anyway, and threads
/// that wait for their turn at its lock would cost more than what they come for.
#[derive(Clone)]
pub struct Database {
    asked: mpsc::Sender<Asked>,
    written: Arc<Notify>,
    operations: Arc<AtomicU64>,
    faults: Option<Arc<dyn Faults>>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// Opens or makes the database in `file`; its thread ends with the last clone.
    pub fn open(file: &Path, faults: Option<Arc<dyn Faults>>, meter: Option<Meter>) -> Result<Self, OpenError> {
        let (asked, asking) = mpsc::channel();
        let written = Arc::new(Notify::new());
        let engine = Engine::new(&file.to_string_lossy())?;
        let mut runner = Runner { engine, tokens: Tokens::new(Instant::now()), written: Arc::clone(&written), meter };
        std::thread::Builder::new().name("database".to_owned()).spawn(move || runner.run(&asking))?;
        Ok(Self { asked, written, operations: Arc::default(), faults })
    }

    /// Wakes whoever waits for something to be written that the stream's reader looks for.
    pub(crate) fn written(&self) -> Arc<Notify> {
        Arc::clone(&self.written)
    }

    /// Operations since the start.
    pub fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }

    /// The SDK's HTTP client.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    async fn answer(&self, operation: &str, body: Bytes) -> Result<Answered, ConnectorError> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        if let Some(fault) = self.fault(operation, &body, Faults::before).await {
            return Ok(fault);
        }
        let (answer, answered) = oneshot::channel();
        let asked = Asked { operation: operation.to_owned(), body: body.clone(), answer };
        self.asked.send(asked).map_err(|_| other("the database has ended"))?;
        let answer = answered.await.map_err(|_| other("the database gave no answer"))?;
        let fault = self.fault(operation, &body, Faults::after).await;
        Ok(fault.unwrap_or(answer))
    }

    /// What a fault answers instead; it may take its time, where nobody else waits for it.
    async fn fault(
        &self,
        operation: &str,
        body: &Bytes,
        strike: fn(&dyn Faults, &str, &str) -> Option<Answered>,
    ) -> Option<Answered> {
        let faults = Arc::clone(self.faults.as_ref()?);
        let (operation, body) = (operation.to_owned(), body.clone());
        let struck = move || strike(&*faults, &operation, std::str::from_utf8(&body).unwrap_or_default());
        tokio::task::spawn_blocking(struck).await.ok().flatten()
    }
}

/// What runs on the database's thread.
struct Runner {
    engine: Engine,
    tokens: Tokens,
    written: Arc<Notify>,
    meter: Option<Meter>,
}

impl Runner {
    fn run(&mut self, asking: &mpsc::Receiver<Asked>) {
        while let Ok(Asked { operation, body, answer }) = asking.recv() {
            // An operation that panics is one without an answer; the others go on.
            let run = || self.answer(&operation, std::str::from_utf8(&body).unwrap_or_default());
            if let Ok(answered) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                // Whoever gave up waiting needs no answer.
                let _ = answer.send(answered);
            }
        }
    }

    fn answer(&mut self, operation: &str, body: &str) -> Answered {
        let writes = matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems");
        let reads = matches!(operation, "GetItem" | "BatchGetItem" | "Query");
        let meter = self.meter.clone().filter(|_| writes || reads);
        let request = meter.as_ref().and_then(|_| metered(body));
        let answer = match self.dispatch(operation, request.as_deref().unwrap_or(body)) {
            Ok(answer) => (200, answer),
            Err(error) => (error.status_code(), error.to_json()),
        };
        if let Some(meter) = meter {
            meter.add(&answer.1, writes);
        }
        if writes && stream::may_concern(body) {
            self.written.notify_one();
        }
        answer
    }

    /// The operations that the store uses.
    fn dispatch(&mut self, operation: &str, body: &str) -> Result<String, DynoxideError> {
        let engine = &self.engine;
        match operation {
            "GetItem" => write(&engine.get_item(read(body)?)?),
            "PutItem" => write(&engine.put_item(read(body)?)?),
            "UpdateItem" => write(&engine.update_item(read(body)?)?),
            "DeleteItem" => write(&engine.delete_item(read(body)?)?),
            "Query" => write(&engine.query(read(body)?)?),
            "Scan" => write(&engine.scan(read(body)?)?),
            "BatchGetItem" => write(&engine.batch_get_item(read(body)?)?),
            "TransactWriteItems" => self.transact(read(body)?),
            "CreateTable" => write(&engine.create_table(read(body)?)?),
            "DescribeTable" => write(&engine.describe_table(read(body)?)?),
            other => Err(DynoxideError::InternalServerError(format!("{other} is not served"))),
        }
    }

    /// Carries out a transaction, unless it is one that took effect and is sent again because its answer was lost.
    fn transact(&mut self, mut request: TransactWriteItemsRequest) -> Result<String, DynoxideError> {
        let token = request.client_request_token.take();
        if token.as_ref().is_some_and(|token| self.tokens.knows(token)) {
            return Ok("{}".to_owned());
        }
        let answer = write(&self.engine.transact_write_items(request)?)?;
        if let Some(token) = token {
            self.tokens.note(token, Instant::now());
        }
        Ok(answer)
    }
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write<T: Serialize>(answer: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn other(what: &str) -> ConnectorError {
    ConnectorError::other(what.to_owned().into(), None)
}

impl HttpConnector for Database {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = self.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
            let (_, operation) = target.ok_or_else(|| other("no operation"))?;
            let body = request.body().bytes().map(Bytes::copy_from_slice).ok_or_else(|| other("no body"))?;
            let (status, answer) = database.answer(operation, body).await?;
            let status = status.try_into().map_err(|_| other("an impossible status"))?;
            let mut response = HttpResponse::new(status, SdkBody::from(answer));
            response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
            Ok(response)
        })
    }
}

impl HttpClient for Database {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_for_a_minute_and_not_for_ever() {
        let start = Instant::now();
        let mut tokens = Tokens::new(start);
        tokens.note("first".to_owned(), start);
        tokens.note("second".to_owned(), start + TOKENS_KNOWN);
        assert!(tokens.knows("first") && tokens.knows("second") && !tokens.knows("third"));
        tokens.note("third".to_owned(), start + TOKENS_KNOWN * 2 + Duration::from_secs(1));
        assert!(!tokens.knows("first") && tokens.knows("second") && tokens.knows("third"));
    }
}
