//! DynamoDB, embedded: an HTTP client of the SDK that carries each request to the database in this process.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database as Engine, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// What stands between the SDK and the database, so that tests can make it fail. The house itself has none.
pub trait Faults: Send + Sync + 'static {
    /// Called before `operation` runs; an answer takes the place of the database's own.
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)>;
    /// Called after `operation` took effect; an answer takes the place of the database's own.
    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)>;
}

/// What the database reports of the write units that it used, for tests that hold the house to a budget.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<f64>>);

impl Meter {
    /// Write units since this was last asked, indexes included.
    pub fn take(&self) -> f64 {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, answer: &str) {
        let reported = serde_json::from_str(answer).map_or(0.0, |answer: Value| match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
            table => table["CapacityUnits"].as_f64().unwrap_or_default(),
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += reported;
    }
}

/// The request with a wish to be told of what it used.
fn metered(body: &str) -> Option<String> {
    let mut request: Value = serde_json::from_str(body).ok()?;
    request["ReturnConsumedCapacity"] = "INDEXES".into();
    Some(request.to_string())
}

/// The embedded database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    written: Arc<Notify>,
    operations: Arc<AtomicU64>,
    faults: Option<Arc<dyn Faults>>,
    meter: Option<Meter>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// Opens or makes the database in `file`.
    pub fn open(file: &Path, faults: Option<Arc<dyn Faults>>) -> Result<Self, DynoxideError> {
        let engine = Engine::new(&file.to_string_lossy())?;
        Ok(Self { engine, written: Arc::default(), operations: Arc::default(), faults, meter: None })
    }

    /// The same database with every write metered.
    #[must_use]
    pub fn with_meter(self, meter: Option<Meter>) -> Self {
        Self { meter, ..self }
    }

    /// Wakes whoever waits for something to be written.
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

    fn run(&self, operation: &str, body: &str) -> (u16, String) {
        self.operations.fetch_add(1, Ordering::Relaxed);
        if let Some(fault) = self.faults.as_ref().and_then(|faults| faults.before(operation, body)) {
            return fault;
        }
        let writes = matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems");
        let meter = self.meter.as_ref().filter(|_| writes);
        let request = meter.and_then(|_| metered(body));
        let answer = match self.dispatch(operation, request.as_deref().unwrap_or(body)) {
            Ok(answer) => (200, answer),
            Err(error) => (error.status_code(), error.to_json()),
        };
        if let Some(meter) = meter {
            meter.add(&answer.1);
        }
        if writes {
            self.written.notify_one();
        }
        self.faults.as_ref().and_then(|faults| faults.after(operation, body)).unwrap_or(answer)
    }

    /// The operations that the store uses.
    fn dispatch(&self, operation: &str, body: &str) -> Result<String, DynoxideError> {
        let engine = &self.engine;
        match operation {
            "GetItem" => write(&engine.get_item(read(body)?)?),
            "PutItem" => write(&engine.put_item(read(body)?)?),
            "UpdateItem" => write(&engine.update_item(read(body)?)?),
            "DeleteItem" => write(&engine.delete_item(read(body)?)?),
            "Query" => write(&engine.query(read(body)?)?),
            "Scan" => write(&engine.scan(read(body)?)?),
            "BatchGetItem" => write(&engine.batch_get_item(read(body)?)?),
            "TransactWriteItems" => write(&engine.transact_write_items(read(body)?)?),
            "CreateTable" => write(&engine.create_table(read(body)?)?),
            "DescribeTable" => write(&engine.describe_table(read(body)?)?),
            other => Err(DynoxideError::InternalServerError(format!("{other} is not served"))),
        }
    }
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write<T: Serialize>(answer: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

impl HttpConnector for Database {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = self.clone();
        HttpConnectorFuture::new(async move {
            let other = |what: &str| ConnectorError::other(what.to_owned().into(), None);
            let target = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
            let operation = target.map(|(_, operation)| operation.to_owned()).ok_or_else(|| other("no operation"))?;
            let body = request.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
            let body = body.ok_or_else(|| other("no body"))?.to_owned();
            // The database waits for its file: never on a thread that others' requests need.
            let (status, answer) = tokio::task::spawn_blocking(move || database.run(&operation, &body))
                .await
                .map_err(|error| ConnectorError::other(error.into(), None))?;
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
