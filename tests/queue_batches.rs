//! Batches of queue messages: an item that cannot be read hinders no other of its batch, and a message that comes twice
//! is sent once.

use crate::harness::{Caller, CannedResponse, EFFECT_TIMEOUT, Receiver, database_client, eventually, leads, options};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DeliveryId, TenantId};
use emulator::Database;
use local::{LocalServer, ServerOptions};
use runtime::{DeliveryMessage, Queue, SendFuture};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
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
