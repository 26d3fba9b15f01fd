use super::*;
use crate::stream::{ParkedContent, ParkedRecord};
use aws_credential_types::Credentials;
use blob::ParkedRecords;
use domain::{Clock, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use store::{Connection, CredentialsProvider, Store, StoreError};

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_780_306_200_000)
    }
}

/// The effect of the consumer on a record.
#[derive(Clone, Copy)]
enum Fate {
    Permanent,
    Transient,
    Panic,
}

/// A consumer that fails at some records and remembers all others.
#[derive(Default)]
struct Consumer {
    fates: Vec<(usize, Fate)>,
    processed: Mutex<Vec<usize>>,
}

impl StreamConsumer for Consumer {
    const NAME: &'static str = "consumer";

    async fn process(&self, changes: &[WithRecord<Change>]) -> Vec<FailedRecord> {
        let mut failed = Vec::new();
        for WithRecord { record, .. } in changes {
            let error = match self.fates.iter().find(|(failing, _)| failing == record) {
                None => {
                    self.processed.lock().expect("no panic while locked").push(*record);
                    continue;
                }
                Some((_, Fate::Permanent)) => StoreError::Rejected("ValidationException".to_owned()),
                Some((_, Fate::Transient)) => StoreError::Unavailable("ThrottlingException".to_owned()),
                Some((_, Fate::Panic)) => panic!("an expected panic"),
            };
            failed.push(FailedRecord::new(*record, error));
        }
        failed
    }
}

/// Returns the record that evidence with a file was removed, the smallest record that means a change.
fn record(number: usize) -> Value {
    let pk = format!("EV#{0:032x}#L#{0:032x}", number + 1);
    json!({
        "eventID": format!("event-{number}"),
        "eventName": "REMOVE",
        "awsRegion": "eu-north-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_780_306_200,
            "Keys": { "pk": { "S": pk }, "sk": { "S": "EV" } },
            "OldImage": { "pk": { "S": pk }, "sk": { "S": "EV" }, "file": { "M": {} } },
            "SequenceNumber": (1_000 + number).to_string(),
            "SizeBytes": 1,
        },
    })
}

/// Returns the place of parked records in `folder`, and the storage itself. The tables are out of reach, and not needed
/// for records that name no lead.
fn parking_in(folder: &std::path::Path) -> (Parking, ParkedRecords) {
    let connection = Connection {
        region: "eu-north-1".to_owned(),
        credentials: Some(CredentialsProvider::new(Credentials::new("key", "secret", None, None, "test"))),
        endpoint: Some("http://database.invalid".to_owned()),
        http: https_client::sdk_client().expect("a client"),
    };
    let records = ParkedRecords::in_folder(folder).expect("a storage");
    let store = Store::new(connection, "table", "access");
    (Parking { records: records.clone(), store, clock: Arc::new(FixedClock) }, records)
}

struct Run {
    /// The sequence number that the response names.
    named: Option<String>,
    parked: Vec<ParkedRecord>,
    processed: Vec<usize>,
}

/// Hands over a batch of `records` to a consumer with these fates.
async fn run(records: Vec<Value>, fates: &[(usize, Fate)], folder: &std::path::Path) -> Run {
    let consumer = Consumer { fates: fates.to_vec(), ..Consumer::default() };
    let (parking, storage) = parking_in(folder);
    let response = handle_stream_batch(&consumer, &parking, records.into_iter().collect(), "request-1").await;
    let named = response.batch_item_failures.first().map(|failure| failure.item_identifier.clone().expect("named"));
    let mut parked = Vec::new();
    for name in storage.list("consumer").await.expect("listed") {
        let json = storage.read(&name).await.expect("read").expect("stored");
        parked.push(ParkedRecord::parse(&json).expect("a parked record"));
    }
    let processed = consumer.processed.lock().expect("no panic while locked").clone();
    Run { named, parked, processed }
}

#[tokio::test]
async fn a_permanent_error_parks_its_record_only() {
    for poisoned in [0, 50, 99] {
        let folder = tempfile::tempdir().expect("a folder");
        let records: Vec<_> = (0..100).map(record).collect();
        let run = run(records.clone(), &[(poisoned, Fate::Permanent)], folder.path()).await;
        assert_eq!((run.named, run.processed.len()), (None, 99), "record {poisoned}");
        let expected = ParkedRecord {
            consumer: "consumer".to_owned(),
            reason: "the request to the table is invalid: ValidationException".to_owned(),
            event_id: Some(format!("event-{poisoned}")),
            sequence_number: Some((1_000 + poisoned).to_string()),
            request_id: "request-1".to_owned(),
            parked_at: FixedClock.now(),
            content: ParkedContent::Plain { record: records[poisoned].clone() },
        };
        assert_eq!(run.parked, [expected]);
    }
}

#[tokio::test]
async fn an_unreadable_record_is_parked() {
    let garbled = [
        json!("not a record"),
        json!({ "eventID": "event-1", "dynamodb": { "SequenceNumber": "1001", "NewImage": { "pk": { "X": "?" } } } }),
        json!({ "eventID": 7, "dynamodb": [] }),
        json!(null),
    ];
    for garbled in garbled {
        let folder = tempfile::tempdir().expect("a folder");
        let run = run(vec![record(0), garbled.clone(), record(2)], &[], folder.path()).await;
        assert_eq!((run.named, run.processed), (None, vec![0, 2]), "{garbled}");
        assert_eq!(run.parked.len(), 1);
        assert_eq!(run.parked[0].content, ParkedContent::Plain { record: garbled });
        assert_eq!(run.parked[0].reason, "not a stream record");
    }
}

#[tokio::test]
async fn the_stream_begins_again_at_the_first_transient_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let fates = [(1, Fate::Permanent), (4, Fate::Transient), (2, Fate::Transient), (3, Fate::Permanent)];
    let run = run((0..6).map(record).collect(), &fates, folder.path()).await;
    // Everything else is done, although it comes again; the record behind the failure is parked when it does.
    assert_eq!((run.named.as_deref(), run.processed), (Some("1002"), vec![0, 5]));
    let numbers: Vec<_> = run.parked.iter().map(|parked| parked.sequence_number.as_deref()).collect();
    assert_eq!(numbers, [Some("1001")]);
}

#[tokio::test]
async fn a_record_that_cannot_be_parked_is_retried() {
    let folder = tempfile::tempdir().expect("a folder");
    // A file where the folder of parked records should be.
    std::fs::write(folder.path().join("parked"), "").expect("written");
    let consumer = Consumer { fates: vec![(1, Fate::Permanent)], ..Consumer::default() };
    let (parking, _) = parking_in(folder.path());
    let event = (0..3).map(record).collect();
    let response = handle_stream_batch(&consumer, &parking, event, "request-1").await;
    let named: Vec<_> = response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_deref()).collect();
    assert_eq!(named, [Some("1001")]);
}

#[tokio::test]
async fn a_record_that_panics_is_parked_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = run((0..5).map(record).collect(), &[(2, Fate::Panic)], folder.path()).await;
    assert_eq!(run.named, None);
    assert_eq!(run.parked.len(), 1);
    assert_eq!(run.parked[0].reason, "processing the record panicked");
    assert!([0, 1, 3, 4].iter().all(|number| run.processed.contains(number)), "{:?}", run.processed);
}

#[tokio::test]
async fn a_record_parked_twice_is_stored_once() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        run(vec![record(0)], &[(0, Fate::Permanent)], folder.path()).await;
    }
    let run = run(vec![record(0), record(0)], &[(1, Fate::Permanent)], folder.path()).await;
    assert_eq!(run.parked.len(), 1);
}
