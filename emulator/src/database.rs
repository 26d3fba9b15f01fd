//! DynamoDB in this process, in an embedded database.
//!
//! Callers hand over operations as values, see [`in_process`]. The database is also an HTTP client for the SDK, which
//! then sends each operation as it would to AWS: for tests that inject faults between the two, and for operations that
//! no call needs.
//!
//! One operation is executed after another. SQLite allows one writer at a time anyway, and threads that wait for its
//! lock would cost more than most operations. A caller executes its operation itself while nobody else uses the
//! database; requests that arrive meanwhile are executed by the database's own thread, see [`turns`], together and
//! committed as a group, see [`engine`].

mod attribute_values;
mod capacity_meter;
mod engine;
mod fault_injector;
mod in_process;
mod operation;
mod sdk_requests;
mod transaction_tokens;
mod turns;

pub use capacity_meter::CapacityMeter;
pub use fault_injector::FaultInjector;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use dynoxide::DynoxideError;
use engine::Engine;
use operation::{Operation, Response};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fmt, io};
use store::{Connection, Store};
use tokio::sync::{oneshot, watch};
use turns::SharedWorker;

/// Reason why the database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file is not a database, or cannot be read or written.
    #[error("cannot open the database: {0}")]
    Open(#[from] DynoxideError),
    /// The file cannot be opened as a stream.
    #[error("cannot open the table's stream: {0}")]
    Stream(#[from] rusqlite::Error),
    /// The system gives no thread.
    #[error("cannot start the database's thread: {0}")]
    Thread(#[from] io::Error),
}

/// HTTP status and JSON body of a response.
type JsonResponse = (u16, String);

/// The moment from which on a write survives a failure of the machine. Every write that has a response survives the end of
/// the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When its caller has the response.
    Synced,
    /// When the caller of a later synced write has its response, or some seconds later, when the system writes it to disk.
    /// What survives is always a state that the database had: no write survives without those before it.
    Deferred,
}

/// Work for the database.
enum Command {
    /// Executes an operation and sends the response.
    Execute(Box<Operation>, Durability, oneshot::Sender<Response>),
    /// Deletes a table's stream records up to a sequence number. Nothing waits for it.
    TrimStream { table: String, through: i64 },
}

/// The embedded database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    worker: Arc<SharedWorker>,
    stream_written: watch::Sender<()>,
    operations: Arc<AtomicU64>,
    fault_injector: Option<Arc<dyn FaultInjector>>,
    /// Durability of what is written through this handle.
    durability: Durability,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// Opens the database in `file`, creating it if necessary. Its thread ends with the last clone.
    pub fn open(
        file: &Path,
        fault_injector: Option<Arc<dyn FaultInjector>>,
        capacity_meter: Option<CapacityMeter>,
    ) -> Result<Self, DatabaseError> {
        let stream_written = watch::Sender::new(());
        let worker = Worker { engine: Engine::open(file)?, stream_written: stream_written.clone(), capacity_meter };
        let worker = Arc::new(SharedWorker::new(worker)?);
        Ok(Self { worker, stream_written, operations: Arc::default(), fault_injector, durability: Durability::Synced })
    }

    /// Returns the number of operations since the database was opened.
    pub fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }

    /// Returns a handle whose writes have this durability. Those of the SDK's client are always synced.
    #[must_use]
    pub fn with_durability(&self, durability: Durability) -> Self {
        Self { durability, ..self.clone() }
    }

    /// Returns an HTTP client for the SDK, which sends its requests to this database whatever the endpoint.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Returns a client of the tables of these names in this database. It hands over operations as values, unless the
    /// database has a fault injector, which acts on the SDK's requests.
    pub fn store(&self, table: &str, access_table: &str) -> Store {
        // Region and endpoint have no effect here, but the SDK requires both.
        let connection = Connection {
            region: "local".to_owned(),
            credentials: None,
            endpoint: Some("http://database.invalid".to_owned()),
            http: self.http_client(),
        };
        let store = Store::new(connection, table, access_table);
        if self.fault_injector.is_some() { store } else { store.with_in_process_database(Arc::new(self.clone())) }
    }

    /// Returns a notification of writes that a stream reader may be interested in.
    pub(crate) fn stream_written(&self) -> watch::Receiver<()> {
        self.stream_written.subscribe()
    }

    /// Deletes `table`'s stream records up to the sequence number `through`, after the commands sent before.
    pub(crate) fn trim_stream(&self, table: &str, through: i64) {
        self.worker.execute(Command::TrimStream { table: table.to_owned(), through });
    }

    /// Executes an operation; `None` if it panicked.
    async fn execute(&self, operation: Operation, durability: Durability) -> Option<Response> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.worker.execute(Command::Execute(Box::new(operation), durability, sender));
        receiver.await.ok()
    }

    /// Executes a request of DynamoDB's JSON protocol.
    async fn execute_request(&self, operation: &str, body: Bytes) -> Result<JsonResponse, ConnectorError> {
        if let Some(fault) = self.inject_fault(operation, &body, FaultInjector::before).await {
            return Ok(fault);
        }
        let response = match Operation::parse(operation, std::str::from_utf8(&body).unwrap_or_default()) {
            Ok(operation) => self
                .execute(operation, Durability::Synced)
                .await
                .ok_or_else(|| connector_error("the operation gave no response"))?,
            Err(error) => Err(error),
        };
        let response = match response.and_then(|output| output.to_json()) {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        };
        let fault = self.inject_fault(operation, &body, FaultInjector::after).await;
        Ok(fault.unwrap_or(response))
    }

    /// Asks the fault injector. It may block, as a test that holds an operation back does, so it runs on a thread
    /// where nothing else waits for it.
    async fn inject_fault(
        &self,
        operation: &str,
        body: &Bytes,
        inject: fn(&dyn FaultInjector, &str, &str) -> Option<JsonResponse>,
    ) -> Option<JsonResponse> {
        let injector = Arc::clone(self.fault_injector.as_ref()?);
        let (operation, body) = (operation.to_owned(), body.clone());
        let call = move || inject(&*injector, &operation, std::str::from_utf8(&body).unwrap_or_default());
        tokio::task::spawn_blocking(call).await.ok().flatten()
    }
}

