//! Batches of queue messages: an item that cannot be read hinders no other of its batch, and a message that comes twice
//! is sent once.

use crate::harness::tables::TestClock;
use crate::harness::{Caller, CannedResponse, EFFECT_TIMEOUT, Receiver, database_client, eventually, leads, options};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::accounts::business::Channel;
use domain::{Clock, DeliveryId, Environment, LeadId, Mode, SuppressionKey, TenantId, Timestamp};
use emulator::{Database, LocalQueue};
use follow_up::FollowUpHandler;
use local::{LocalServer, ServerOptions};
use messaging::{MessageSender, OutgoingMessage, ProviderResult};
use runtime::{DeliveryMessage, FollowUpMessage, Queue, SendFuture, SystemClock, Timing};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A queue that enqueues each message this many times.
struct RepeatingQueue {
    inner: Arc<dyn Queue>,
    times: usize,
}

impl Queue for RepeatingQueue {
    fn send(&self, messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        let repeated = messages.iter().flat_map(|message| std::iter::repeat_n(*message, self.times)).collect();
        self.inner.send(repeated)
    }
}

/// Returns options of a server whose queue enqueues each message `times` times.
fn repeating(times: usize) -> ServerOptions {
    let decorate = move |inner: Arc<dyn Queue>| -> Arc<dyn Queue> { Arc::new(RepeatingQueue { inner, times }) };
    ServerOptions { queue_decorator: Some(Arc::new(decorate)), ..options() }
}

async fn start_on(folder: &Path, server: ServerOptions) -> (LocalServer, Caller) {
    // Long enough that nothing is enqueued again while it is being sent.
    let margin = Some(Duration::from_secs(4));
    let server = ServerOptions { data: Some(folder.to_owned()), reenqueue_margin: margin, speedup: 60.0, ..server };
    let server = LocalServer::start(server).await.unwrap();
    let native = Caller::native(&server);
    (server, native)
}

/// Gives a stored delivery of the demo tenant an event type that a newer release might write.
async fn make_unreadable(folder: &Path, tenant: TenantId, delivery: DeliveryId) {
    let database = Database::open(&folder.join("leadhouse.db"), None, None).unwrap();
    let partition = format!("D#{}#L#{}", tenant.simple(), delivery.subscription_tag());
    database_client(&database)
        .update_item()
        .table_name("leadhouse")
        .key("pk", AttributeValue::S(partition))
        .key("sk", AttributeValue::S(delivery.simple()))
        .update_expression("SET eventType = :unknown")
        .condition_expression("attribute_exists(eventType)")
        .expression_attribute_values(":unknown", AttributeValue::S("lead.of_a_newer_release".to_owned()))
        .send()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_delivery_hinders_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::new().await;
    let (server, native) = start_on(folder.path(), repeating(0)).await;
    native.subscribe(&receiver.url).await;
    for number in 0..10 {
        native.post("/v2/leads", leads::numbered(number)).await.expect(201);
    }
    let pending = eventually(EFFECT_TIMEOUT, "every lead has its delivery", || async {
        let page = native.get("/v2/deliveries?status=PENDING&limit=100").await.expect(200);
        let pending = page["data"].as_array().unwrap().clone();
        (pending.len() == 10).then_some(pending)
    })
    .await;
    let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().and_then(TenantId::parse).unwrap();
    drop(server);
    let delivery = pending[4]["id"].as_str().and_then(DeliveryId::parse).unwrap();
    make_unreadable(folder.path(), tenant, delivery).await;
    let (_server, native) = start_on(folder.path(), repeating(1)).await;
    receiver.wait_for(9, EFFECT_TIMEOUT).await;
    native.wait_for_deliveries(9, EFFECT_TIMEOUT).await;
    // On a busy machine the sweeper may enqueue one again while it is being sent, under the same id.
    let ids: BTreeSet<_> =
        receiver.received().iter().map(|received| received.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 9);
    assert!(!ids.contains(&delivery.to_string()), "the unreadable one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_twice_is_sent_once() {
    let folder = tempfile::tempdir().unwrap();
    let receiver =
        Receiver::responding(|_| CannedResponse { delay: Duration::from_millis(300), ..CannedResponse::status(200) })
            .await;
    let (_server, native) = start_on(folder.path(), repeating(2)).await;
    native.subscribe(&receiver.url).await;
    native.post("/v2/leads", leads::numbered(1)).await.expect(201);
    native.wait_for_deliveries(1, EFFECT_TIMEOUT).await;
    assert_eq!(receiver.received().len(), 1);
}

/// A sender that notes to whom it sends.
#[derive(Default)]
struct NotingSender(Mutex<Vec<String>>);

impl MessageSender for NotingSender {
    fn supports(&self, _: Channel) -> bool {
        true
    }

    fn send(&self, message: &OutgoingMessage) -> messaging::SendFuture<'_> {
        self.0.lock().unwrap().push(message.to.clone());
        Box::pin(async { ProviderResult::Accepted { provider_id: None } })
    }
}

