//! Evidence packages: requested, generated, announced and downloaded.

use crate::harness::packages::{add_evidence, dispute, finished, plain_renderer, request, server_with};
use crate::harness::{Caller, DELIVERY_TIMEOUT, Receiver, id, invalid_field, text};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

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
    assert_eq!(checklist["present"], json!(["AGREED_TERMS", "COMMUNICATION"]));
    assert_eq!(checklist["missing"], json!(["RESULT", "PROOF_OF_DELIVERY", "INVOICE"]));
    let found = |index: usize| (&checklist["wanted"][index]["evidenceIds"], &checklist["wanted"][index]["inTimeline"]);
    assert_eq!(found(0), (&json!([evidence["id"]]), &json!(false)));
    assert_eq!(found(3), (&json!([]), &json!(true)), "the lead's message is communication");
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
    let again = native.post(&path, json!({ "profile": " visa" })).await.expect(200);
    assert_eq!((&again["id"], &again["profile"]), (&visa["id"], &json!("VISA")));
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
async fn profiles_are_read_in_the_spellings_in_use() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let path = format!("{}/packages", dispute(&native, json!({})).await);
    let mut package = Value::Null;
    for (spelling, status) in [("AMEX", 201), ("amex", 200), ("American Express", 200), ("american-express", 200)] {
        package = native.post(&path, json!({ "profile": spelling })).await.expect(status);
        assert_eq!(package["profile"], "AMERICAN_EXPRESS", "{spelling}");
    }
    finished(&native, &package).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_name_what_is_accepted() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let path = format!("{}/packages", dispute(&native, json!({})).await);
    for body in [json!({ "profile": "DINERS" }), json!({ "profile": 1 }), json!({ "profile": ["VISA"] })] {
        assert_eq!(invalid_field(&native.post(&path, body.clone()).await), "profile", "{body}");
    }
    let rejected = native.post(&path, json!({ "profile": "JCB" })).await;
    assert!(rejected.text.contains("SAFEST, MASTERCARD, AMERICAN_EXPRESS, DISCOVER, VISA, STRICT_ACQUIRER"));
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

#[tokio::test(flavor = "multi_thread")]
async fn messages_count_for_keys_that_read_leads() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let lead = json!({ "name": "Jane", "email": "jane@example.com", "message": "A new roof, please" });
    let lead = native.post("/v2/leads", lead).await.expect(201);
    let dispute = dispute(&native, json!({ "reason": "NOT_RECEIVED", "leadId": lead["id"] })).await;
    for (scopes, expected) in
        [(&["disputes:read"][..], json!([])), (&["disputes:read", "leads:read"][..], json!(["COMMUNICATION"]))]
    {
        let made = native.post("/v2/keys", json!({ "name": "narrow", "scopes": scopes })).await.expect(201);
        let shown = native.with_key(text(&made, "key")).get(&dispute).await.expect(200);
        assert_eq!(shown["evidenceChecklist"]["present"], expected, "{scopes:?}");
    }
}
