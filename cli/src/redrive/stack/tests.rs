use super::*;
use crate::aws::fake_aws::{Call, FakeAws, FakeResponse};
use crate::redrive::{Mode, report};
use domain::TenantId;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

const ACCOUNT: &str = "arn:aws:sqs:eu-north-1:123456789012";

/// Tenants of dead letters with even and with odd numbers.
const TENANTS: [&str; 2] = ["0199b1c2-0000-7000-8000-000000000000", "0199b1c2-0000-7000-8000-000000000001"];

/// A stack whose queues have messages: the numbers of the failed uploads and of the dead letters that are left.
#[derive(Clone, Default)]
struct FakeStack {
    uploads: Arc<Mutex<BTreeSet<u64>>>,
    dead_letters: Arc<Mutex<BTreeSet<u64>>>,
    received: Arc<Mutex<BTreeSet<u64>>>,
    moved: Arc<Mutex<usize>>,
}

impl FakeStack {
    fn respond(&self, call: &Call) -> FakeResponse {
        let body = match &*call.operation {
            "GET /2015-03-31/functions/test-dispatch/configuration" => json!({ "Environment": { "Variables": {
                "LEADHOUSE_TABLE": "table",
                "LEADHOUSE_ACCESS_TABLE": "access",
                "LEADHOUSE_PARKING_BUCKET": "bucket",
                "LEADHOUSE_QUEUE_URL": "http://queue/deliver",
                "LEADHOUSE_FOLLOW_UP_QUEUE_URL": "http://queue/follow_up",
            } } }),
            "GET /2015-03-31/functions/test-deliver/configuration" => json!({ "Environment": { "Variables": {
                "LEADHOUSE_SLOW_QUEUE_URL": "http://queue/deliver_slow",
            } } }),
            "GET /2019-09-25/functions/test-uploaded/event-invoke-config?Qualifier=%24LATEST" => {
                json!({ "DestinationConfig": { "OnFailure": { "Destination": format!("{ACCOUNT}:failed-uploads") } } })
            }
            "POST /2015-03-31/functions/test-uploaded/invocations" if call.body["number"] == 2 => {
                return (200, "x-amz-function-error: Unhandled\r\n", json!({ "errorMessage": "still broken" }));
            }
            "POST /2015-03-31/functions/test-uploaded/invocations" => json!(null),
            "GetQueueAttributes" => self.attributes(call),
            "GetQueueUrl" => json!({ "QueueUrl": format!("http://queue/{}", text(&call.body["QueueName"])) }),
            "StartMessageMoveTask" => {
                let moved = std::mem::take(&mut *self.dead_letters.lock().expect("no panic"));
                *self.moved.lock().expect("no panic") = moved.len();
                json!({ "TaskHandle": "task" })
            }
            "ListMessageMoveTasks" => {
                let moved = *self.moved.lock().expect("no panic");
                json!({ "Results": [{ "Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": moved }] })
            }
            "ReceiveMessage" => self.receive(call),
            "DeleteMessage" => {
                let number = text(&call.body["ReceiptHandle"]).parse().expect("a number");
                self.messages(call).lock().expect("no panic").remove(&number);
                json!({})
            }
            "SendMessage" => json!({ "MessageId": "new" }),
            "ChangeMessageVisibility" => json!({}),
            operation => panic!("unexpected call: {operation}"),
        };
        (200, "content-type: application/x-amz-json-1.0\r\n", body)
    }

    fn attributes(&self, call: &Call) -> Value {
        let url = text(&call.body["QueueUrl"]);
        let name = url.rsplit('/').next().expect("a name").to_owned();
        let count = match &*name {
            "deliver-dead" => self.dead_letters.lock().expect("no panic").len(),
            "failed-uploads" => self.uploads.lock().expect("no panic").len(),
            _ => 0,
        };
        json!({ "Attributes": {
            "QueueArn": format!("{ACCOUNT}:{name}"),
            "RedrivePolicy": json!({ "deadLetterTargetArn": format!("{ACCOUNT}:{name}-dead") }).to_string(),
            "ApproximateNumberOfMessages": count.to_string(),
        } })
    }