/// Sets an attribute of a stored item to what a newer release might write.
async fn overwrite(server: &LocalServer, partition: &str, sort_key: &str, attribute: &str) {
    database_client(&server.database)
        .update_item()
        .table_name("leadhouse")
        .key("pk", AttributeValue::S(partition.to_owned()))
        .key("sk", AttributeValue::S(sort_key.to_owned()))
        .update_expression("SET #name = :unknown")
        .condition_expression("attribute_exists(#name)")
        .expression_attribute_names("#name", attribute)
        .expression_attribute_values(":unknown", AttributeValue::S("OF_A_NEWER_RELEASE".to_owned()))
        .send()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_step_hinders_no_other() {
    let server = LocalServer::start(options()).await.unwrap();
    let native = Caller::native(&server);
    let steps = json!([{ "day": 3, "text": "Hello" }]);
    let other = native.post("/v2/businesses", json!({ "name": "B", "country": "SE" })).await.expect(201)["id"].clone();
    let me = native.get("/v2/me").await.expect(200);
    let environment =
        Environment { tenant: me["tenantId"].as_str().and_then(TenantId::parse).unwrap(), mode: Mode::Live };
    let mut messages = Vec::new();
    for business in [None, Some(&other)] {
        let mut template = json!({ "name": "Later", "category": "EVENT", "steps": steps });
        template["businessId"] = business.cloned().unwrap_or_default();
        native.post("/v2/sequence-templates", template).await.expect(201);
    }
    for number in 0..10 {
        let mut lead = leads::named_with_consent(&format!("jane{number}"));
        lead["category"] = json!("EVENT");
        lead["businessId"] = if number == 9 { other.clone() } else { json!(null) };
        let lead = native.post("/v2/leads", lead).await.expect(201)["id"].clone();
        native.post("/v2/sequences", json!({ "leadId": lead })).await.expect(201);
        messages.push(FollowUpMessage::new(environment, lead.as_str().and_then(LeadId::parse).unwrap(), 0));
    }
    let tenant = environment.tenant.simple();
    let partition = |number: usize| format!("L#{tenant}#L#{}", messages[number].lead.simple());
    overwrite(&server, &partition(0), "S", "status").await;
    overwrite(&server, &partition(5), "L", "status").await;
    let of_business = format!("B#{}", other.as_str().unwrap().replace('-', ""));
    overwrite(&server, &format!("T#{tenant}"), &of_business, "channels").await;

    // In the afternoon, for at night nothing is sent.
    let midnight = SystemClock.now().millis() / 86_400_000 * 86_400_000;
    let days_ahead = Timestamp::from_millis(midnight).after(Duration::from_hours(4 * 24 + 16));
    let sender = Arc::<NotingSender>::default();
    let follow_up = FollowUpHandler::new(follow_up::Dependencies {
        store: server.store.clone(),
        queue: Arc::new(LocalQueue::default()),
        suppression_key: SuppressionKey::new([7; 32]),
        sender: Arc::<NotingSender>::clone(&sender),
        clock: TestClock::at(days_ahead),
        timing: Timing::DEPLOYED,
    });
    let records = messages.iter().enumerate().map(|(number, message)| {
        json!({
            "messageId": number.to_string(), "body": serde_json::to_string(message).unwrap(), "messageAttributes": {},
            "attributes": {},
        })
    });
    let event = serde_json::from_value(json!({ "Records": records.collect::<Vec<_>>() })).unwrap();
    let response = follow_up.handle(event).await;
    let failed: BTreeSet<_> = response.batch_item_failures.iter().map(|item| item.item_identifier.as_str()).collect();
    assert_eq!(failed, BTreeSet::from(["0", "5", "9"]), "they become dead letters in the end");
    let mut sent = sender.0.lock().unwrap().clone();
    sent.sort_unstable();
    assert_eq!(sent, [1, 2, 3, 4, 6, 7, 8].map(|number| format!("jane{number}@example.com")));
}
