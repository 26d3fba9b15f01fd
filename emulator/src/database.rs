//! DynamoDB, embedded: an HTTP client of the SDK that carries each request to the database in this process.

mod engine;
mod tokens;

use crate::stream;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use engine::Engine;
use serde_json::{Map, Value};
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use tokio::sync::{Notify, oneshot};

/// What stands between the SDK and the database, so that tests can make it fail. The house itself has none.
pub trait FaultInjector: Send + Sync + 'static {
    /// Called before `operation` runs; an answer takes the place of the database's own.
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)>;
    /// Called after `operation` took effect; an answer takes the place of the database's own.
    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)>;
}

/// What the database reports of the units that it used, for tests that hold the house to a budget.
#[derive(Clone, Debug, Default)]
pub struct CapacityMeter(Arc<Mutex<Used>>);

#[derive(Debug, Default)]
struct Used {
    written: f64,
    read: f64,
}

impl CapacityMeter {
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

/// What keeps the database from being opened.
type OpenError = Box<dyn std::error::Error + Send + Sync>;

/// What the database answers: status and body.
type Answered = (u16, String);

/// What the SDK asks: an operation and its fields.
struct Request {
    operation: String,
    body: Bytes,
}

impl Request {
    fn body(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    fn writes(&self) -> bool {
        matches!(self.operation.as_str(), "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems")
    }

    /// Asks to be told of what the operation uses, where that can be told.
    fn meter(&mut self) {
        let reads = matches!(self.operation.as_str(), "GetItem" | "BatchGetItem" | "Query");
        if (reads || self.writes())
            && let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(self.body())
        {
            fields.insert("ReturnConsumedCapacity".to_owned(), "INDEXES".into());
            self.body = Value::Object(fields).to_string().into();
        }
    }
}

/// What the database's thread is asked.
enum Asked {
    /// A request, and who waits for its answer.
    Operation(Request, oneshot::Sender<Answered>),
    /// To remove a table's notes that the stream's reader has handled; nobody waits for that.
    Trim { table: String, handled: i64 },
}

/// What is carried out together at most: whoever is first waits for the last.
const TOGETHER: usize = 64;

/// The embedded database. Cheap to clone.
///
/// One thread of its own runs it, one operation after the other: the database lets in only one anyway, and threads
/// that wait for their turn at its lock would cost more than what they come for.
#[derive(Clone)]
pub struct Database {
    asked: mpsc::Sender<Asked>,
    written: Arc<Notify>,
    operations: Arc<AtomicU64>,
    faults: Option<Arc<dyn FaultInjector>>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// Opens or makes the database in `file`; its thread ends with the last clone.
    pub fn open(
        file: &Path,
        faults: Option<Arc<dyn FaultInjector>>,
        meter: Option<CapacityMeter>,
    ) -> Result<Self, OpenError> {
        let (asked, asking) = mpsc::channel();
        let written = Arc::new(Notify::new());
        let mut runner = Runner { engine: Engine::open(file)?, written: Arc::clone(&written), meter };
        std::thread::Builder::new().name("database".to_owned()).spawn(move || runner.run(&asking))?;
        Ok(Self { asked, written, operations: Arc::default(), faults })
    }

    /// Wakes whoever waits for something to be written that the stream's reader looks for.
    pub(crate) fn written(&self) -> Arc<Notify> {
        Arc::clone(&self.written)
    }

    /// Removes notes that the stream's reader has handled, when what has been asked before is done.
    pub(crate) fn trim(&self, table: &str, handled: i64) {
        // A house that has ended has nothing to trim; its next start does.
        let _ = self.asked.send(Asked::Trim { table: table.to_owned(), handled });
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
        if let Some(fault) = self.fault(operation, &body, FaultInjector::before).await {
            return Ok(fault);
        }
        let (answer, answered) = oneshot::channel();
        let asked = Asked::Operation(Request { operation: operation.to_owned(), body: body.clone() }, answer);
        self.asked.send(asked).map_err(|_| other("the database has ended"))?;
        let answer = answered.await.map_err(|_| other("the database gave no answer"))?;
        let fault = self.fault(operation, &body, FaultInjector::after).await;
        Ok(fault.unwrap_or(answer))
    }

    /// What a fault answers instead; it may take its time, where nobody else waits for it.
    async fn fault(
        &self,
        operation: &str,
        body: &Bytes,
        strike: fn(&dyn FaultInjector, &str, &str) -> Option<Answered>,
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
    written: Arc<Notify>,
    meter: Option<CapacityMeter>,
}

impl Runner {
    fn run(&mut self, asking: &mpsc::Receiver<Asked>) {
        while let Ok(first) = asking.recv() {
            let (mut requests, mut waiting, mut trims) = (Vec::new(), Vec::new(), Vec::new());
            for asked in std::iter::once(first).chain(asking.try_iter().take(TOGETHER - 1)) {
                match asked {
                    Asked::Operation(request, answer) => {
                        requests.push(request);
                        waiting.push(answer);
                    }
                    Asked::Trim { table, handled } => trims.push((table, handled)),
                }
            }
            self.carry_out(requests, waiting);
            for (table, handled) in trims {
                if let Err(error) = self.engine.trim(&table, handled) {
                    tracing::error!(%error, "the stream cannot be trimmed");
                }
            }
        }
    }

    /// Carries out requests and answers who waits for each.
    fn carry_out(&mut self, mut requests: Vec<Request>, waiting: Vec<oneshot::Sender<Answered>>) {
        if self.meter.is_some() {
            for request in &mut requests {
                request.meter();
            }
        }
        let answers = self.engine.answer(&requests);
        if requests.iter().any(|request| request.writes() && stream::may_concern(request.body())) {
            self.written.notify_one();
        }
        for ((request, waiting), answered) in requests.iter().zip(waiting).zip(answers) {
            let Some(answered) = answered else { continue };
            if let Some(meter) = &self.meter {
                meter.add(&answered.1, request.writes());
            }
            // Whoever gave up waiting needs no answer.
            let _ = waiting.send(answered);
        }
    }
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
