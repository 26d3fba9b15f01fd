//! The reads of a batch: subscriptions of all its environments, each once and concurrently.

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use blob::ParkedRecords;
use dispatch::{Dependencies, DispatchHandler};
use domain::{Clock, TenantId};
use runtime::stream::{Parking, StreamEvent};
use runtime::{Queue, QueueMessage, SendFuture, SystemClock, Timing};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Connection, CredentialsProvider, Store};

/// The tenant of the sample event.
const SAMPLE_TENANT: &str = "019cb3086dc07a108b20c30d40e50f60";

/// A table without subscriptions that responds late, and counts the reads that are in flight.
#[derive(Clone, Debug, Default)]
struct SlowTable(Arc<Reads>);

#[derive(Debug, Default)]
struct Reads {
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    partitions: Mutex<Vec<String>>,
}

impl HttpConnector for SlowTable {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let reads = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
            assert!(target.ends_with(".Query"), "{target}");
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).expect("JSON");
            let partition = body["ExpressionAttributeValues"][":pk"]["S"].as_str().expect("a partition").to_owned();
            reads.partitions.lock().expect("no panic").push(partition);
            let in_flight = reads.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            reads.most_in_flight.fetch_max(in_flight, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(50)).await;
            reads.in_flight.fetch_sub(1, Ordering::SeqCst);
            let mut response = HttpResponse::new(
                200.try_into().expect("a status"),
                SdkBody::from(json!({ "Count": 0, "Items": [] }).to_string()),
            );
            response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
            Ok(response)
        })
    }
}

impl HttpClient for SlowTable {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

struct NoQueue;

impl<M: QueueMessage> Queue<M> for NoQueue {
    fn send(&self, _: Vec<(M, Duration)>) -> SendFuture<'_> {
        Box::pin(async { Ok(()) })
    }
}

/// Returns the sample record of a new lead once for each of these tenants, and a second time.
fn batch(tenants: usize) -> StreamEvent {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/dispatch.json");
    let sample: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a sample")).expect("JSON");
    let record = sample["Records"][0].to_string();
    let records = (0..2 * tenants).map(|number| {
        let tenant = TenantId::derived(&[&(number % tenants).to_be_bytes()]).simple();
        let mut record: Value = serde_json::from_str(&record.replace(SAMPLE_TENANT, &tenant)).expect("JSON");
        record["eventID"] = format!("{number:032x}").into();
        record["dynamodb"]["SequenceNumber"] = format!("{number:021}").into();
        record
    });
    serde_json::from_value(json!({ "Records": records.collect::<Vec<_>>() })).expect("an event")
}

#[tokio::test]
async fn environments_are_read_once_and_concurrently() {
    let (table, folder) = (SlowTable::default(), tempfile::tempdir().expect("a folder"));
    let connection = Connection {
        region: "local".to_owned(),
        credentials: Some(CredentialsProvider::new(Credentials::new("k", "s", None, None, "tests"))),
        endpoint: Some("http://table.invalid".to_owned()),
        http: SharedHttpClient::new(table.clone()),
    };
    let store = Store::new(connection, "leadhouse", "leadhouse-access");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let parking = Parking {
        records: ParkedRecords::in_folder(folder.path()).expect("a storage"),
        store: store.clone(),
        clock: Arc::clone(&clock),
    };
    let handler = DispatchHandler::new(Dependencies {
        store,
        queue: Arc::new(NoQueue),
        follow_up_queue: Arc::new(NoQueue),
        package_queue: Arc::new(NoQueue),
        api_url: "https://api.example.com".to_owned(),
        parking,
        clock,
        timing: Timing::DEPLOYED,
    });
    let response = handler.handle(batch(20), "request").await;
    assert!(response.batch_item_failures.is_empty(), "{response:?}");
    let partitions = std::mem::take(&mut *table.0.partitions.lock().expect("no panic"));
    assert_eq!(partitions.len(), 20, "each environment is read once: {partitions:?}");
    assert_eq!(table.0.most_in_flight.load(Ordering::SeqCst), 20, "none waits for another");
}