/// The database, and what its operations have effects on.
struct Worker {
    engine: Engine,
    stream_written: watch::Sender<()>,
    capacity_meter: Option<CapacityMeter>,
}

impl Worker {
    fn execute_all(&mut self, commands: impl IntoIterator<Item = Command>) {
        let (mut operations, mut senders, mut trims) = (Vec::new(), Vec::new(), Vec::new());
        let mut durability = Durability::Deferred;
        for command in commands {
            match command {
                Command::Execute(operation, of_operation, sender) => {
                    if of_operation == Durability::Synced && !operation.is_read() {
                        durability = Durability::Synced;
                    }
                    operations.push(*operation);
                    senders.push(sender);
                }
                Command::TrimStream { table, through } => trims.push((table, through)),
            }
        }
        self.execute(operations, durability, senders);
        for (table, through) in trims {
            if let Err(error) = self.engine.trim_stream(&table, through) {
                tracing::error!(%error, "cannot trim the stream");
            }
        }
    }

    /// Executes operations and sends each response.
    fn execute(
        &mut self,
        mut operations: Vec<Operation>,
        durability: Durability,
        senders: Vec<oneshot::Sender<Response>>,
    ) {
        if self.capacity_meter.is_some() {
            operations.iter_mut().for_each(Operation::request_capacity_report);
        }
        let wakes_readers = operations.iter().any(|operation| operation.writes_item(engine::is_streamed));
        let responses = self.engine.execute(operations, durability);
        if wakes_readers {
            self.stream_written.send_replace(());
        }
        for (sender, response) in senders.into_iter().zip(responses) {
            // Without a response the sender is dropped, and the caller gets a connection error.
            let Some(response) = response else { continue };
            if let (Some(meter), Ok(output)) = (&self.capacity_meter, &response) {
                let units = output.capacity_units();
                if output.is_write() { meter.add_write(units) } else { meter.add_read(units) }
            }
            // The caller may have timed out and gone.
            let _ = sender.send(response);
        }
    }
}

fn connector_error(text: &str) -> ConnectorError {
    ConnectorError::other(text.to_owned().into(), None)
}

impl HttpConnector for Database {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = self.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
            let (_, operation) = target.ok_or_else(|| connector_error("the request has no X-Amz-Target header"))?;
            let body = request.body().bytes().map(Bytes::copy_from_slice);
            let body = body.ok_or_else(|| connector_error("the request has no body in memory"))?;
            let (status, body) = database.execute_request(operation, body).await?;
            let status = status.try_into().map_err(|_| connector_error("the response has an invalid status"))?;
            let mut response = HttpResponse::new(status, SdkBody::from(body));
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
    use super::Durability::{Deferred, Synced};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_group_is_synced_if_one_of_its_writes_is() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(&folder.path().join("file.db")).unwrap();
        let mut worker = Worker { engine, stream_written: watch::Sender::new(()), capacity_meter: None };
        let operation = |name: &str, fields: serde_json::Value| Operation::parse(name, &fields.to_string()).unwrap();
        let put = |durability| {
            let put = operation("PutItem", json!({ "TableName": "things", "Item": { "pk": { "S": "a" } } }));
            Command::Execute(Box::new(put), durability, oneshot::channel().0)
        };
        let get = |durability| {
            let get = operation("GetItem", json!({ "TableName": "things", "Key": { "pk": { "S": "a" } } }));
            Command::Execute(Box::new(get), durability, oneshot::channel().0)
        };
        for (commands, expected) in [
            (vec![put(Deferred), put(Deferred)], Deferred),
            (vec![put(Deferred), put(Synced), put(Deferred)], Synced),
            (vec![put(Deferred), get(Synced)], Deferred),
            (vec![put(Synced), get(Deferred)], Synced),
        ] {
            worker.execute_all(commands);
            assert_eq!(worker.engine.durability(), expected);
        }
    }
}
