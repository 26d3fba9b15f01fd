//! Unit tests of `events/*.json`, as each function reads its event.

use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_lambda_events::event::sqs::SqsEvent;
use blob::BlobKey;
use runtime::{DeliveryMessage, FollowUpMessage, PackageMessage, QueueBatch, QueueMessage};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use store::{Change, change_from_images};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sample(function: &str) -> String {
    fs::read_to_string(root().join("events").join(format!("{function}.json"))).expect("a sample event")
}

/// Returns the names of the entries of a folder, without extensions.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into()).collect()
}

/// Returns the only message of a queue's sample event.
fn queue_message<M: QueueMessage>(function: &str) -> M {
    let text = sample(function);
    let event: SqsEvent = serde_json::from_str(&text).expect("an event of SQS");
    let batch = QueueBatch::<M>::parse(&event);
    let [message] = batch.messages().copied().collect::<Vec<_>>()[..] else { panic!("one message") };
    let record = &event.records[0];
    assert_eq!(record.body, serde_json::to_string(&message).ok(), "the body as the queue gets it");
    let group = uuid::Uuid::from_bytes(message.fairness_group()).simple().to_string();
    assert_eq!(record.attributes.get("MessageGroupId"), Some(&group), "{function}");
    message
}

/// Returns the id of the lead that the stream's sample event creates.
fn created_lead() -> domain::LeadId {
    let event: StreamEvent = serde_json::from_str(&sample("dispatch")).expect("an event of a stream");
    let [record] = event.records.try_into().unwrap_or_else(|_| panic!("one record"));
    match change_from_images(record.change.old_image, record.change.new_image).expect("readable") {
        Some(Change::Lead { old: None, new, .. }) => new.id,
        other => panic!("{other:?}"),
    }
}

/// The sample lead's status has changed, of which an audit entry follows.
#[test]
fn the_change_of_the_sample_lead_is_read() {
    let event: StreamEvent = serde_json::from_str(&sample("bookkeeping")).expect("an event of a stream");
    let [record] = event.records.try_into().unwrap_or_else(|_| panic!("one record"));
    match change_from_images(record.change.old_image, record.change.new_image).expect("readable") {
        Some(Change::Lead { old: Some(old), new, .. }) => {
            assert_eq!(new.id, created_lead());
            assert_ne!(old.status, new.status);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_function_has_a_sample_event() {
    assert_eq!(names("events"), names("functions"));
}

#[test]
fn http_events_are_requests_to_their_function() {
    let template = fs::read_to_string(root().join("template.yaml")).expect("the template");
    let mut count = 0;
    for function in names("events") {
        let text = sample(&function);
        let event: Value = serde_json::from_str(&text).expect("JSON");
        if event["version"] != "2.0" {
            continue;
        }
        count += 1;
        let request = lambda_http::request::from_str(&text).unwrap_or_else(|error| panic!("{function}: {error}"));
        let (path, method) = (request.uri().path().to_owned(), request.method().to_string());
        assert_eq!(event["requestContext"]["http"]["path"], *path, "{function}");
        assert_eq!(event["requestContext"]["http"]["method"], *method, "{function}");
        assert_eq!(event["routeKey"], format!("ANY {path}"), "{function}");
        let section = template.split(&format!("CodeUri: functions/{function}\n")).nth(1).expect("a function");
        let section = section.split("AWS::IAM::Role").next().expect("a section");
        assert!(section.contains(&format!("Path: {path} }}")), "{function} does not serve {path}");
        let length =
            request.headers().get("content-length").map(|length| length.to_str().expect("a number").to_owned());
        let body = request.body();
        assert_eq!(length, (!body.is_empty()).then(|| body.len().to_string()), "{function}");
    }
    assert_eq!(count, 13);
}

#[test]
fn queue_events_are_messages_of_the_sample_lead() {
    let lead = created_lead();
    // The delivery of an event of a lead names the lead: its body is encrypted under the lead's key.
    assert_eq!(queue_message::<DeliveryMessage>("deliver").name.lead, Some(lead));
    assert_eq!(queue_message::<FollowUpMessage>("follow_up").lead, lead);
    assert_eq!(queue_message::<PackageMessage>("package").attempt, 1);
}

#[test]
fn other_events_are_read() {
    for function in ["sweep", "uploaded"] {
        let event: Result<EventBridgeEvent, _> = serde_json::from_str(&sample(function));
        let event = event.unwrap_or_else(|error| panic!("{function}: {error}"));
        if function == "uploaded" {
            let key = event.detail["object"]["key"].as_str().expect("a key");
            assert!(BlobKey::parse_evidence(key).is_some(), "{key}");
        }
    }
}
