use super::*;
use crate::redrive::StreamFunctions;
use aws_credential_types::Credentials;
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use blob::ParkedRecords;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use runtime::stream::StreamEvent;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Mutex;
use store::{Connection, CredentialsProvider, Store};

/// The effect of the function on a record.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    ParksAgain,
    Retries,
    Fails,
    IsOutOfReach,
}

/// A folder of parked records, and a function whose fates are set by the records' numbers.
struct Fixture {
    _folder: tempfile::TempDir,
    records: ParkedRecords,
    store: Store,
    fates: BTreeMap<usize, Fate>,
    processed: Mutex<Vec<usize>>,
}

fn record(number: usize) -> Value {
    json!({
        "eventID": "e",
        "dynamodb": { "SequenceNumber": number.to_string(), "NewImage": { "pk": { "S": "x" } } },
    })
}

fn name(number: usize) -> ParkedName {
    ParkedName::new("dispatch", &format!("{number}-0123456789abcdef"))
}

fn stored(record: &Value, reason: &str, at: i64) -> Bytes {
    let json = json!({
        "consumer": "dispatch",
        "reason": reason,
        "eventId": "e",
        "sequenceNumber": record["dynamodb"]["SequenceNumber"],
        "requestId": "r",
        "parkedAt": at,
        "record": record,
    });
    json.to_string().into()
}

impl Fixture {
    async fn new(count: usize, fates: &[(usize, Fate)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let records = ParkedRecords::in_folder(folder.path()).expect("a storage");
        for number in 1..=count {
            records.put(&name(number), stored(&record(number), "first reason", 1_000)).await.expect("put");
        }
        // Records that name no lead need no table.
        let connection = Connection {
            region: "eu-north-1".to_owned(),
            credentials: Some(CredentialsProvider::new(Credentials::new("k", "s", None, None, "tests"))),
            endpoint: Some("http://127.0.0.1:9".to_owned()),
            http: https_client::sdk_client().expect("a client"),
        };
        let store = Store::new(connection, "table", "access");
        Self { _folder: folder, records, store, fates: fates.iter().copied().collect(), processed: Mutex::default() }
    }

    async fn redrive(&self, limit: usize, mode: Mode) -> SourceReport {
        let place = StreamRedrive { records: &self.records, store: &self.store, functions: self };
        redrive(place, Consumer::Dispatch, Extent { limit, tenant: None, mode }).await.expect("a report")
    }

    /// Returns the numbers of the records that are still parked.
    async fn left(&self) -> Vec<usize> {
        let names = self.records.list("dispatch").await.expect("listed");
        let number = |name: &ParkedName| name.as_str().rsplit('/').next()?.split('-').next()?.parse().ok();
        names.iter().filter_map(number).collect()
    }
}

impl StreamFunctions for Fixture {
    fn invoke(
        &self,
        _consumer: Consumer,
        event: StreamEvent,
    ) -> BoxFuture<'_, Result<DynamoDbEventResponse, InvokeError>> {
        async move {
            let numbers = event.records.iter().map(|one| one.sequence_number().parse().expect("a number"));
            let numbers: Vec<usize> = numbers.collect();
            let fate = |number: &usize| self.fates.get(number).copied();
            if numbers.iter().any(|number| fate(number) == Some(Fate::IsOutOfReach)) {
                return Err(InvokeError::Unavailable("no connection".to_owned()));
            }
            if numbers.iter().any(|number| fate(number) == Some(Fate::Fails)) {
                return Err(InvokeError::Failed("the function failed: out of memory".to_owned()));
            }
            let mut response = DynamoDbEventResponse::default();
            for number in numbers {
                match fate(&number) {
                    Some(Fate::ParksAgain) => {
                        let again = stored(&record(number), "second reason", 2_000);
                        self.records.put(&name(number), again).await.expect("put");
                    }
                    Some(Fate::Retries) => {
                        let mut failure = DynamoDbBatchItemFailure::default();
                        failure.item_identifier = Some(number.to_string());
                        response.batch_item_failures.push(failure);
                        return Ok(response);
                    }
                    _ => self.processed.lock().expect("no panic").push(number),
                }
            }
            Ok(response)
        }
        .boxed()
    }
}

fn reasons(report: &SourceReport) -> Vec<(String, u64)> {
    let output = super::super::report::output(std::slice::from_ref(report), Mode::Redrive).json();
    let rows = output["sources"][0]["reasons"].as_array().expect("a list").clone();
    let pair =
        |row: &Value| (row["reason"].as_str().expect("text").to_owned(), row["count"].as_u64().expect("a number"));
    rows.iter().map(pair).collect()
}

