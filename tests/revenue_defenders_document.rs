//! Revenue Defenders document: leads, keys, errors and webhooks, line by line.

use crate::harness::signature::{hmac_hex, is_signed_with, standard_signature};
use crate::harness::{
    Caller, DELIVERY_TIMEOUT, Receiver, early_in_a_minute, error_text, ids, programs, run_concurrently, server,
    unlimited_server,
};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// Returns the document's request body; only the id of the business is replaced.
fn documents_request(business: &str) -> String {
    format!(
        r#"{{
  "businessId": "{business}",
  "source": "WEB_FORM",
  "name": "Jane Smith",
  "email": "jane@example.com",
  "phone": "+15559876543",
  "message": "I need a roof repair estimate",
  "serviceInterest": "Roof Repair"
}}"#
    )
}

fn is_documented_time(text: &str) -> bool {
    // Format: 2026-05-25T12:00:00.000Z
    let form = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte }).collect::<Vec<_>>();
    form == b"0000-00-00T00:00:00.000Z"
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_request_creates_a_lead() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let business = server.credentials.revenue_defenders.business_id.clone();
    let body = documents_request(&business).into_bytes();
    let headers = [("Content-Type", "application/json")];
    let made = caller.send(http::Method::POST, "/api/v1/leads", &headers, Some(body)).await.expect(201);
    let id = made["id"].as_str().unwrap();
    let expected = [
        ("businessId", business.as_str()),
        ("source", "WEB_FORM"),
        ("status", "NEW"),
        ("name", "Jane Smith"),
        ("email", "jane@example.com"),
        ("phone", "+15559876543"),
        ("message", "I need a roof repair estimate"),
        ("serviceInterest", "Roof Repair"),
    ];
    for (name, value) in expected {
        assert_eq!(made[name], value, "{name}");
    }
    assert!(is_documented_time(made["createdAt"].as_str().unwrap()), "{made}");
    let one = caller.get(&format!("/api/v1/leads/{id}")).await.expect(200);
    let page = caller.get("/api/v1/leads").await.expect(200);
    for (name, value) in one.as_object().unwrap() {
        assert_eq!(made[name], *value, "{name}");
        assert_eq!(page["items"][0][name], *value, "{name}");
    }
    assert_eq!(page.as_object().unwrap().keys().collect::<Vec<_>>(), ["items", "nextCursor"]);
    assert_eq!(page["nextCursor"], Value::Null, "at the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_and_one_contact_are_enough() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let first = &server.credentials.revenue_defenders.business_id;
    let reachable =
        [json!({ "name": "Jane", "email": "jane@example.com" }), json!({ "name": "Jane", "phone": "+15551234567" })];
    for body in reachable {
        let made = caller.post("/api/v1/leads", body).await.expect(201);
        assert_eq!(made["source"], "WEB_FORM", "default source");
        assert_eq!(made["businessId"], *first, "the tenant's first");
    }
    let bad = [
        (json!({ "email": "jane@example.com" }), "name"),
        (json!({ "name": "Jane" }), "email"),
        (json!({ "name": "Jane", "email": "jane" }), "email"),
        (json!({ "name": "Jane", "phone": "call me" }), "phone"),
        (json!({ "name": "Jane", "email": "jane@example.com", "source": "web form" }), "source"),
        (json!({ "name": 7, "email": "jane@example.com" }), "name"),
        (json!([]), "body"),
    ];
    for (body, field) in bad {
        let text = error_text(&caller.post("/api/v1/leads", body.clone()).await, 400);
        assert!(text.contains(field), "{body}: {text}");
    }
    let broken = caller.send(http::Method::POST, "/api/v1/leads", &[], Some(b"{\"name\": ".to_vec())).await;
    assert!(error_text(&broken, 400).contains("JSON"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_stable_while_leads_arrive() {
    let server = unlimited_server().await;
    let caller = Caller::revenue_defenders(&server);
    let create = |number: usize| {
        let caller = caller.clone();
        async move {
            let body = json!({ "name": format!("Lead {number}"), "phone": "+15551234567" });
            caller.post("/api/v1/leads", body).await.expect(201)["id"].as_str().unwrap().to_owned()
        }
    };
    let made: HashSet<_> = run_concurrently((0..205).map(create)).await.into_iter().collect();
    let first = caller.get("/api/v1/leads").await.expect(200);
    assert_eq!(ids(&first).len(), 50);
    assert_eq!(ids(&caller.get("/api/v1/leads?limit=200").await.expect(200)).len(), 200);
    for limit in ["0", "-1", "201", "1.5", "many"] {
        let text = error_text(&caller.get(&format!("/api/v1/leads?limit={limit}")).await, 400);
        assert!(text.contains("limit") && text.contains("200"), "{limit}: {text}");
    }

    let mut seen = ids(&first);
    let mut cursor = first["nextCursor"].as_str().map(str::to_owned);
    while let Some(text) = cursor {
        create(1_000).await;
        let page = caller.get(&format!("/api/v1/leads?cursor={text}&limit=70")).await.expect(200);
        assert!(ids(&page).len() <= 70);
        seen.extend(ids(&page));
        cursor = page["nextCursor"].as_str().map(str::to_owned);
    }
    assert_eq!(seen.len(), 205, "no item twice");
    assert_eq!(seen.iter().cloned().collect::<HashSet<_>>(), made, "nothing missing, nothing new");

    for cursor in ["rubbish", "eyJpZCI6IjEifQ"] {
        let text = error_text(&caller.get(&format!("/api/v1/leads?cursor={cursor}")).await, 400);
        assert!(text.contains("cursor"), "{cursor}: {text}");
    }
    let own = first["nextCursor"].as_str().unwrap();
    let filtered = caller.get(&format!("/api/v1/leads?status=NEW&cursor={own}")).await;
    assert!(error_text(&filtered, 400).contains("cursor"), "a cursor of another filter");
    let native = Caller::native(&server);
    let other_tenant = native.get(&format!("/api/v1/leads?cursor={own}")).await;
    assert!(error_text(&other_tenant, 400).contains("cursor"), "a cursor of another tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_newest_first_and_filters_by_status() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let mut made = Vec::new();
    for number in 0..3 {
        let body = json!({ "name": format!("Lead {number}"), "phone": "+15551234567" });
        made.insert(0, caller.post("/api/v1/leads", body).await.expect(201)["id"].as_str().unwrap().to_owned());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(ids(&caller.get("/api/v1/leads").await.expect(200)), made);
    caller.patch(&format!("/v2/leads/{}", made[1]), json!({ "status": "WON" })).await.expect(200);
    let won = caller.get("/api/v1/leads?status=WON").await.expect(200);
    assert_eq!(ids(&won), [made[1].clone()]);
    assert_eq!(caller.get("/api/v1/leads?status=won").await.expect(200), won, "in any letter case");
    assert_eq!(won["items"][0]["status"], "WON");
    let new = ids(&caller.get("/api/v1/leads?status=NEW").await.expect(200));
    assert_eq!(new, [made[0].clone(), made[2].clone()]);
    assert_eq!(ids(&caller.get("/api/v1/leads?status=LOST").await.expect(200)), Vec::<String>::new());
    let text = error_text(&caller.get("/api/v1/leads?status=converted").await, 400);
    assert!(text.contains("status") && text.contains("OPTED_OUT"), "it names the accepted values: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_default_to_the_first_business() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let first = server.credentials.revenue_defenders.business_id.clone();
    let second = caller.post("/v2/businesses", json!({ "name": "Second", "country": "US" })).await.expect(201);
    let second = second["id"].as_str().unwrap();
    let in_first = caller.post("/api/v1/leads", json!({ "name": "A", "phone": "+15551234567" })).await.expect(201);
    let body = json!({ "businessId": second, "name": "B", "phone": "+15551234567" });
    let in_second = caller.post("/api/v1/leads", body).await.expect(201);
    assert_eq!(in_second["businessId"], second);
    let listed = |page: Value| ids(&page);
    assert_eq!(listed(caller.get("/api/v1/leads").await.expect(200)), [in_first["id"].as_str().unwrap()]);
    let named = caller.get(&format!("/api/v1/leads?businessId={first}")).await.expect(200);
    assert_eq!(listed(named), [in_first["id"].as_str().unwrap()]);
    let named = caller.get(&format!("/api/v1/leads?businessId={second}")).await.expect(200);
    assert_eq!(listed(named), [in_second["id"].as_str().unwrap()]);

    let foreign = server.credentials.native.business_id.clone();
    for business in [foreign, uuid::Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef).to_string()] {
        let list = caller.get(&format!("/api/v1/leads?businessId={business}")).await;
        let create =
            caller.send(http::Method::POST, "/api/v1/leads", &[], Some(documents_request(&business).into())).await;
        assert_eq!(error_text(&list, 403), error_text(&create, 403), "whether it exists or not");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_documented_status_and_text() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let documents_key = "rd_a1b2c3d4_e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6";
    let revoked = caller.post("/v2/keys", json!({ "name": "short", "scopes": ["leads:read"] })).await.expect(201);
    caller.with_key(revoked["key"].as_str().unwrap()).get("/api/v1/leads").await.expect(200);
    caller.delete(&format!("/v2/keys/{}", revoked["id"].as_str().unwrap())).await.expect(204);
    for key in ["", "nonsense", documents_key, revoked["key"].as_str().unwrap()] {
        let reply = caller.with_key(key).get("/api/v1/leads").await;
        assert!(error_text(&reply, 401).contains("API key"), "{key}");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }

    let reader = caller.post("/v2/keys", json!({ "name": "reader", "scopes": ["leads:read"] })).await.expect(201);
    let reader = caller.with_key(reader["key"].as_str().unwrap());
    let reply = reader.post("/api/v1/leads", json!({ "name": "A", "phone": "+15551234567" })).await;
    assert!(error_text(&reply, 403).contains("leads:write"), "it names the scope");

    let native = Caller::native(&server);
    let foreign = native.post("/v2/leads", json!({ "name": "A", "phone": "+15551234567" })).await.expect(201);
    let unknown = "018f0000-0000-7000-8000-000000000000";
    for id in [foreign["id"].as_str().unwrap(), unknown, "clx123", "%FF"] {
        error_text(&caller.get(&format!("/api/v1/leads/{id}")).await, 404);
    }
    error_text(&caller.get("/api/v1/nothing").await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_the_documented_form() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let body =
        json!({ "name": "for the website", "scopes": ["leads:read", "leads:write"], "contract": "revenueDefenders" });
    let made = caller.post("/v2/keys", body).await.expect(201);
    for key in [made["key"].as_str().unwrap(), caller.key.as_str()] {
        let (prefix, rest) = key.split_at(12);
        let public = prefix.strip_prefix("rd_").unwrap().strip_suffix('_').unwrap();
        assert!(public.len() == 8 && public.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{prefix}");
        assert!(rest.len() == 44 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
    assert_eq!(made["prefix"], made["key"].as_str().unwrap()[..12]);
    let made = caller.with_key(made["key"].as_str().unwrap());
    made.get("/api/v1/leads").await.expect(200);
    made.get("/v2/leads").await.expect(200);
    // A key of another contract works here as well.
    Caller::native(&server).get("/api/v1/leads").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_61st_request_is_429_as_documented() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    // Sixty-one calls must fall into one minute.
    early_in_a_minute(Duration::from_secs(6)).await;
    let replies = run_concurrently((0..60).map(|_| caller.get("/api/v1/leads"))).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    let rejected = caller.get("/api/v1/leads").await;
    assert_eq!(rejected.status, 429);
    assert_eq!(rejected.json(), json!({ "error": "Rate limit exceeded. Max 60 requests per minute." }));
    let wait: u64 = rejected.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(rejected.header("x-ratelimit-limit"), "60");
    assert_eq!(rejected.header("x-ratelimit-remaining"), "0");
    assert!(!rejected.header("ratelimit-policy").contains("day"), "premium has no daily limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_have_the_documented_headers() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let receiver = Receiver::new().await;
    let body = json!({
        "url": receiver.url, "events": ["lead.created", "lead.status_changed"], "contract": "revenueDefenders",
    });
    let subscription = caller.post("/v2/webhooks", body).await.expect(201);
    let secret = subscription["secret"].as_str().unwrap();
    let business = &server.credentials.revenue_defenders.business_id;
    let made = caller
        .send(http::Method::POST, "/api/v1/leads", &[], Some(documents_request(business).into()))
        .await
        .expect(201);
    let created = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0);
    let path = format!("/api/v1/leads/{}", made["id"].as_str().unwrap());
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!(created.header("x-revenuedefenders-event"), "lead.created");
    assert_eq!(created.header("x-revenuedefenders-signature"), format!("sha256={}", hmac_hex(secret, &created.body)));
    assert_eq!(created.json(), caller.get(&path).await.expect(200), "the bare resource");
    for name in ["id", "businessId", "source", "name", "createdAt"] {
        assert!(created.json()[name].is_string(), "{name}");
    }
    let delivery = created.header("x-revenuedefenders-delivery");
    assert_eq!(caller.get(&format!("/v2/deliveries/{delivery}")).await.expect(200)["event"], "lead.created");

    caller
        .patch(&format!("/v2/leads/{}", made["id"].as_str().unwrap()), json!({ "status": "CONTACTED" }))
        .await
        .expect(200);
    let changed = receiver.wait_for(2, DELIVERY_TIMEOUT).await.remove(1);
    assert_eq!(changed.header("x-revenuedefenders-event"), "lead.status_changed");
    assert_eq!(changed.json()["status"], "CONTACTED");
    assert_ne!(changed.header("x-revenuedefenders-delivery"), delivery);
}

/// Returns a delivery of a lead with a name beyond ASCII, and the secret that signs it.
async fn delivered() -> (crate::harness::Received, String) {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let receiver = Receiver::new().await;
    let body = json!({ "url": receiver.url, "events": ["lead.created"], "contract": "revenueDefenders" });
    let subscription = caller.post("/v2/webhooks", body).await.expect(201);
    caller.post("/api/v1/leads", json!({ "name": "Zoë \"Z\" Åkesson 🏠", "phone": "+15551234567" })).await.expect(201);
    let received = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0);
    server.stop().await;
    (received, subscription["secret"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn our_receiver_rejects_forged_deliveries() {
    let (received, secret) = delivered().await;
    assert!(is_signed_with("revenueDefenders", &secret, &received));
    assert_eq!(received.header("webhook-signature"), standard_signature(&secret, &received));
    let other = format!("{}A=", &secret[..secret.len() - 2]);
    assert!(other == secret || !is_signed_with("revenueDefenders", &other, &received));
    let mut forged = received.clone();
    forged.body = received.body.iter().map(|byte| if *byte == b'Z' { b'z' } else { *byte }).collect::<Vec<_>>().into();
    assert_ne!(forged.body, received.body);
    assert!(!is_signed_with("revenueDefenders", &secret, &forged));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_example_verifies_deliveries() {
    let Some(document) = programs::document("revenue-defenders.txt") else { return };
    let Some(mut node) = programs::node() else { return };
    node.arg("revenue_defenders.mjs");
    let lines = programs::lines_of(&document, "import crypto from 'crypto';", "const payload = JSON.parse(rawBody);");
    let (received, secret) = delivered().await;
    let genuine = programs::shown_to_programs(&received);
    let mut forged = genuine.clone();
    forged["body"] = forged["body"].as_str().unwrap().replace("Zoë", "Zoe").into();
    let mut unsigned = genuine.clone();
    unsigned["headers"].as_object_mut().unwrap().remove("x-revenuedefenders-signature");
    let verdicts = programs::ask(
        node,
        &json!({
            "imports": lines[0], "example": lines[1..].join("\n"), "secret": secret,
            "deliveries": [genuine, forged, unsigned],
        }),
    );
    let rejected = json!({ "status": 401, "text": "Invalid signature" });
    assert_eq!(verdicts, json!([{ "payload": received.json() }, rejected, rejected]));
}
