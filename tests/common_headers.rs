//! Headers that every response has.

use crate::harness::{ApiResponse, Caller, server};
use http::Method;
use serde_json::{Value, json};
use std::collections::HashSet;

#[track_caller]
fn common_headers(reply: &ApiResponse) {
    assert!(!reply.header("x-request-id").is_empty());
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert_eq!(reply.header("access-control-allow-credentials"), "");
    if !reply.text.is_empty() {
        assert_eq!(reply.header("content-type"), "application/json");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_the_common_headers() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = native.post("/v2/keys", json!({ "name": "k", "scopes": ["leads:read"] })).await;
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    let large = vec![b' '; 1024 * 1024 + 1];
    let replies = [
        made,
        native.get("/v2/leads").await,
        native.delete(&format!("/v2/keys/{id}")).await,
        native.post("/v2/leads", json!({})).await,
        native.with_key("").get("/v2/leads").await,
        native.get("/v2/leads/018f0000-0000-7000-8000-000000000000").await,
        native.get("/nowhere").await,
        native.delete("/v2/me").await,
        native.with_key("").get("/v2/health").await,
        native.send(Method::OPTIONS, "/v2/leads", &[("Access-Control-Request-Method", "POST")], None).await,
        native.send(Method::HEAD, "/v2/leads", &[], None).await,
        native.send(Method::POST, "/v2/leads", &[], Some(large)).await,
        native.send(Method::POST, "/v2/leads", &[("Content-Encoding", "gzip")], Some(b"{}".to_vec())).await,
    ];
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [201, 200, 204, 400, 401, 404, 404, 405, 200, 204, 200, 413, 415]);
    for reply in &replies {
        common_headers(reply);
    }
    let ids: HashSet<_> = replies.iter().map(|reply| reply.header("x-request-id")).collect();
    assert_eq!(ids.len(), replies.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn head_works_where_get_does() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "A", "email": "a@example.com" })).await.expect(201);
    let lead = lead["id"].as_str().unwrap();
    let dispute = native.post("/v2/disputes", json!({ "reason": "GENERAL", "amountCents": 1 })).await.expect(201);
    let dispute = dispute["id"].as_str().unwrap();
    native.post("/v2/sequences", json!({ "leadId": lead })).await.expect(201);
    let template = json!({ "name": "One", "steps": [{ "day": 0, "text": "Hi" }] });
    let template = native.post("/v2/sequence-templates", template).await.expect(201);
    let template = template["id"].as_str().unwrap();
    let business = &server.credentials.native.business_id;
    let paths = [
        "/v2/leads".to_owned(),
        format!("/v2/leads/{lead}"),
        "/api/v1/leads".to_owned(),
        format!("/api/v1/leads/{lead}"),
        "/v2/disputes".to_owned(),
        format!("/v2/disputes/{dispute}"),
        format!("/api/v1/disputes/{dispute}"),
        "/v2/evidence".to_owned(),
        "/api/v1/evidence".to_owned(),
        "/v2/customers".to_owned(),
        "/v2/transactions".to_owned(),
        "/api/v1/developer/leads".to_owned(),
        format!("/api/v1/developer/leads/{lead}"),
        format!("/v1/leads/l_{}", lead.replace('-', "")),
        "/v1/leads/l_8f3a".to_owned(),
        "/v2/events?visitorId=v".to_owned(),
        "/v2/webhooks".to_owned(),
        "/v2/event-types".to_owned(),
        "/v2/event-types/lead.won/sample".to_owned(),
        "/v2/event-log".to_owned(),
        "/v2/deliveries".to_owned(),
        format!("/v2/leads/{lead}/sequence"),
        format!("/v2/leads/{lead}/messages"),
        "/v2/sequence-templates".to_owned(),
        format!("/v2/sequence-templates/{template}"),
        "/v2/analytics/kpis".to_owned(),
        "/v2/keys".to_owned(),
        "/v2/me".to_owned(),
        "/v2/businesses".to_owned(),
        format!("/v2/businesses/{business}"),
        "/v2/audit-log".to_owned(),
        "/v2/health".to_owned(),
        "/v2/leads/nonsense".to_owned(),
        "/v2/nowhere".to_owned(),
    ];
    for path in paths {
        let got = native.get(&path).await;
        let head = native.send(Method::HEAD, &path, &[], None).await;
        assert_eq!((head.status, head.text.as_str()), (got.status, ""), "{path}");
        common_headers(&head);
        assert_eq!(head.header("etag"), got.header("etag"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_405_with_allow() {
    let server = server().await;
    let native = Caller::native(&server);
    let id = "018f0000-0000-7000-8000-000000000000";
    let cases = [
        (Method::DELETE, "/v2/leads".to_owned(), ["GET", "HEAD", "POST"].as_slice()),
        (Method::PUT, format!("/v2/leads/{id}"), &["GET", "HEAD", "PATCH", "DELETE"]),
        (Method::GET, "/v2/test-data".to_owned(), &["DELETE"]),
        (Method::PATCH, format!("/api/v1/leads/{id}"), &["GET", "HEAD"]),
        (Method::GET, format!("/v2/webhooks/{id}/test"), &["POST"]),
        (Method::PATCH, format!("/api/v1/developer/leads/{id}"), &["GET", "HEAD"]),
        (Method::GET, "/api/v1/developer/events".to_owned(), &["POST"]),
        (Method::POST, format!("/v2/webhooks/{id}"), &["GET", "HEAD", "PATCH", "DELETE"]),
        (Method::POST, "/v2/deliveries".to_owned(), &["GET", "HEAD"]),
        (Method::GET, format!("/v2/keys/{id}/rotate"), &["POST"]),
        (Method::DELETE, format!("/v2/disputes/{id}"), &["GET", "HEAD", "PATCH"]),
        (Method::POST, "/api/v1/evidence".to_owned(), &["GET", "HEAD"]),
        (Method::OPTIONS, "/v2/me".to_owned(), &["GET", "HEAD"]),
        (Method::GET, "/v2/leads/batch".to_owned(), &["POST"]),
        (Method::GET, "/v1/leads".to_owned(), &["POST"]),
        (Method::DELETE, "/v1/leads/l_8f3a".to_owned(), &["GET", "HEAD", "PATCH"]),
        (Method::DELETE, "/v2/audit-log".to_owned(), &["GET", "HEAD"]),
        (Method::GET, "/v2/sequences".to_owned(), &["POST"]),
        (Method::GET, format!("/v2/sequences/{id}/stop"), &["POST"]),
        (Method::DELETE, format!("/v2/leads/{id}/sequence"), &["GET", "HEAD"]),
        (Method::POST, format!("/v2/leads/{id}/messages"), &["GET", "HEAD"]),
        (Method::PATCH, "/v2/sequence-templates".to_owned(), &["GET", "HEAD", "POST"]),
        (Method::PUT, format!("/v2/sequence-templates/{id}"), &["GET", "HEAD", "PATCH", "DELETE"]),
        (Method::GET, "/v1/sequences".to_owned(), &["POST"]),
        (Method::DELETE, "/v1/sequences/l_8f3a/stop".to_owned(), &["POST"]),
        (Method::GET, "/v2/webhooks/inbound".to_owned(), &["POST"]),
        (Method::PATCH, "/v2/webhooks/inbound-secret".to_owned(), &["POST"]),
        (Method::GET, "/v1/webhooks/inbound".to_owned(), &["POST"]),
    ];
    for (method, path, allowed) in cases {
        for caller in [native.clone(), native.with_key("")] {
            let reply = caller.send(method.clone(), &path, &[], None).await;
            assert_eq!(reply.status, 405, "{method} {path}");
            let said: HashSet<_> = reply.header("allow").split(',').map(str::trim).collect();
            assert_eq!(said, allowed.iter().copied().collect(), "{method} {path}");
            common_headers(&reply);
        }
    }
    let reply = native.delete("/v2/leads").await;
    assert_eq!(reply.json()["error"]["code"], "METHOD_NOT_ALLOWED");
    let reply = native.delete("/api/v1/leads").await;
    assert!(reply.json()["error"].is_string(), "in the shape of the called contract");
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_allows_any_origin_without_credentials() {
    let server = server().await;
    let anonymous = Caller::native(&server).with_key("");
    for path in ["/v2/leads", "/api/v1/leads", "/v1/leads", "/api/v1/developer/leads", "/v2/keys/x/rotate"] {
        let headers = [
            ("Origin", "https://shop.example"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key"),
        ];
        let reply = anonymous.send(Method::OPTIONS, path, &headers, None).await;
        assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{path}");
        common_headers(&reply);
        let names = |header: &str| -> HashSet<String> {
            reply.header(header).split(',').map(|name| name.trim().to_lowercase()).collect()
        };
        for method in ["get", "head", "post", "patch", "delete"] {
            assert!(names("access-control-allow-methods").contains(method), "{method}");
        }
        let allowed = names("access-control-allow-headers");
        for header in ["authorization", "content-type", "idempotency-key", "x-idempotency-key", "if-match"] {
            assert!(allowed.contains(header), "{header}");
        }
        for header in ["x-signature", "baggage", "sentry-trace", "traceparent"] {
            assert!(allowed.contains(header), "{header}");
        }
    }
    let reply = anonymous.send(Method::GET, "/v2/leads", &[("Origin", "https://shop.example")], None).await;
    assert_eq!(reply.status, 401);
    common_headers(&reply);
    let exposed = reply.header("access-control-expose-headers").to_lowercase();
    for header in ["x-request-id", "ratelimit", "ratelimit-policy", "x-ratelimit-remaining", "retry-after", "etag"] {
        assert!(exposed.split(',').any(|name| name.trim() == header), "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_base_path_picks_the_404_format() {
    let server = server().await;
    let native = Caller::native(&server);
    let shape = |reply: &ApiResponse| {
        let body = reply.expect(404);
        let error = &body["error"];
        let named = error["code"] == "NOT_FOUND" && error["message"].is_string();
        match error {
            Value::String(_) => "text",
            Value::Object(_) if named => "object",
            _ => panic!("{body}"),
        }
    };
    let cases = [
        ("/api/v1/nowhere", "text"),
        ("/api/v1", "text"),
        ("/api/v1/developers", "text"),
        ("/api/v1/developer/nowhere", "object"),
        ("/api/v1/developer", "object"),
        ("/v1/nowhere", "object"),
        ("/v2/nowhere", "object"),
        ("/v2/leads/", "object"),
        ("/api/v2/leads", "object"),
        ("/nowhere", "object"),
    ];
    for (path, expected) in cases {
        for caller in [native.clone(), native.with_key("")] {
            let reply = caller.get(path).await;
            assert_eq!(shape(&reply), expected, "{path}");
            common_headers(&reply);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_to_a_known_key_carry_rate_limits() {
    let server = server().await;
    let native = Caller::native(&server);
    let made =
        native.post("/v2/keys", json!({ "name": "k", "scopes": ["leads:read"], "tier": "free" })).await.expect(201);
    let free = native.with_key(made["key"].as_str().unwrap());
    let unknown = "/v2/leads/018f0000-0000-7000-8000-000000000000";
    let replies = [
        (free.get("/v2/leads").await, 200),
        (free.send(Method::HEAD, "/v2/leads", &[], None).await, 200),
        (free.get("/api/v1/leads").await, 200),
        (free.get("/v2/leads?limit=0").await, 400),
        (free.get(unknown).await, 404),
        (free.get("/v2/leads/nonsense").await, 400),
        (free.post("/v2/leads", json!({})).await, 403),
    ];
    for (reply, status) in &replies {
        assert_eq!(reply.status, *status);
        assert_eq!(reply.header("ratelimit-policy"), "\"minute\";q=60;w=60, \"day\";q=5000;w=86400");
        let number = |text: &str| text.parse::<i64>().unwrap();
        let windows: Vec<_> = reply.header("ratelimit").split(", ").collect();
        assert!(windows[0].starts_with("\"minute\";r=") && windows[1].starts_with("\"day\";r="), "{windows:?}");
        let left = number(windows[0].split(['=', ';']).nth(2).unwrap());
        assert!((0..60).contains(&left));
        assert_eq!(reply.header("x-ratelimit-limit"), "60");
        assert_eq!(number(reply.header("x-ratelimit-remaining")), left);
        let reset = number(reply.header("x-ratelimit-reset"));
        assert_eq!(reset % 60, 0, "the end of a UTC minute");
    }
    for (key, status) in [("", 401), ("nonsense", 401)] {
        let reply = native.with_key(key).get("/v2/leads").await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("ratelimit"), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_json_whatever_the_content_type() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = br#"{"name": "A", "email": "a@example.com"}"#;
    for content_type in ["application/json", "text/plain", "application/x-www-form-urlencoded", "rubbish"] {
        let reply =
            native.send(Method::POST, "/v2/leads", &[("Content-Type", content_type)], Some(body.to_vec())).await;
        assert_eq!(reply.status, 201, "{content_type}: {}", reply.text);
    }
    native.send(Method::POST, "/v2/leads", &[("Content-Encoding", "identity")], Some(body.to_vec())).await.expect(201);
    let bad = [b"".as_slice(), b"{", b"[]", b"\"text\"", b"null", b"\xff\xfe", b"{} {}"];
    for body in bad {
        let reply = native.send(Method::POST, "/v2/leads", &[], Some(body.to_vec())).await;
        assert_eq!(reply.expect(400)["error"]["details"][0]["field"], "body", "{body:?}");
    }
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    native.send(Method::POST, "/v2/leads", &[], Some(deep)).await.expect(400);
}
