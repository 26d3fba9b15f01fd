//! Deliveries that are created together and lose their messages: a restart and a rollback find each of them.

use crate::harness::{Binary, Caller, Receiver, eventually, options};
use local::{LocalServer, ServerOptions};
use runtime::{DeliveryMessage, Queue, SendFuture};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Number of subscriptions, all of which get the one event.
const SUBSCRIPTIONS: usize = 16;

/// Queue that loses everything.
struct Losing;

impl Queue for Losing {
    fn send(&self, _messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        Box::pin(async { Ok(()) })
    }
}

/// Runs a server on `folder` that creates deliveries and loses their messages.
async fn create_and_lose(folder: &Path, receiver: &Receiver) {
    let losing = |_: Arc<dyn Queue>| -> Arc<dyn Queue> { Arc::new(Losing) };
    let options = ServerOptions { data: Some(folder.to_owned()), queue_decorator: Some(Arc::new(losing)), ..options() };
    let server = LocalServer::start(options).await.unwrap();
    let native = Caller::native(&server);
    for _ in 0..SUBSCRIPTIONS {
        native.subscribe(&receiver.url).await;
    }
    native.post("/v2/leads", json!({ "name": "Jane Smith", "phone": "+15551234567" })).await.expect(201);
    eventually(Duration::from_secs(10), "the deliveries exist", || async {
        (native.all_items("/v2/deliveries").await.len() == SUBSCRIPTIONS).then_some(())
    })
    .await;
    // What is left in the stream would be dispatched again by the next start, and hide what is lost.
    eventually(Duration::from_secs(10), "the stream is trimmed", || async {
        let database = rusqlite::Connection::open(folder.join("leadhouse.db")).unwrap();
        let count = database.query_row("SELECT count(*) FROM _stream_records", [], |row| row.get::<_, i64>(0));
        (count.unwrap() == 0).then_some(())
    })
    .await;
    server.stop().await;
    assert_eq!(receiver.received().len(), 0, "the messages are lost");
}

/// Starts a server on `folder` that loses nothing, and waits until everything is delivered.
async fn deliver_all(folder: &Path, receiver: &Receiver) {
    let options = ServerOptions { data: Some(folder.to_owned()), ..options() };
    let server = LocalServer::start(options).await.unwrap();
    receiver.wait_for(SUBSCRIPTIONS, Duration::from_secs(10)).await;
    let native = Caller::native(&server);
    eventually(Duration::from_secs(10), "the outcomes are recorded", || async {
        let page = native.get("/v2/deliveries?status=DELIVERED").await.expect(200);
        (page["data"].as_array().unwrap().len() == SUBSCRIPTIONS).then_some(())
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_delivers_at_once_what_the_queue_lost() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::new().await);
    create_and_lose(folder.path(), &receiver).await;
    deliver_all(folder.path(), &receiver).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folding_gives_each_delivery_an_entry_of_its_own() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::new().await);
    create_and_lose(folder.path(), &receiver).await;
    for expected in [SUBSCRIPTIONS, 0] {
        let ran = Binary::run_command(folder.path(), &["due", "--fold-into", "64"]).await;
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let printed: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(printed, json!({ "moved": expected, "shards": 64 }));
    }
    deliver_all(folder.path(), &receiver).await;
}
