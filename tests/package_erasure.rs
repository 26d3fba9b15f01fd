//! Packages of what is erased: while they are generated, and afterwards.

use crate::harness::packages::{add_evidence, dispute, finished, plain_document, request};
use crate::harness::{Caller, EFFECT_TIMEOUT, database_client, eventually, options, text};
use aws_sdk_dynamodb::types::AttributeValue;
use local::{LocalServer, ServerOptions};
use package::Renderer;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Returns the number of documents in the folder of a server's data.
fn documents(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(
            |path| {
                if path.is_dir() { documents(&path) } else { usize::from(path.to_string_lossy().contains("/package/")) }
            },
        )
        .sum()
}

/// A renderer that waits in its first call until it is let go on.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<(usize, bool)>, Condvar)>);

impl Gate {
    fn renderer(&self) -> Renderer {
        let gate = self.clone();
        Arc::new(move |content, profile, context| {
            let (state, changed) = &*gate.0;
            let mut state = state.lock().unwrap();
            state.0 += 1;
            while !state.1 {
                state = changed.wait(state).unwrap();
            }
            drop(state);
            plain_document(content, profile, context)
        })
    }

    async fn entered(&self) {
        eventually(EFFECT_TIMEOUT, "rendering has begun", || async { (self.0.0.lock().unwrap().0 > 0).then_some(()) })
            .await;
    }

    fn open(&self) {
        self.0.0.lock().unwrap().1 = true;
        self.0.1.notify_all();
    }

    fn calls(&self) -> usize {
        self.0.0.lock().unwrap().0
    }
}

/// Starts a server on `folder` whose renderer waits at `gate`.
async fn gated_server(folder: &Path, gate: &Gate) -> LocalServer {
    let options = ServerOptions {
        data: Some(folder.to_owned()),
        package_renderer: Some(gate.renderer()),
        speedup: 3_600.0,
        ..options()
    };
    LocalServer::start(options).await.unwrap()
}

async fn lead(caller: &Caller, name: &str) -> Value {
    caller.post("/v2/leads", json!({ "name": name, "email": format!("{name}@example.com") })).await.expect(201)
}

async fn erase(caller: &Caller, lead: &Value) {
    let path = format!("/v2/leads/{}", text(lead, "id"));
    assert_eq!(caller.delete(&path).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_erased_while_rendering_is_never_shown() {
    // The lead of the dispute, and another one that only a piece of evidence is about.
    for erased in [0, 1] {
        let (folder, gate) = (tempfile::tempdir().unwrap(), Gate::default());
        let server = gated_server(folder.path(), &gate).await;
        let native = Caller::native(&server);
        let leads = [lead(&native, "jane").await, lead(&native, "joan").await];
        let dispute = dispute(&native, json!({ "leadId": leads[0]["id"] })).await;
        let dispute_id = dispute.rsplit('/').next().unwrap().to_owned();
        add_evidence(&native, &dispute, "Stays").await;
        let other = json!({
            "category": "PHOTO", "disputeId": dispute_id, "leadId": leads[1]["id"], "description": "About Joan"
        });
        native.post("/v2/evidence", other).await.expect(201);
        let package = request(&native, &dispute, json!({})).await;
        gate.entered().await;
        erase(&native, &leads[erased]).await;
        gate.open();
        let path = format!("/v2/packages/{}", text(&package, "id"));
        native.get(&path).await.expect(404);
        eventually(EFFECT_TIMEOUT, "the document is deleted", || async {
            (documents(folder.path()) == 0).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        native.get(&path).await.expect(404);
        assert_eq!(documents(folder.path()), 0);
        if erased == 1 {
            let anew = finished(&native, &request(&native, &dispute, json!({})).await).await;
            let (_, document) = native.download(text(&anew, "documentUrl")).await;
            let document = String::from_utf8(document).unwrap();
            assert!(document.contains("Stays") && !document.contains("Joan"), "{document}");
        } else {
            native.get(&dispute).await.expect(404);
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_deleted_while_rendering_makes_the_document_anew() {
    let (folder, gate) = (tempfile::tempdir().unwrap(), Gate::default());
    let server = gated_server(folder.path(), &gate).await;
    let native = Caller::native(&server);
    let dispute = dispute(&native, json!({})).await;
    add_evidence(&native, &dispute, "Stays").await;
    let gone = add_evidence(&native, &dispute, "Goes").await;
    let package = request(&native, &dispute, json!({})).await;
    gate.entered().await;
    let client = database_client(&server.database);
    let table = client.scan().table_name("leadhouse").send().await.unwrap();
    let plain = text(&gone, "id").replace('-', "");
    let of_evidence = |pk: &AttributeValue| pk.as_s().is_ok_and(|pk| pk.starts_with("EV#") && pk.ends_with(&plain));
    let item = table.items().iter().find(|item| of_evidence(&item["pk"])).unwrap();
    let deletion = client.delete_item().table_name("leadhouse");
    deletion.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
    gate.open();
    let ready = finished(&native, &package).await;
    assert_eq!((ready["status"].as_str(), gate.calls()), (Some("READY"), 2));
    let (_, document) = native.download(text(&ready, "documentUrl")).await;
    let document = String::from_utf8(document).unwrap();
    assert!(document.contains("Stays") && !document.contains("Goes"), "{document}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_any_shown_lead_deletes_the_package() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::default();
    gate.open();
    let server = gated_server(folder.path(), &gate).await;
    let native = Caller::native(&server);
    for erased in [0, 1] {
        let leads = [lead(&native, "jane").await, lead(&native, "joan").await];
        let dispute = dispute(&native, json!({ "leadId": leads[0]["id"] })).await;
        let dispute_id = dispute.rsplit('/').next().unwrap().to_owned();
        let other =
            json!({ "category": "PHOTO", "disputeId": dispute_id, "leadId": leads[1]["id"], "description": "Joan" });
        native.post("/v2/evidence", other).await.expect(201);
        let package = finished(&native, &request(&native, &dispute, json!({})).await).await;
        assert_eq!(documents(folder.path()), 1);
        erase(&native, &leads[erased]).await;
        native.get(&format!("/v2/packages/{}", text(&package, "id"))).await.expect(404);
        eventually(EFFECT_TIMEOUT, "the document is deleted", || async {
            (documents(folder.path()) == 0).then_some(())
        })
        .await;
        assert_eq!(native.download(text(&package, "documentUrl")).await.0, 404, "the link to it is dead");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn purging_test_data_deletes_packages() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::default();
    gate.open();
    let server = gated_server(folder.path(), &gate).await;
    let test = Caller::native_test(&server);
    let dispute = dispute(&test, json!({})).await;
    let package = finished(&test, &request(&test, &dispute, json!({})).await).await;
    assert_eq!(test.delete("/v2/test-data").await.status / 100, 2);
    eventually(EFFECT_TIMEOUT, "the package and its document are deleted", || async {
        let gone = test.get(&format!("/v2/packages/{}", text(&package, "id"))).await.status == 404;
        (gone && documents(folder.path()) == 0).then_some(())
    })
    .await;
    server.stop().await;
}