    /// Returns the messages of the queue that is called.
    fn messages(&self, call: &Call) -> &Mutex<BTreeSet<u64>> {
        let is_of_uploads = text(&call.body["QueueUrl"]).ends_with("failed-uploads");
        if is_of_uploads { &self.uploads } else { &self.dead_letters }
    }

    /// Returns messages that have not been received yet, as many as asked for.
    fn receive(&self, call: &Call) -> Value {
        let mut received = self.received.lock().expect("no panic");
        let messages = self.messages(call).lock().expect("no panic");
        let count = usize::try_from(call.body["MaxNumberOfMessages"].as_u64().expect("a number")).expect("small");
        let numbers: Vec<_> = messages.difference(&received).copied().take(count).collect();
        received.extend(&numbers);
        let message = |number: &u64| {
            let payload = json!({ "number": number });
            // Of a failed upload the first two, of a dead letter the tenant.
            let body = json!({
                "timestamp": "2026-11-29T10:00:00.000Z",
                "requestPayload": payload,
                "tenant": TENANTS[usize::from(number % 2 == 1)],
            });
            json!({
                "MessageId": format!("id-{number}"),
                "ReceiptHandle": number.to_string(),
                "Body": body.to_string(),
                "Attributes": { "SentTimestamp": "1796000000000", "MessageGroupId": "group" },
            })
        };
        json!({ "Messages": numbers.iter().map(message).collect::<Vec<_>>() })
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// Starts a stack with failed uploads of these numbers.
async fn stack(uploads: impl IntoIterator<Item = u64>) -> (FakeStack, FakeAws, Stack) {
    let fake = FakeStack::default();
    fake.uploads.lock().expect("no panic").extend(uploads);
    let responding = fake.clone();
    let aws = FakeAws::start(move |call| responding.respond(call)).await;
    let stack = Stack::find(&aws.account(), "test").await.expect("a stack");
    (fake, aws, stack)
}

const ALL: Extent = Extent { limit: usize::MAX, tenant: None, mode: Mode::Redrive };
const DRY_RUN: Extent = Extent { limit: usize::MAX, tenant: None, mode: Mode::DryRun };

/// Starts a stack with dead letters of these numbers.
async fn stack_with_dead_letters(numbers: impl IntoIterator<Item = u64>) -> (FakeStack, FakeAws, Stack) {
    let (fake, aws, stack) = stack([]).await;
    fake.dead_letters.lock().expect("no panic").extend(numbers);
    (fake, aws, stack)
}

fn bodies(aws: &FakeAws, operation: &str) -> Vec<Value> {
    aws.calls().into_iter().filter(|call| call.operation == operation).map(|call| call.body).collect()
}

#[tokio::test]
async fn a_limit_bounds_dead_letters() {
    let (fake, aws, stack) = stack_with_dead_letters(1..=25).await;
    let reports = stack.redrive_dead_letters(Extent { limit: 12, ..ALL }).await;
    assert_eq!((reports[0].found, reports[0].redriven), (25, 12));
    assert_eq!(fake.dead_letters.lock().expect("no panic").len(), 13);
    let sent = bodies(&aws, "SendMessage");
    assert_eq!(sent.len(), 12);
    assert!(sent.iter().all(|sent| sent["QueueUrl"] == "http://queue/deliver" && sent["MessageGroupId"] == "group"));
    assert!(bodies(&aws, "StartMessageMoveTask").is_empty());
}

#[tokio::test]
async fn dead_letters_of_one_tenant_are_redriven() {
    let tenant = TenantId::parse(TENANTS[1]);
    for (limit, moved) in [(usize::MAX, 13), (5, 5)] {
        let (fake, aws, stack) = stack_with_dead_letters(1..=25).await;
        let dry_run = stack.redrive_dead_letters(Extent { tenant, ..DRY_RUN }).await;
        assert_eq!((dry_run[0].found, fake.dead_letters.lock().expect("no panic").len()), (13, 25));
        fake.received.lock().expect("no panic").clear();
        let reports = stack.redrive_dead_letters(Extent { limit, tenant, ..ALL }).await;
        assert_eq!((reports[0].found, reports[0].redriven), (moved, moved));
        let sent = bodies(&aws, "SendMessage");
        assert!(sent.iter().all(|sent| text(&sent["MessageBody"]).contains(TENANTS[1])), "{sent:?}");
        let left = fake.dead_letters.lock().expect("no panic");
        assert_eq!((sent.len(), left.len()), (moved, 25 - moved));
        assert!(bodies(&aws, "ChangeMessageVisibility").len() >= 12, "others are shown again");
    }
}

#[tokio::test]
async fn dead_letters_move_to_their_queue() {
    let (_, aws, stack) = stack_with_dead_letters(1..=4).await;
    let reports = stack.redrive_dead_letters(ALL).await;
    let counts: Vec<_> = reports.iter().map(|report| (report.found, report.redriven, report.failed)).collect();
    assert_eq!(counts, [(4, 4, 0), (0, 0, 0), (0, 0, 0)]);
    let moved: Vec<_> = aws.calls().into_iter().filter(|call| call.operation == "StartMessageMoveTask").collect();
    assert_eq!(moved.len(), 1, "an empty queue is left alone");
    let expected =
        json!({ "SourceArn": format!("{ACCOUNT}:deliver-dead"), "DestinationArn": format!("{ACCOUNT}:deliver") });
    assert_eq!(moved[0].body, expected);
}

#[tokio::test]
async fn failed_uploads_are_invoked_again() {
    let (fake, aws, stack) = stack(1..=25).await;
    let report = stack.redrive_uploads(ALL).await;
    assert_eq!((report.found, report.redriven, report.failed), (25, 24, 1));
    assert_eq!(*fake.uploads.lock().expect("no panic"), BTreeSet::from([2]), "what fails stays");
    let shown = report::output(&[report], Mode::Redrive).json();
    assert_eq!(shown["sources"][0]["reasons"][0]["reason"], "the function failed: still broken");
    let shown_again = aws.calls().into_iter().filter(|call| call.operation == "ChangeMessageVisibility");
    assert_eq!(shown_again.map(|call| call.body["VisibilityTimeout"].clone()).collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn a_limit_bounds_failed_uploads() {
    let (fake, _, stack) = stack(3..=25).await;
    let report = stack.redrive_uploads(Extent { limit: 12, ..ALL }).await;
    assert_eq!((report.found, report.redriven), (23, 12));
    assert_eq!(fake.uploads.lock().expect("no panic").len(), 11);
}

#[tokio::test]
async fn a_dry_run_only_reads_attributes() {
    let (fake, aws, stack) = stack(1..=3).await;
    fake.dead_letters.lock().expect("no panic").extend(1..=4);
    let mut reports = stack.redrive_dead_letters(DRY_RUN).await;
    reports.push(stack.redrive_uploads(DRY_RUN).await);
    assert_eq!(
        reports.iter().map(|report| report.found).collect::<Vec<_>>(),
        [4, 0, 0, 3],
        "of deliver, follow_up, deliver_slow and uploads"
    );
    let read = |operation: &String| operation.starts_with("GET ") || operation.starts_with("GetQueue");
    assert!(aws.operations().iter().all(read), "{:?}", aws.operations());
    let shown = report::output(&reports, Mode::DryRun);
    assert!(!shown.is_incomplete() && shown.table().contains("nothing was changed"), "{}", shown.table());
}

#[tokio::test]
async fn an_unknown_stack_is_an_error() {
    let aws = FakeAws::start(|_| (404, "", json!({ "Message": "Function not found" }))).await;
    let Err(error) = Stack::find(&aws.account(), "test").await else { panic!("there is no such stack") };
    assert!(error.to_string().contains("test-dispatch"), "{error}");
}