#[tokio::test]
async fn processed_records_are_deleted() {
    let fixture = Fixture::new(250, &[]).await;
    let report = fixture.redrive(usize::MAX, Mode::Redrive).await;
    assert_eq!((report.found, report.redriven, report.failed), (250, 250, 0));
    assert_eq!(*fixture.processed.lock().expect("no panic"), (1..=250).collect::<Vec<_>>(), "once, in order");
    assert!(fixture.left().await.is_empty());
}

#[tokio::test]
async fn a_record_that_is_parked_again_stays() {
    let fixture = Fixture::new(5, &[(1, Fate::ParksAgain), (4, Fate::ParksAgain)]).await;
    let report = fixture.redrive(usize::MAX, Mode::Redrive).await;
    assert_eq!((report.redriven, report.failed), (3, 2));
    assert_eq!(reasons(&report), [("second reason".to_owned(), 2)]);
    assert_eq!(fixture.left().await, [1, 4]);
}

#[tokio::test]
async fn a_record_that_is_to_be_retried_stays_alone() {
    let fixture = Fixture::new(5, &[(1, Fate::Retries), (3, Fate::Retries)]).await;
    let report = fixture.redrive(usize::MAX, Mode::Redrive).await;
    assert_eq!((report.redriven, report.failed), (3, 2));
    assert!(reasons(&report)[0].0.contains("dispatch"), "{report:?}");
    assert_eq!(fixture.left().await, [1, 3]);
}

#[tokio::test]
async fn a_record_that_ends_the_function_stays_alone() {
    let fixture = Fixture::new(20, &[(7, Fate::Fails)]).await;
    let report = fixture.redrive(usize::MAX, Mode::Redrive).await;
    assert_eq!((report.redriven, report.failed), (19, 1));
    assert_eq!(reasons(&report), [("the function failed: out of memory".to_owned(), 1)]);
    assert_eq!(fixture.left().await, [7]);
}

#[tokio::test]
async fn a_function_out_of_reach_ends_the_source() {
    let fixture = Fixture::new(120, &[(110, Fate::IsOutOfReach)]).await;
    let report = fixture.redrive(usize::MAX, Mode::Redrive).await;
    assert_eq!((report.redriven, report.failed), (100, 0));
    assert!(report.is_stopped());
    assert_eq!(fixture.left().await.len(), 20);
}

#[tokio::test]
async fn a_record_of_an_erased_lead_is_deleted() {
    let fixture = Fixture::new(0, &[]).await;
    let emptied = json!({ "dynamodb": { "SequenceNumber": "1", "NewImage": {}, "OldImage": {} } });
    fixture.records.put(&name(1), stored(&emptied, "reason", 1)).await.expect("put");
    let report = fixture.redrive(usize::MAX, Mode::Redrive).await;
    assert_eq!((report.erased, report.redriven), (1, 0));
    assert!(fixture.processed.lock().expect("no panic").is_empty());
    assert!(fixture.left().await.is_empty());
}

#[tokio::test]
async fn a_file_of_an_erased_lead_is_still_deleted() {
    let fixture = Fixture::new(0, &[]).await;
    let old = json!({ "pk": { "S": "EV#x" }, "sk": { "S": "EV" }, "file": { "M": {} } });
    let reduced = json!({ "dynamodb": { "SequenceNumber": "1", "NewImage": {}, "OldImage": old } });
    fixture.records.put(&name(1), stored(&reduced, "reason", 1)).await.expect("put");
    let report = fixture.redrive(usize::MAX, Mode::Redrive).await;
    assert_eq!((report.erased, report.redriven), (0, 1));
    assert_eq!(*fixture.processed.lock().expect("no panic"), [1]);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let fixture = Fixture::new(3, &[]).await;
    let report = fixture.redrive(2, Mode::DryRun).await;
    assert_eq!(reasons(&report), [("first reason".to_owned(), 2)]);
    assert!(fixture.processed.lock().expect("no panic").is_empty());
    assert_eq!(fixture.left().await, [1, 2, 3]);
}

#[tokio::test]
async fn a_limit_takes_the_oldest() {
    let fixture = Fixture::new(12, &[]).await;
    let report = fixture.redrive(2, Mode::Redrive).await;
    assert_eq!((report.found, report.redriven), (12, 2));
    assert_eq!(fixture.left().await, (3..=12).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_no_parked_record_stays() {
    let fixture = Fixture::new(1, &[]).await;
    fixture.records.put(&name(9), Bytes::from_static(b"[]")).await.expect("put");
    let report = fixture.redrive(usize::MAX, Mode::Redrive).await;
    assert_eq!((report.redriven, report.failed), (1, 1));
    assert_eq!(fixture.left().await, [9]);
}
