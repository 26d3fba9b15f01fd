//! Evidence packages: requested, generated, announced, downloaded and erased; and evidence as structured data.

use crate::harness::packages::{add_evidence, dispute, finished, plain_document, plain_renderer};
use crate::harness::{
    Caller, DELIVERY_TIMEOUT, EFFECT_TIMEOUT, Receiver, database_client, eventually, id, invalid_field, options, text,
};
use aws_sdk_dynamodb::types::AttributeValue;
use evidence_package::RenderError;
use http::Method;
use local::{LocalServer, ServerOptions};
use package::Renderer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Starts a server that renders with `renderer`, in which an hour passes in a second.
async fn server_with(renderer: Renderer) -> LocalServer {
    let options = ServerOptions {
        package_renderer: Some(renderer),
        speedup: 3_600.0,
        demo_limits: Some(domain::accounts::rate_limit::Limits::UNLIMITED),
        ..options()
    };
    LocalServer::start(options).await.unwrap()
}

async fn request(caller: &Caller, dispute: &str, body: Value) -> Value {
    caller.post(&format!("{dispute}/packages"), body).await.expect(201)
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_generated_announced_and_downloaded() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let lead = json!({
        "name": "Jane", "email": "jane@example.com", "message": "A new roof, please",
        "consent": { "given": true, "text": "Call me" }
    });
    let lead = native.post("/v2/leads", lead).await.expect(201);
    let mut receivers = Vec::new();
    for contract in ["native", "revenueDefenders", "leadRescue", "vendorPad"] {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": ["package.generated"], "contract": contract });
        native.post("/v2/webhooks", body).await.expect(201);
        receivers.push(receiver);
    }
    let dispute = dispute(&native, json!({ "leadId": lead["id"] })).await;
    let evidence = add_evidence(&native, &dispute, "Signed on Monday").await;
    let made = native.post(&format!("{dispute}/packages"), json!({ "profile": "mastercard" })).await;
    let package = made.expect(201);
    assert_eq!(made.header("location"), format!("/v2/packages/{}", text(&package, "id")));
    assert_eq!((&package["status"], &package["profile"]), (&json!("PENDING"), &json!("MASTERCARD")));
    assert_eq!((&package["documentUrl"], &package["leadId"]), (&Value::Null, &lead["id"]));
    let ready = finished(&native, &package).await;
    assert_eq!(
        (&ready["status"], &ready["failureReason"], &ready["pages"]),
        (&json!("READY"), &Value::Null, &json!(2))
    );
    assert_eq!((&ready["exhibits"][0]["evidenceId"], &ready["leftOut"]), (&evidence["id"], &json!([])));
    let (status, document) = native.download(text(&ready, "documentUrl")).await;
    assert_eq!((status, document.len() as u64), (200, ready["bytes"].as_u64().unwrap()));
    assert_eq!(ready["sha256"], hex::encode(Sha256::digest(&document)));
    let document = String::from_utf8(document).unwrap();
    for shown in ["Signed on Monday", "A new roof, please", "Call me"] {
        assert!(document.contains(shown), "{shown} in {document}");
    }
    let path = format!("/v2/packages/{}/document", text(&package, "id"));
    let found = native.get(&path).await;
    assert_eq!(found.expect(302)["documentUrl"], found.header("location"));
    assert_eq!(native.download(found.header("location")).await.0, 200);

    let mut bodies = Vec::new();
    for receiver in &receivers {
        bodies.push(receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0).json());
    }
    let bare = json!({
        "id": package["id"], "disputeId": package["disputeId"], "businessId": package["businessId"], "status": "READY",
        "documentUrl": format!("{}{path}", native.base_url), "createdAt": package["createdAt"],
    });
    assert_eq!(bodies[1], bare, "Revenue Defenders");
    assert_eq!((&bodies[0]["type"], &bodies[0]["data"]), (&json!("package.generated"), &bare));
    assert_eq!(bodies[2]["package"]["document_url"], bare["documentUrl"]);
    assert_eq!(
        (&bodies[3]["event"], &bodies[3]["data"]["dispute_id"]),
        (&json!("package.generated"), &bare["disputeId"])
    );
    let (status, _) = native.download(text(&bare, "documentUrl")).await;
    assert_eq!(status, 401, "the address in a payload needs a key");

    let shown = native.get(&dispute).await.expect(200);
    let reference = json!([{
        "id": package["id"], "profile": "MASTERCARD", "status": "READY", "createdAt": package["createdAt"]
    }]);
    assert_eq!(shown["packages"], reference);
    let checklist = &shown["evidenceChecklist"];
    assert_eq!(checklist["present"], json!(["AGREED_TERMS"]));
    assert_eq!(checklist["missing"], json!(["RESULT", "PROOF_OF_DELIVERY", "COMMUNICATION", "INVOICE"]));
    assert_eq!(checklist["wanted"][0]["evidenceIds"], json!([evidence["id"]]));
    let mut sent_back = shown.clone();
    sent_back["status"] = json!("UNDER_REVIEW");
    native.patch(&dispute, sent_back).await.expect(200);
    for receiver in &receivers {
        assert_eq!(receiver.received().len(), 1, "announced once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_is_the_same_package() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let dispute = dispute(&native, json!({})).await;
    let path = format!("{dispute}/packages");
    // Without any evidence, and without a body.
    let first = native.send(Method::POST, &path, &[], None).await.expect(201);
    let again = native.post(&path, json!({})).await.expect(200);
    assert_eq!(again["id"], first["id"]);
    let ready = finished(&native, &first).await;
    assert_eq!(ready["status"], "READY");
    let again = native.post(&path, json!({ "profile": "SAFEST" })).await.expect(200);
    assert_eq!((&again["id"], &again["sha256"]), (&first["id"], &ready["sha256"]));
    assert_eq!(native.download(text(&again, "documentUrl")).await.0, 200);
    let visa = native.post(&path, json!({ "profile": "VISA" })).await.expect(201);
    add_evidence(&native, &dispute, "More").await;
    let more = native.post(&path, json!({})).await.expect(201);
    let all = [first["id"].clone(), visa["id"].clone(), more["id"].clone()];
    assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
    let shown = native.get(&dispute).await.expect(200)["packages"].as_array().unwrap().len();
    assert_eq!(shown, 3);
    // Racing requests of one content make one package.
    add_evidence(&native, &dispute, "And more").await;
    let racing = futures_util::future::join_all((0..8).map(|_| native.post(&path, json!({})))).await;
    let ids: std::collections::BTreeSet<_> = racing.iter().map(|reply| id(&reply.json())).collect();
    assert_eq!((ids.len(), racing.iter().filter(|reply| reply.status == 201).count()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_has_a_link_that_works() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let path = format!("{}/packages", dispute(&native, json!({})).await);
    let first = native.post_idempotent(&path, "p", json!({})).await;
    finished(&native, &first.expect(201)).await;
    let replay = native.post_idempotent(&path, "p", json!({})).await;
    assert_eq!((replay.status, replay.is_replayed(), &replay.text), (201, true, &first.text));
    assert_eq!(replay.header("location"), first.header("location"));
    let ready = native.post_idempotent(&path, "q", json!({})).await.expect(200);
    let again = native.post_idempotent(&path, "q", json!({})).await;
    assert!(again.is_replayed());
    assert_eq!(again.json()["id"], ready["id"]);
    assert_eq!(native.download(text(&again.json(), "documentUrl")).await.0, 200);
    native.post_idempotent(&path, "p", json!({ "profile": "VISA" })).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_name_what_is_accepted() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let path = format!("{}/packages", dispute(&native, json!({})).await);
    for body in [json!({ "profile": "DINERS" }), json!({ "profile": 1 }), json!({ "profile": ["VISA"] })] {
        assert_eq!(invalid_field(&native.post(&path, body.clone()).await), "profile", "{body}");
    }
    assert_eq!(invalid_field(&native.post(&path, json!({ "network": "VISA" })).await), "network");
    assert_eq!(invalid_field(&native.post("/v2/disputes/first/packages", json!({})).await), "disputeId");
    assert_eq!(invalid_field(&native.get("/v2/packages/first").await), "packageId");
    let unknown = "018f0000-0000-7000-8000-000000000000";
    native.post(&format!("/v2/disputes/{unknown}/packages"), json!({})).await.expect(404);
    for path in [format!("/v2/packages/{unknown}"), format!("/v2/packages/{unknown}/document")] {
        native.get(&path).await.expect(404);
    }
    native.get(&format!("/v2/disputes/{unknown}/evidence-summary")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_need_every_scope_of_what_they_show() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let dispute = dispute(&native, json!({})).await;
    let package = finished(&native, &request(&native, &dispute, json!({})).await).await;
    let with = async |scopes: &[&str]| {
        let made = native.post("/v2/keys", json!({ "name": "narrow", "scopes": scopes })).await.expect(201);
        native.with_key(text(&made, "key"))
    };
    let all = ["disputes:write", "disputes:read", "evidence:read", "leads:read"];
    for lacking in all {
        let narrow = with(&all.into_iter().filter(|scope| *scope != lacking).collect::<Vec<_>>()).await;
        let read = narrow.get(&format!("/v2/packages/{}", text(&package, "id"))).await;
        let summary = narrow.get(&format!("{dispute}/evidence-summary")).await;
        let write = narrow.post(&format!("{dispute}/packages"), json!({})).await;
        let (expected_read, expected_write) = match lacking {
            "disputes:write" => (200, 403),
            "disputes:read" => (403, 200),
            _ => (403, 403),
        };
        assert_eq!(
            (read.status, summary.status, write.status),
            (expected_read, expected_read, expected_write),
            "{lacking}"
        );
        let rejected = if expected_write == 403 { write } else { read };
        assert!(rejected.text.contains(lacking), "{}", rejected.text);
    }
}

/// Renders with `fail` as often as it returns an error, then as for tests.
fn failing(fail: impl Fn(usize) -> Option<RenderError> + Send + Sync + 'static) -> Renderer {
    let calls = AtomicUsize::new(0);
    Arc::new(move |content, profile, context| match fail(calls.fetch_add(1, Ordering::Relaxed)) {
        Some(error) => Err(error),
        None => plain_document(content, profile, context),
    })
}

fn unavailable() -> RenderError {
    let evidence = domain::EvidenceId::derived(&[b"e"]);
    RenderError::FileUnavailable { evidence, reason: "it is out of reach".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_failures_are_tried_again() {
    for errors in [vec![unavailable(); 3], vec![RenderError::Stopped; 2]] {
        let server = server_with(failing(move |call| errors.get(call).cloned())).await;
        let native = Caller::native(&server);
        let dispute = dispute(&native, json!({})).await;
        let package = finished(&native, &request(&native, &dispute, json!({})).await).await;
        assert_eq!(package["status"], "READY");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lasting_failures_have_a_reason() {
    let too_long = RenderError::TextsTooLong { profile: "SAFEST", pages: 40, bytes: 9 };
    let cases: [(Renderer, &str); 4] = [
        (failing(move |_| Some(too_long.clone())), "take 40 pages"),
        (failing(|_| Some(unavailable())), "could not be read for several hours"),
        (failing(|_| Some(RenderError::Stopped)), "within the time and memory"),
        (Arc::new(|_, _, _| panic!("as a defect of a decoder does")), "within the time and memory"),
    ];
    for (renderer, expected) in cases {
        let server = server_with(renderer).await;
        let native = Caller::native(&server);
        let receiver = Receiver::new().await;
        native.post("/v2/webhooks", json!({ "url": receiver.url, "events": ["package.generated"] })).await.expect(201);
        let dispute = dispute(&native, json!({})).await;
        let package = finished(&native, &request(&native, &dispute, json!({})).await).await;
        assert_eq!(package["status"], "FAILED", "{expected}");
        assert!(text(&package, "failureReason").contains(expected), "{package}");
        let announced = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0).json();
        assert_eq!((&announced["data"]["status"], &announced["data"]["documentUrl"]), (&json!("FAILED"), &Value::Null));
        let document = native.get(&format!("/v2/packages/{}/document", text(&package, "id"))).await.expect(409);
        assert!(document["error"]["message"].as_str().unwrap().contains("FAILED"), "{document}");
        // Asked for again, it is generated anew.
        let again = request(&native, &dispute, json!({})).await;
        assert_ne!(again["id"], package["id"]);
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_summarized_for_dispute_apis() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let customer = json!({ "name": "Jane Smith", "email": "jane@example.com" });
    let customer = native.post("/v2/customers", customer).await.expect(201);
    let dispute = dispute(&native, json!({ "reason": "CANCELLED", "customerId": customer["id"] })).await;
    let dispute_id = dispute.rsplit('/').next().unwrap().to_owned();
    let file = json!({
        "category": "CONTRACT", "disputeId": dispute_id, "description": "The terms",
        "file": { "contentType": "text/plain", "size": 5 }
    });
    let made = native.post("/v2/evidence", file).await.expect(201);
    let upload = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = upload.put(text(&made, "uploadUrl")).header("Content-Type", "text/plain").body("hello").send().await;
    assert_eq!(sent.unwrap().status().as_u16(), 200);
    let summary = native.get(&format!("{dispute}/evidence-summary")).await.expect(200);
    assert_eq!(summary["evidence"]["customer_name"], "Jane Smith");
    assert_eq!(summary["evidence"]["customer_email_address"], "jane@example.com");
    assert!(summary["evidence"]["cancellation_rebuttal"].as_str().unwrap().contains("cancelled"));
    assert!(summary["evidence"]["uncategorized_text"].as_str().unwrap().contains("The terms"));
    assert_eq!((&summary["maxCharacters"], &summary["shortened"]), (&json!(150_000), &json!([])));
    let file = &summary["files"][0];
    assert_eq!((&file["kind"], &file["evidenceId"]), (&json!("cancellation_policy"), &made["id"]));
    assert_eq!(native.download(text(file, "fileUrl")).await, (200, b"hello".to_vec()));
}
