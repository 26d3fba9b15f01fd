use super::*;
use crate::redrive::StreamFunctions;
use aws_credential_types::Credentials;
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use blob::ParkedRecords;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use runtime::stream::StreamRecord;
use serde_json::json;
use std::path::Path;
use std::sync::Mutex;
use store::{Connection, CredentialsProvider, Store};

/// Functions that remember their records, and are to get one of them again.
#[derive(Default)]
struct Functions(Mutex<Vec<(Consumer, Value)>>);

impl StreamFunctions for Functions {
    fn invoke(
        &self,
        consumer: Consumer,
        event: StreamEvent,
    ) -> BoxFuture<'_, Result<DynamoDbEventResponse, InvokeError>> {
        async move {
            let mut response = DynamoDbEventResponse::default();
            let records: Vec<_> = event.records.iter().filter_map(StreamRecord::value).collect();
            if records.contains(&json!("broken")) {
                response.batch_item_failures.push(DynamoDbBatchItemFailure::default());
            }
            let records = records.into_iter().map(|record| (consumer, record));
            self.0.lock().expect("no panic").extend(records);
            Ok(response)
        }
        .boxed()
    }
}

/// Stores a batch as Lambda does.
fn store_batch(folder: &Path, number: u32, function: &str, record: &str) {
    let batch = json!({
        "requestContext": {
            "requestId": "r",
            "functionArn": format!("arn:aws:lambda:eu-north-1:123456789012:function:{function}"),
            "condition": "RecordAgeExceeded",
            "approximateInvokeCount": 30,
        },
        "version": "1.0",
        "timestamp": format!("2026-11-29T10:00:0{number}.000Z"),
        "DDBStreamBatchInfo": { "batchSize": 1 },
        "payload": json!({ "Records": [record] }).to_string(),
    });
    let folder = folder.join("aws/lambda/mapping/shardId-1/2026/11/29");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("2026-11-29T10.00.0{number}-id")), batch.to_string()).expect("written");
}

async fn redriven(folder: &Path, consumers: &[Consumer], mode: Mode) -> (Vec<SourceReport>, Functions, usize) {
    let records = ParkedRecords::in_folder(folder).expect("a storage");
    let connection = Connection {
        region: "eu-north-1".to_owned(),
        credentials: Some(CredentialsProvider::new(Credentials::new("k", "s", None, None, "tests"))),
        endpoint: Some("http://127.0.0.1:9".to_owned()),
        http: https_client::sdk_client().expect("a client"),
    };
    let (store, functions) = (Store::new(connection, "table", "access"), Functions::default());
    let place = StreamRedrive { records: &records, store: &store, functions: &functions };
    let extent = Extent { limit: usize::MAX, tenant: None, mode };
    let reports = redrive(place, "test", consumers, extent).await.expect("a report");
    let left = records.list_undispatched().await.expect("listed").len();
    (reports, functions, left)
}

#[tokio::test]
async fn batches_go_to_the_function_that_failed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, function, record) in
        [(1, "test-dispatch", "first"), (2, "test-bookkeeping:7", "second"), (3, "other-dispatch", "third")]
    {
        store_batch(folder.path(), number, function, record);
    }
    let (reports, functions, left) = redriven(folder.path(), &Consumer::ALL, Mode::Redrive).await;
    let counts: Vec<_> = reports.iter().map(|report| (report.found, report.redriven, report.failed)).collect();
    assert_eq!(counts, [(2, 1, 1), (1, 1, 0)], "a batch of another stack is not touched");
    let expected = [(Consumer::Dispatch, json!("first")), (Consumer::Bookkeeping, json!("second"))];
    assert_eq!(*functions.0.lock().expect("no panic"), expected);
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_batch_that_fails_again_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    store_batch(folder.path(), 1, "test-dispatch", "broken");
    store_batch(folder.path(), 2, "test-dispatch", "good");
    store_batch(folder.path(), 3, "test-bookkeeping", "of the other function");
    let (reports, _, left) = redriven(folder.path(), &[Consumer::Dispatch], Mode::Redrive).await;
    assert_eq!((reports[0].found, reports[0].redriven, reports[0].failed), (2, 1, 1));
    assert_eq!(left, 2);
}

#[tokio::test]
async fn a_dry_run_invokes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    store_batch(folder.path(), 1, "test-dispatch", "good");
    let (reports, functions, left) = redriven(folder.path(), &Consumer::ALL, Mode::DryRun).await;
    let json = super::super::report::output(&reports, Mode::DryRun).json();
    assert_eq!(json["sources"][0]["reasons"][0]["reason"], "RecordAgeExceeded");
    assert_eq!(json["sources"][0]["oldest"], "2026-11-29T10:00:01.000Z");
    assert!(functions.0.lock().expect("no panic").is_empty());
    assert_eq!(left, 1);
}
