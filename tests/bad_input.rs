//! Whatever comes in, the answer says what is wrong in the called contract's own shape, names the field, and is never
//! a 5xx.

use crate::harness::{Caller, Reply, unlimited_server};
use local::LocalServer;
use reqwest::Method;
use serde_json::{Value, json};

/// The contracts' own shapes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Native,
    RevenueDefenders,
    /// LeadRescue's, which is VendorPad's too.
    Fields,
}

/// Fails unless the answer is such a refusal; answers with the names of the fields that it names.
#[track_caller]
fn refused(reply: &Reply, status: u16, shape: Shape) -> Vec<String> {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert!(!reply.header("x-request-id").is_empty());
    let body = reply.json();
    let only = |value: &Value, allowed: &[&str]| {
        let names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        assert!(names.iter().all(|name| allowed.contains(&name.as_str())), "{names:?} in {}", reply.text);
    };
    only(&body, &["error"]);
    match shape {
        Shape::RevenueDefenders => {
            let text = body["error"].as_str().unwrap();
            assert!(!text.is_empty());
            text.trim_end_matches('.').split("; ").map(|part| part.split(' ').next().unwrap().to_owned()).collect()
        }
        Shape::Native => {
            only(&body["error"], &["code", "message", "details"]);
            assert!(!body["error"]["code"].as_str().unwrap().is_empty());
            assert!(!body["error"]["message"].as_str().unwrap().is_empty());
            let details = body["error"]["details"].as_array().cloned().unwrap_or_default();
            details.iter().map(|detail| detail["field"].as_str().unwrap().to_owned()).collect()
        }
        Shape::Fields => {
            only(&body["error"], &["code", "message", "fields"]);
            assert!(!body["error"]["code"].as_str().unwrap().is_empty());
            body["error"]["fields"].as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
        }
    }
}

/// Where leads come in, in the contracts that are tried.
fn doors(server: &LocalServer) -> [(Caller, &'static str, Shape); 2] {
    [
        (Caller::native(server), "/v2/leads", Shape::Native),
        (Caller::revenue_defenders(server), "/api/v1/leads", Shape::RevenueDefenders),
    ]
}

async fn post_raw(caller: &Caller, path: &str, body: impl Into<Vec<u8>>) -> Reply {
    caller.send(Method::POST, path, &[], Some(body.into())).await
}

fn jane_with(field: &str, value: Value) -> Value {
    let mut body = json!({ "name": "Jane Smith", "email": "jane@example.com" });
    body[field] = value;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_a_json_object_is_400() {
    let server = unlimited_server().await;
    let deep = |open: &str, close: &str| format!("{{\"a\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
    for (caller, path, shape) in doors(&server) {
        for body in [
            b"".to_vec(),
            b"  \n ".to_vec(),
            b"{".to_vec(),
            b"{\"name\": \"Jane\",}".to_vec(),
            b"{\"name\": 'Jane'}".to_vec(),
            b"{} {}".to_vec(),
            b"null".to_vec(),
            b"[]".to_vec(),
            b"\"text\"".to_vec(),
            b"17".to_vec(),
            b"name=Jane&email=jane@example.com".to_vec(),
            b"{\"name\": \"Jane\xff\xfe\", \"email\": \"jane@example.com\"}".to_vec(),
            b"{\"name\": \"\\ud800\", \"email\": \"jane@example.com\"}".to_vec(),
            b"\xef\xbb\xbf{\"name\": \"Jane\"}".to_vec(),
            b"\0".to_vec(),
            deep("[", "]").into_bytes(),
            deep("{\"a\":", "}").into_bytes(),
        ] {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let fields = refused(&post_raw(&caller, path, body).await, 400, shape);
            assert_eq!(fields[0], "body", "{shown}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_lead_fields_are_named() {
    let server = unlimited_server().await;
    let long = |count: usize| json!("x".repeat(count));
    let common = [
        ("name", json!(7)),
        ("name", json!("")),
        ("name", json!("   ")),
        ("name", json!(null)),
        ("name", json!(["Jane"])),
        ("name", json!("Jane\u{0}Smith")),
        ("name", long(201)),
        ("email", json!(true)),
        ("email", json!("jane")),
        ("email", json!("jane@localhost")),
        ("email", json!("a b@example.com")),
        ("email", json!({ "address": "jane@example.com" })),
        ("email", json!(format!("{}@example.com", "x".repeat(250)))),
        ("phone", json!(15_551_234_567_u64)),
        ("phone", json!("call me")),
        ("phone", json!("12")),
        ("phone", long(41)),
        ("message", json!(1)),
        ("message", long(4_001)),
        ("serviceInterest", json!([])),
        ("serviceInterest", long(201)),
        ("source", json!("web form")),
        ("source", json!(3)),
        ("source", long(65)),
        ("businessId", json!("first")),
        ("businessId", json!(1)),
    ];
    let native = [
        ("category", json!("CAR")),
        ("category", json!(1)),
        ("utm", json!("google")),
        ("consent", json!(true)),
        ("attributes", json!([])),
        ("attributes", json!({ "nested": { "a": 1 } })),
        ("attributes", json!({ "": 1 })),
        ("attributes", json!({ "list": [1] })),
        ("attributes", json!({ "long": "x".repeat(1_001) })),
        ("attributes", Value::Object((0..1_000).map(|number| (format!("key{number}"), json!(number))).collect())),
    ];
    for (caller, path, shape) in doors(&server) {
        let own = if shape == Shape::Native { &native[..] } else { &[] };
        for (field, value) in common.iter().chain(own) {
            let fields = refused(&caller.post(path, jane_with(field, value.clone())).await, 400, shape);
            assert_eq!(fields, [*field], "{value}");
        }
        assert_eq!(refused(&caller.post(path, json!({})).await, 400, shape), ["name", "email"]);
        assert_eq!(refused(&caller.post(path, json!({ "name": "Jane" })).await, 400, shape), ["email"]);
        assert_eq!(refused(&caller.post(path, json!({ "email": "jane@example.com" })).await, 400, shape), ["name"]);
        let all = json!({ "name": 1, "email": 2, "phone": 3, "message": 4 });
        assert_eq!(refused(&caller.post(path, all).await, 400, shape), ["name", "email", "phone", "message"]);
    }
    let (caller, path, shape) = &doors(&server)[0];
    for (field, value) in [
        ("utm.source", json!({ "utm": { "source": 1 } })),
        ("utm.term", json!({ "utm": { "term": "x".repeat(201) } })),
        ("consent.given", json!({ "consent": {} })),
        ("consent.given", json!({ "consent": { "given": "yes" } })),
        ("consent.text", json!({ "consent": { "given": true, "text": "x".repeat(2_001) } })),
    ] {
        let mut body = json!({ "name": "Jane", "email": "jane@example.com" });
        body.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        assert_eq!(refused(&caller.post(path, body).await, 400, *shape), [field]);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_lead_rescue_fields_are_named() {
    let server = unlimited_server().await;
    let caller = Caller::lead_rescue(&server);
    let good = || json!({ "customer_name": "Anna Karlsson", "phone": "+46701234567" });
    let long = |count: usize| json!("x".repeat(count));
    for (field, value) in [
        ("customer_name", json!(null)),
        ("customer_name", json!(7)),
        ("customer_name", json!("  ")),
        ("customer_name", json!("Anna\u{0}")),
        ("customer_name", long(201)),
        ("phone", json!(null)),
        ("phone", json!(46_701_234_567_u64)),
        ("phone", json!("")),
        ("phone", json!("070-123 45 67")),
        ("phone", json!("0046701234567")),
        ("phone", json!("+46 701234567")),
        ("phone", json!("+46")),
        ("phone", json!("+467012345678901234")),
        ("phone", json!("+٤٦٧٠١٢٣٤٥٦٧")),
        ("phone", long(41)),
        ("car_model", json!(5)),
        ("car_model", json!("two\nlines")),
        ("car_model", long(201)),
        ("consent", json!("true")),
        ("consent", json!(1)),
        ("license_photo_b64", json!("...")),
        ("license_photo_b64", json!({})),
    ] {
        let mut body = good();
        body[field] = value.clone();
        assert_eq!(refused(&caller.post("/v1/leads", body).await, 400, Shape::Fields), [field], "{value}");
    }
    let all = json!({ "customer_name": 1, "phone": 2, "car_model": 3, "consent": 4, "license_photo_b64": 5 });
    assert_eq!(
        refused(&caller.post("/v1/leads", all).await, 400, Shape::Fields),
        ["car_model", "consent", "customer_name", "license_photo_b64", "phone"]
    );
    for body in ["", "[]", "{", "\u{0}"] {
        assert_eq!(refused(&post_raw(&caller, "/v1/leads", body).await, 400, Shape::Fields), ["body"]);
    }
    refused(&post_raw(&caller, "/v1/leads", vec![b' '; 5_900_001]).await, 413, Shape::Fields);
    let reply = caller.send(Method::POST, "/v1/leads", &[("Content-Encoding", "gzip")], Some(b"{}".to_vec())).await;
    refused(&reply, 415, Shape::Fields);
    let lead = caller.post("/v1/leads", good()).await.expect(201);
    let path = format!("/v1/leads/{}", lead["id"].as_str().unwrap());
    for body in [json!({}), json!({ "status": null }), json!({ "status": "NEW" }), json!({ "status": ["closed"] })] {
        assert_eq!(refused(&caller.patch(&path, body.clone()).await, 400, Shape::Fields), ["status"], "{body}");
    }
    assert_eq!(caller.get(&path).await.expect(200), lead, "nothing has changed");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_lead_change_fields_are_named() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    for (field, body) in [
        ("body", json!({})),
        ("body", json!({ "unknown": 1 })),
        ("status", json!({ "status": "CONVERTED" })),
        ("status", json!({ "status": "won" })),
        ("status", json!({ "status": null })),
        ("status", json!({ "status": 1 })),
        ("name", json!({ "name": null })),
        ("name", json!({ "name": "" })),
        ("email", json!({ "email": "x" })),
        ("email", json!({ "email": null })),
        ("phone", json!({ "phone": "x" })),
        ("category", json!({ "category": null })),
        ("source", json!({ "source": "no" })),
        ("consent", json!({ "consent": "yes" })),
        ("utm", json!({ "utm": [] })),
        ("attributes", json!({ "attributes": "x" })),
    ] {
        assert_eq!(refused(&native.patch(&path, body.clone()).await, 400, Shape::Native), [field], "{body}");
    }
    for body in ["", "[]", "{", "\u{0}"] {
        let reply = native.send(Method::PATCH, &path, &[], Some(body.as_bytes().to_vec())).await;
        assert_eq!(refused(&reply, 400, Shape::Native), ["body"]);
    }
    assert_eq!(native.get(&path).await.expect(200), lead, "nothing has changed");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_account_and_webhook_fields_are_named() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let webhook = |field: &str, value: Value| {
        let mut body = json!({ "url": "http://127.0.0.1:9999/", "events": ["*"] });
        body[field] = value;
        body
    };
    let key = |field: &str, value: Value| {
        let mut body = json!({ "name": "ci", "scopes": ["leads:read"] });
        body[field] = value;
        body
    };
    let business = |field: &str, value: Value| {
        let mut body = json!({ "name": "Other", "country": "SE" });
        body[field] = value;
        body
    };
    let long = "x".repeat(3_000);
    for (path, field, body) in [
        ("/v2/webhooks", "url", webhook("url", json!(1))),
        ("/v2/webhooks", "url", webhook("url", json!(null))),
        ("/v2/webhooks", "url", webhook("url", json!("nonsense"))),
        ("/v2/webhooks", "url", webhook("url", json!("ftp://example.com/"))),
        ("/v2/webhooks", "url", webhook("url", json!(format!("https://example.com/{long}")))),
        ("/v2/webhooks", "url", webhook("url", json!("http://10.0.0.1/"))),
        ("/v2/webhooks", "events", webhook("events", json!(null))),
        ("/v2/webhooks", "events", webhook("events", json!([]))),
        ("/v2/webhooks", "events", webhook("events", json!("*"))),
        ("/v2/webhooks", "events", webhook("events", json!(["lead.exploded"]))),
        ("/v2/webhooks", "events", webhook("events", json!([1]))),
        ("/v2/webhooks", "events", webhook("events", json!(["*", "ping"]))),
        ("/v2/webhooks", "contract", webhook("contract", json!("soap"))),
        ("/v2/webhooks", "businessId", webhook("businessId", json!("x"))),
        ("/v2/keys", "name", key("name", json!(null))),
        ("/v2/keys", "name", key("name", json!(long))),
        ("/v2/keys", "scopes", key("scopes", json!([]))),
        ("/v2/keys", "scopes", key("scopes", json!(null))),
        ("/v2/keys", "scopes", key("scopes", json!(["leads:eat"]))),
        ("/v2/keys", "scopes", key("scopes", json!("leads:read"))),
        ("/v2/keys", "mode", key("mode", json!("dry"))),
        ("/v2/keys", "tier", key("tier", json!("gold"))),
        ("/v2/keys", "contract", key("contract", json!("soap"))),
        ("/v2/keys", "expiresAt", key("expiresAt", json!("yesterday"))),
        ("/v2/keys", "expiresAt", key("expiresAt", json!("2020-01-01T00:00:00Z"))),
        ("/v2/keys", "businessId", key("businessId", json!("x"))),
        ("/v2/businesses", "name", business("name", json!(null))),
        ("/v2/businesses", "country", business("country", json!("Sweden"))),
        ("/v2/businesses", "country", business("country", json!(1))),
        ("/v2/businesses", "timeZone", business("timeZone", json!("Mars/Olympus"))),
        ("/v2/businesses", "currency", business("currency", json!("coins"))),
        ("/v2/businesses", "channels", business("channels", json!(["PIGEON"]))),
        ("/v2/businesses", "brandId", business("brandId", json!(0))),
        ("/v2/businesses", "brandId", business("brandId", json!("7"))),
        ("/v2/businesses", "brandId", business("brandId", json!(1.5))),
        ("/v2/businesses", "brandId", business("brandId", json!(1_u64 << 40))),
    ] {
        let fields = refused(&native.post(path, body.clone()).await, 400, Shape::Native);
        assert!(fields.iter().all(|named| named == field) && !fields.is_empty(), "{fields:?} for {path} {body}");
    }
    let subscription = native.subscribe("http://127.0.0.1:9999/").await;
    let path = format!("/v2/webhooks/{}", subscription["id"].as_str().unwrap());
    for (field, below, body) in [
        ("status", "", json!({ "status": "BROKEN" })),
        ("contract", "", json!({ "contract": "native", "status": "ENABLED" })),
        ("body", "", json!({})),
        ("overlapSeconds", "/rotate-secret", json!({ "overlapSeconds": -1 })),
        ("overlapSeconds", "/rotate-secret", json!({ "overlapSeconds": "1" })),
        ("overlapSeconds", "/rotate-secret", json!({ "overlapSeconds": 1e300 })),
        ("since", "/recover", json!({})),
        ("since", "/recover", json!({ "since": "then" })),
        ("since", "/recover", json!({ "since": "2026-01-02", "until": "2026-01-01" })),
        ("since", "/recover", json!({ "since": "9998-01-01" })),
    ] {
        let reply = if below.is_empty() {
            native.patch(&path, body.clone()).await
        } else {
            native.post(&format!("{path}{below}"), body.clone()).await
        };
        assert_eq!(refused(&reply, 400, Shape::Native), [field], "{body}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_and_encoded_bodies_are_rejected() {
    let server = unlimited_server().await;
    for (caller, path, shape) in doors(&server) {
        let large = |bytes: usize| {
            let frame = json!({ "name": "Jane", "email": "jane@example.com", "more": "" }).to_string().len();
            json!({ "name": "Jane", "email": "jane@example.com", "more": "x".repeat(bytes - frame) }).to_string()
        };
        refused(&post_raw(&caller, path, large(1_048_577)).await, 413, shape);
        refused(&post_raw(&caller, path, vec![b'x'; 3_000_000]).await, 413, shape);
        assert_eq!(post_raw(&caller, path, large(1_048_576)).await.status, 201, "what fits is read");
        let body = || Some(json!({ "name": "Jane", "email": "jane@example.com" }).to_string().into_bytes());
        for encoding in ["gzip", "br", "deflate, gzip", "nonsense"] {
            let reply = caller.send(Method::POST, path, &[("Content-Encoding", encoding)], body()).await;
            refused(&reply, 415, shape);
        }
        for (name, value) in [
            ("Content-Type", "text/plain"),
            ("Content-Type", "application/xml; charset=utf-16"),
            ("Content-Type", "nonsense"),
            ("Content-Encoding", "identity"),
            ("Accept", "text/html"),
            ("Accept-Encoding", "zstd"),
            ("If-None-Match", "\"\u{1}".trim_end_matches('\u{1}')),
            ("Range", "bytes=0-1"),
            ("X-Forwarded-For", "999.999.999.999, <script>"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("Expect", "nothing"),
        ] {
            let reply = caller.send(Method::POST, path, &[(name, value)], body()).await;
            assert_eq!(reply.status, 201, "{name}: {value}: {}", reply.text);
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_methods_use_contract_errors() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for (path, shape) in [
        ("/", Shape::Native),
        ("/v2", Shape::Native),
        ("/v2/nothing", Shape::Native),
        ("/v2/leads/", Shape::Native),
        ("/v2//leads", Shape::Native),
        ("/v3/leads", Shape::Native),
        ("/v2/leads/a/b/c", Shape::Native),
        ("/v2/leads/../keys/x", Shape::Native),
        ("/%", Shape::Native),
        ("/api/v1", Shape::RevenueDefenders),
        ("/api/v1/nothing", Shape::RevenueDefenders),
        ("/api/v1/developers", Shape::RevenueDefenders),
        ("/v1/nothing", Shape::Fields),
        ("/v1", Shape::Fields),
        ("/api/v1/developer/nothing", Shape::Fields),
        ("/api/v1/developer", Shape::Fields),
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PUT] {
            let reply = native.send(method.clone(), path, &[], None).await;
            assert!(refused(&reply, if path == "/v2/leads/../keys/x" { reply.status } else { 404 }, shape).len() <= 1);
        }
        assert_eq!(native.with_key("").get(path).await.status / 100, 4);
    }
    for (path, allowed, shape) in [
        ("/v2/leads", "GET,HEAD,POST", Shape::Native),
        ("/v2/leads/3f2504e0-4f89-41d3-9a0c-0305e82c3301", "DELETE,GET,HEAD,PATCH", Shape::Native),
        ("/v2/health", "GET,HEAD", Shape::Native),
        ("/v2/webhooks/x/test", "POST", Shape::Native),
        ("/api/v1/leads", "GET,HEAD,POST", Shape::RevenueDefenders),
    ] {
        for method in [Method::PUT, Method::from_bytes(b"BREW").unwrap(), Method::TRACE] {
            let reply = native.send(method, path, &[], None).await;
            refused(&reply, 405, shape);
            let mut methods: Vec<_> = reply.header("allow").split(',').map(str::trim).collect();
            methods.sort_unstable();
            assert_eq!(methods.join(","), allowed, "{path}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_query_parameters_are_named() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let revenue_defenders = Caller::revenue_defenders(&server);
    for number in 0..3 {
        for (caller, path, _) in doors(&server) {
            caller.post(path, json!({ "name": format!("Jane {number}"), "phone": "+15551234567" })).await.expect(201);
        }
    }
    let cursor = |page: &Value| {
        let next = page.get("nextCursor").unwrap_or(&page["pagination"]["nextCursor"]);
        next.as_str().unwrap().to_owned()
    };
    let of_leads = cursor(&native.get("/v2/leads?limit=1").await.expect(200));
    let of_new = cursor(&native.get("/v2/leads?limit=1&status=NEW").await.expect(200));
    let of_theirs = cursor(&revenue_defenders.get("/api/v1/leads?limit=1").await.expect(200));
    native.get(&format!("/v2/leads?limit=2&cursor={of_leads}")).await.expect(200);
    let cases = [
        ("limit", "/v2/leads?limit=0".to_owned()),
        ("limit", "/v2/leads?limit=101".to_owned()),
        ("limit", "/v2/leads?limit=-1".to_owned()),
        ("limit", "/v2/leads?limit=ten".to_owned()),
        ("limit", "/v2/leads?limit=".to_owned()),
        ("limit", "/v2/leads?limit=99999999999999999999".to_owned()),
        ("limit", "/v2/keys?limit=0".to_owned()),
        ("limit", "/v2/deliveries?limit=1.5".to_owned()),
        ("status", "/v2/leads?status=OPEN".to_owned()),
        ("status", "/v2/leads?status=new".to_owned()),
        ("category", "/v2/leads?category=CARS".to_owned()),
        ("source", "/v2/leads?source=web%20form".to_owned()),
        ("email", "/v2/leads?email=jane".to_owned()),
        ("businessId", "/v2/leads?businessId=1".to_owned()),
        ("createdFrom", "/v2/leads?createdFrom=2026-02-30".to_owned()),
        ("createdFrom", "/v2/leads?createdFrom=2026-13-01T00:00:00Z".to_owned()),
        ("createdTo", "/v2/leads?createdTo=tomorrow".to_owned()),
        ("createdFrom", "/v2/leads?createdFrom=2026-02-02&createdTo=2026-02-01".to_owned()),
        ("webhookId", "/v2/deliveries?webhookId=x".to_owned()),
        ("status", "/v2/deliveries?status=LOST".to_owned()),
        ("event", "/v2/deliveries?event=lead.exploded".to_owned()),
        ("createdFrom", "/v2/deliveries?createdFrom=2026-02-02&createdTo=2026-02-01".to_owned()),
        ("cursor", "/v2/leads?cursor=".to_owned()),
        ("cursor", "/v2/leads?cursor=nonsense".to_owned()),
        ("cursor", "/v2/leads?cursor=%00%ff".to_owned()),
        ("cursor", format!("/v2/leads?cursor={}", "A".repeat(5_000))),
        ("cursor", format!("/v2/leads?status=NEW&cursor={of_leads}")),
        ("cursor", format!("/v2/leads?cursor={of_new}")),
        ("cursor", format!("/v2/leads?status=WON&cursor={of_new}")),
        ("cursor", format!("/v2/leads?cursor={of_theirs}")),
        ("cursor", format!("/v2/keys?cursor={of_leads}")),
        ("cursor", format!("/v2/deliveries?cursor={of_leads}")),
        ("cursor", format!("/v2/webhooks?cursor={of_leads}")),
        ("cursor", format!("/v2/businesses?cursor={of_leads}")),
        ("cursor", format!("/v2/leads?cursor={}", &of_leads[2..])),
    ];
    for (field, path) in &cases {
        let fields = refused(&native.get(path).await, 400, Shape::Native);
        assert_eq!(fields, [*field], "{path}");
    }
    assert_eq!(
        refused(&Caller::native_test(&server).get(&format!("/v2/leads?cursor={of_leads}")).await, 400, Shape::Native),
        ["cursor"]
    );
    for (field, path) in [
        ("limit", "/api/v1/leads?limit=0".to_owned()),
        ("limit", "/api/v1/leads?limit=201".to_owned()),
        ("status", "/api/v1/leads?status=OPEN".to_owned()),
        ("cursor", format!("/api/v1/leads?cursor={of_leads}")),
        ("businessId", "/api/v1/leads?businessId=x".to_owned()),
    ] {
        assert_eq!(refused(&revenue_defenders.get(&path).await, 400, Shape::RevenueDefenders), [field], "{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tampered_cursors_are_400() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let subscription = native.subscribe("http://127.0.0.1:9999/").await;
    let ping = format!("/v2/webhooks/{}/test", subscription["id"].as_str().unwrap());
    for number in 0..3 {
        native.post("/v2/leads", jane_with("message", json!(number.to_string()))).await.expect(201);
        native.post("/v2/businesses", json!({ "name": "B", "country": "SE" })).await.expect(201);
        native.post(&ping, json!({})).await.expect(202);
        native.subscribe("http://127.0.0.1:9999/").await;
        native.post("/v2/keys", json!({ "name": "ci", "scopes": ["leads:read"] })).await.expect(201);
        native.post("/v2/disputes", json!({ "reason": "GENERAL", "amountCents": 1 })).await.expect(201);
        native.post("/v2/evidence", json!({ "category": "PHOTO" })).await.expect(201);
    }
    for path in [
        "/v2/disputes?limit=1",
        "/v2/disputes?limit=1&status=OPEN",
        "/v2/evidence?limit=1&category=PHOTO",
        "/v2/leads?limit=1",
        "/v2/leads?limit=1&createdFrom=2020-01-01&createdTo=2090-01-01",
        "/v2/leads?limit=1&status=NEW",
        "/v2/deliveries?limit=1",
        "/v2/deliveries?limit=1&createdFrom=2020-01-01&createdTo=2090-01-01",
        "/v2/keys?limit=1",
        "/v2/webhooks?limit=1",
        "/v2/businesses?limit=1",
        "/v2/audit-log?limit=1",
        "/v2/audit-log?limit=1&action=key.created&createdFrom=2020-01-01&createdTo=2090-01-01",
    ] {
        let page = native.get(path).await.expect(200);
        let cursor = page["pagination"]["nextCursor"].as_str().unwrap_or_else(|| panic!("{path}: {page}"));
        let genuine: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
        for after in [
            "",
            "0",
            "#",
            "x#y",
            "~~~~",
            "0000000000000#3f2504e04f8941d39a0c0305e82c3301",
            "9999999999999#3f2504e04f8941d39a0c0305e82c3301",
            "1779710400000#",
            "00000000000000000000000000000000",
            "ffffffffffffffffffffffffffffffff",
            "\u{0}\u{ffff}",
            &"9".repeat(300),
        ] {
            let mut tampered = genuine.clone();
            tampered["after"] = json!(after);
            let tampered = URL_SAFE_NO_PAD.encode(tampered.to_string());
            let reply = native.get(&format!("{path}&cursor={tampered}")).await;
            assert!([200, 400].contains(&reply.status), "{} for {after:?} in {path}: {}", reply.status, reply.text);
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_and_foreign_ids_are_indistinguishable() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let others = Caller::revenue_defenders(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let subscription = native.subscribe("http://127.0.0.1:9999/").await;
    let key = native.post("/v2/keys", json!({ "name": "ci", "scopes": ["leads:read"] })).await.expect(201);
    let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
    let malformed = [
        "x",
        "1",
        "l_3f2504e04f8941d39a0c0305e82c3301",
        "%00",
        "%ff%fe",
        "..%2f..",
        "3f2504e0-4f89-41d3-9a0c-0305e82c330",
    ];
    for bad in malformed {
        for (field, path) in [
            ("leadId", format!("/v2/leads/{bad}")),
            ("webhookId", format!("/v2/webhooks/{bad}")),
            ("deliveryId", format!("/v2/deliveries/{bad}")),
            ("keyId", format!("/v2/keys/{bad}")),
            ("businessId", format!("/v2/businesses/{bad}")),
        ] {
            assert_eq!(refused(&native.get(&path).await, 400, Shape::Native), [field], "{path}");
        }
        refused(&others.get(&format!("/api/v1/leads/{bad}")).await, 404, Shape::RevenueDefenders);
        refused(&others.get(&format!("/v1/leads/{bad}")).await, 404, Shape::Fields);
    }
    let nobodys = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let mut texts = Vec::new();
    for (caller, path, shape) in [
        (&native, format!("/v2/leads/{nobodys}"), Shape::Native),
        (&others, format!("/v2/leads/{}", id(&lead)), Shape::Native),
        (&Caller::native_test(&server), format!("/v2/leads/{}", id(&lead)), Shape::Native),
        (&others, format!("/v2/webhooks/{}", id(&subscription)), Shape::Native),
        (&others, format!("/v2/keys/{}", id(&key)), Shape::Native),
        (&others, format!("/v2/businesses/{}", server.credentials.native.business_id), Shape::Native),
        (&others, format!("/v2/deliveries/{nobodys}"), Shape::Native),
        (&others, format!("/api/v1/leads/{}", id(&lead)), Shape::RevenueDefenders),
    ] {
        let reply = caller.get(&path).await;
        refused(&reply, 404, shape);
        texts.push(reply.text);
    }
    assert_eq!(texts[0], texts[1], "whether it exists or not");
    for (method, path, body) in [
        (Method::PATCH, format!("/v2/leads/{}", id(&lead)), json!({ "status": "WON" })),
        (Method::PATCH, format!("/v2/webhooks/{}", id(&subscription)), json!({ "status": "DISABLED" })),
        (Method::DELETE, format!("/v2/webhooks/{}", id(&subscription)), json!({})),
        (Method::POST, format!("/v2/webhooks/{}/rotate-secret", id(&subscription)), json!({})),
        (Method::POST, format!("/v2/webhooks/{}/test", id(&subscription)), json!({})),
        (Method::DELETE, format!("/v2/keys/{}", id(&key)), json!({})),
        (Method::POST, format!("/v2/keys/{}/rotate", id(&key)), json!({})),
    ] {
        let reply = others.send(method, &path, &[], Some(body.to_string().into_bytes())).await;
        refused(&reply, 404, Shape::Native);
    }
    // A business that is another's: 403 in Revenue Defenders, 404 elsewhere.
    let foreign = jane_with("businessId", json!(server.credentials.native.business_id));
    refused(&others.post("/api/v1/leads", foreign.clone()).await, 403, Shape::RevenueDefenders);
    refused(&others.post("/v2/leads", foreign).await, 404, Shape::Native);
    let path = format!("?businessId={}", server.credentials.native.business_id);
    refused(&others.get(&format!("/api/v1/leads{path}")).await, 403, Shape::RevenueDefenders);
    refused(&others.get(&format!("/v2/leads{path}")).await, 404, Shape::Native);
    assert_eq!(native.get(&format!("/v2/leads/{}", id(&lead))).await.expect(200), lead);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_keys_are_401_in_each_contract() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for (path, shape) in [("/v2/leads", Shape::Native), ("/api/v1/leads", Shape::RevenueDefenders)] {
        let flipped =
            format!("{}{}", &native.key[..native.key.len() - 1], if native.key.ends_with('0') { "1" } else { "0" });
        for key in [
            "x",
            "lh_live_",
            "Bearer",
            &flipped,
            &"k".repeat(5_000),
            "lh_live_00000000_00000000000000000000000000000000000000000000",
        ] {
            let reply = native.with_key(key).get(path).await;
            refused(&reply, 401, shape);
            assert_eq!(reply.header("www-authenticate"), "Bearer");
        }
        let none = native.with_key("");
        refused(&none.get(path).await, 401, shape);
        for value in ["", "Bearer", "Bearer ", "Basic eDp5", &format!("Token {}", native.key), &native.key] {
            let reply = none.send(Method::GET, path, &[("Authorization", value)], None).await;
            refused(&reply, 401, shape);
        }
        let twice = native.send(Method::GET, path, &[("Authorization", "Bearer x")], None).await;
        refused(&twice, 401, shape);
        let spaced = format!("bEaReR   {} ", native.key);
        assert_eq!(none.send(Method::GET, path, &[("Authorization", &spaced)], None).await.status, 200);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_template_fields_are_named() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let path = "/v2/sequence-templates";
    let step = |day: u16, text: &str| json!({ "day": day, "text": text });
    let with = |field: &str, value: Value| {
        let mut body = json!({ "name": "Mine", "category": "EVENT", "steps": [step(0, "Hi")] });
        body[field] = value;
        body
    };
    let steps = |steps: Value| with("steps", steps);
    let first = |field: &str, value: Value| {
        let mut only = step(0, "Hi");
        only[field] = value;
        steps(json!([only]))
    };
    let bad = [
        ("name", with("name", json!(null))),
        ("name", with("name", json!(7))),
        ("name", with("name", json!("x".repeat(201)))),
        ("category", with("category", json!("CAR"))),
        ("businessId", with("businessId", json!("mine"))),
        ("steps", with("steps", json!(null))),
        ("steps", steps(json!("Hi"))),
        ("steps", steps(json!({ "day": 0, "text": "Hi" }))),
        ("steps", steps(json!([]))),
        ("steps[1]", steps(json!([step(0, "Hi"), "Hi"]))),
        ("steps", steps((0..13).map(|day| step(day, "Hi")).collect())),
        ("steps", steps(json!([step(3, "Hi"), step(1, "Hi")]))),
        ("steps", steps(json!([step(3, "Hi"), step(3, "Hi")]))),
        ("steps[0].day", first("day", json!(null))),
        ("steps[0].day", first("day", json!(366))),
        ("steps[0].day", first("day", json!(-1))),
        ("steps[0].day", first("day", json!("0"))),
        ("steps[0].day", first("day", json!(0.5))),
        ("steps[0].channel", first("channel", json!("PIGEON"))),
        ("steps[0].channel", first("channel", json!(["SMS"]))),
        ("steps[0].subject", first("subject", json!("two\nlines"))),
        ("steps[0].subject", first("subject", json!("x".repeat(201)))),
        ("steps[0].text", first("text", json!(null))),
        ("steps[0].text", first("text", json!("  "))),
        ("steps[0].text", first("text", json!(["Hi"]))),
        ("steps[0].text", first("text", json!("x".repeat(1_001)))),
        ("steps[0].text", first("text", json!("Hi {{phone}}"))),
        ("steps[0].text", first("text", json!("Hi {{}}"))),
        ("steps[0].text", first("text", json!("Hi {{first_name"))),
        ("steps[0].text", first("text", json!("Hi first_name}}"))),
        ("steps[1].text", steps(json!([step(0, "Hi"), step(365, "{{First_Name}}")]))),
    ];
    for (field, body) in &bad {
        assert_eq!(refused(&native.post(path, body.clone()).await, 400, Shape::Native), [*field], "{body}");
    }
    assert_eq!(native.get(path).await.expect(200)["data"], json!([]), "nothing was made");
    let most: Value = (0..12).map(|number| step(number * 33, &"x".repeat(1_000))).collect();
    native.post(path, steps(most)).await.expect(201);
    let made = native.post(path, steps(json!([step(365, "{{ first_name }}, {{car_model|it}}")]))).await.expect(201);
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    for (field, body) in bad.iter().filter(|(field, _)| field.starts_with("steps")) {
        let change = json!({ "steps": body["steps"] });
        assert_eq!(refused(&native.patch(&one, change).await, 400, Shape::Native), [*field], "{body}");
    }
    for (field, body) in [("body", json!({})), ("body", json!({ "businessId": 1 })), ("name", json!({ "name": null }))]
    {
        assert_eq!(refused(&native.patch(&one, body.clone()).await, 400, Shape::Native), [field], "{body}");
    }
    assert_eq!(native.get(&one).await.expect(200), made, "nothing has changed");
    for query in ["category=CAR", "builtIn=1", "businessId=x", "limit=0", "cursor=x"] {
        let named = refused(&native.get(&format!("{path}?{query}")).await, 400, Shape::Native);
        assert_eq!(named, [query.split('=').next().unwrap()]);
    }
    // What the house has built in is nobody's to change.
    let built_in = native.get(&format!("{path}?builtIn=true")).await.expect(200)["data"][0].clone();
    let path = format!("{path}/{}", built_in["id"].as_str().unwrap());
    refused(&native.patch(&path, json!({ "name": "Mine" })).await, 409, Shape::Native);
    refused(&native.delete(&path).await, 409, Shape::Native);
    assert_eq!(native.get(&path).await.expect(200), built_in);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_sequence_starts_are_rejected() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let rescue = Caller::lead_rescue(&server);
    let unknown = "018f0000-0000-7000-8000-000000000000";
    let consenting = json!({ "name": "Jane", "phone": "+46701234567", "consent": { "given": true } });
    let lead = native.post("/v2/leads", consenting.clone()).await.expect(201)["id"].clone();
    for (field, body) in [
        ("body", json!([])),
        ("leadId", json!({})),
        ("leadId", json!({ "leadId": null })),
        ("leadId", json!({ "leadId": 1 })),
        ("leadId", json!({ "leadId": "l_8f3a" })),
        ("leadId", json!({ "lead_id": lead })),
        ("templateId", json!({ "leadId": lead, "templateId": "mine" })),
        ("templateId", json!({ "leadId": lead, "templateId": 1 })),
    ] {
        assert_eq!(refused(&native.post("/v2/sequences", body.clone()).await, 400, Shape::Native), [field], "{body}");
    }
    for (field, body) in [
        ("lead_id", json!({})),
        ("lead_id", json!({ "lead_id": lead })),
        ("lead_id", json!({ "lead_id": "l_8f3a" })),
        ("template_id", json!({ "lead_id": format!("l_{}", "0".repeat(32)), "template_id": "x" })),
    ] {
        assert_eq!(refused(&rescue.post("/v1/sequences", body.clone()).await, 400, Shape::Fields), [field], "{body}");
    }
    for body in [json!({ "leadId": unknown }), json!({ "leadId": lead, "templateId": unknown })] {
        refused(&native.post("/v2/sequences", body).await, 404, Shape::Native);
    }
    let nobody = json!({ "lead_id": format!("l_{}", unknown.replace('-', "")) });
    refused(&rescue.post("/v1/sequences", nobody).await, 404, Shape::Fields);
    let shown = format!("/v2/leads/{}/sequence", lead.as_str().unwrap());
    let stop = format!("/v2/sequences/{}/stop", lead.as_str().unwrap());
    for reply in [
        native.get(&shown).await,
        native.post(&stop, json!({})).await,
        native.get(&format!("/v2/leads/{unknown}/sequence")).await,
        native.get(&format!("/v2/leads/{unknown}/messages")).await,
        native.post(&format!("/v2/sequences/{unknown}/stop"), json!({})).await,
    ] {
        refused(&reply, 404, Shape::Native);
    }
    for path in ["/v2/leads/x/sequence", "/v2/leads/x/messages"] {
        assert_eq!(refused(&native.get(path).await, 400, Shape::Native), ["leadId"]);
    }
    assert_eq!(refused(&native.post("/v2/sequences/x/stop", json!({})).await, 400, Shape::Native), ["leadId"]);
    for body in ["[]", "{", "\u{0}"] {
        assert_eq!(refused(&post_raw(&native, &stop, body).await, 400, Shape::Native), ["body"], "{body}");
    }
    let messages = format!("/v2/leads/{}/messages", lead.as_str().unwrap());
    for query in ["limit=0", "limit=101", "cursor=x"] {
        let named = refused(&native.get(&format!("{messages}?{query}")).await, 400, Shape::Native);
        assert_eq!(named, [query.split('=').next().unwrap()]);
    }
    // One at a time, and none for those who have said no or are done with.
    native.post("/v2/sequences", json!({ "leadId": lead })).await.expect(201);
    refused(&native.post("/v2/sequences", json!({ "leadId": lead })).await, 409, Shape::Native);
    for status in ["OPTED_OUT", "WON", "LOST", "CLOSED"] {
        let lead = native.post("/v2/leads", consenting.clone()).await.expect(201)["id"].clone();
        native.patch(&format!("/v2/leads/{}", lead.as_str().unwrap()), json!({ "status": status })).await.expect(200);
        let start = native.post_idempotent("/v2/sequences", status, json!({ "leadId": lead })).await;
        refused(&start, 409, Shape::Native);
        native.get(&format!("/v2/leads/{}/sequence", lead.as_str().unwrap())).await.expect(404);
    }
    server.stop().await;
}

/// Numbers that look random and are the same at every run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }
}

/// What a value may become.
const VALUES: [&str; 20] = [
    "null",
    "true",
    "-1",
    "1e400",
    "9223372036854775808",
    "1e-320",
    "0.1",
    "\"\"",
    "\"\\u0000\"",
    "[]",
    "{}",
    "[[[]]]",
    "\"\\ud83d\\ude00\"",
    "\"2026-02-30T25:61:61Z\"",
    "\"+٣٤٥\"",
    "\"a@\u{202e}b.c\"",
    "-0.0",
    "\"9999-12-31T23:59:59.999999999Z\"",
    "\"-009999-01-01T00:00:00Z\"",
    "123456789012345678901234567890",
];

/// Spoils a body a little, or not at all.
fn mutate(body: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..dice.roll(4) {
        match dice.roll(5) {
            0 if !body.is_empty() => {
                let place = dice.roll(body.len());
                body[place] = u8::try_from(dice.roll(256)).unwrap();
            }
            1 => body.truncate(dice.roll(body.len() + 1)),
            2 => {
                let place = dice.roll(body.len() + 1);
                body.insert(place, b"{}[]\",:\\0e\x7f\xff"[dice.roll(12)]);
            }
            _ => {
                // A value becomes another, at a colon.
                let colons: Vec<_> = (0..body.len()).filter(|place| body[*place] == b':').collect();
                if let Some(colon) = colons.get(dice.roll(colons.len().max(1))) {
                    let end =
                        body[*colon..].iter().position(|byte| b",}".contains(byte)).map_or(body.len(), |n| colon + n);
                    body.splice(colon + 1..end, dice.pick(&VALUES).bytes());
                }
            }
        }
    }
}

/// Bodies that are well, to be spoilt.
fn seeds(id: &str) -> Vec<String> {
    [
        json!({ "name": "Jane", "email": "jane@example.com", "phone": "+15551234567", "utm": { "source": "x" },
            "consent": { "given": true, "text": "y" }, "attributes": { "a": 1, "b": "c", "d": 1.5e10 }, "category": "EVENT" }),
        json!({ "status": "WON", "email": null, "attributes": null }),
        json!({ "url": "http://127.0.0.1:9999/x?y=z", "events": ["lead.created"], "contract": "vendorPad" }),
        json!({ "name": "ci", "scopes": ["leads:read"], "mode": "test", "expiresAt": "2099-01-01T00:00:00Z" }),
        json!({ "first_name": "Sam", "email": "sam@example.com", "event_date": "2026-09-14", "brand_id": 1,
            "visitor_id": "v", "utm_source": "x" }),
        json!({ "customer_name": "Anna", "phone": "+46701234567", "car_model": "E", "consent": true,
            "license_photo_b64": "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==", "status": "closed" }),
        json!({ "visitor_id": "v", "event_type": "custom", "event_name": "n", "event_props": { "a": [1, { "b": null }] },
            "visitorId": "v", "eventType": "pageview", "eventProps": {} }),
        json!({ "name": "B", "country": "SE", "timeZone": "Europe/Stockholm", "channels": ["EMAIL"], "brandId": 3 }),
        json!({ "reason": "GENERAL", "amountCents": 100, "currency": "EUR", "customerClaim": "x", "leadId": id,
            "evidenceDueBy": "2026-06-01", "status": "WON", "occurredAt": "2026-05-01T00:00:00Z" }),
        json!({ "category": "PHOTO", "title": "x", "description": "y",
            "file": { "contentType": "image/png", "size": 5, "name": "z.png" } }),
        json!({ "name": "T", "category": "EVENT", "steps": [{ "day": 0, "channel": "SMS", "subject": "s",
            "text": "Hi {{first_name|you}}" }, { "day": 365, "text": "Bye" }] }),
        json!({ "leadId": id, "templateId": null, "lead_id": id, "template_id": id }),
    ]
    .map(|seed| seed.to_string())
    .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_causes_a_5xx() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let id = lead["id"].as_str().unwrap();
    let seeds = seeds(id);
    let seeds: Vec<_> = seeds.iter().map(String::as_str).collect();
    let paths = [
        "/v2/leads",
        "/api/v1/leads",
        "/v2/webhooks",
        "/v2/keys",
        "/v2/businesses",
        "/v2/deliveries",
        "/v2/me",
        "/v2/leads/{id}",
        "/v2/webhooks/{id}",
        "/v2/keys/{id}/rotate",
        "/v2/webhooks/{id}/recover",
        "/v2/customers",
        "/v2/transactions",
        "/v2/disputes",
        "/v2/disputes/{id}",
        "/api/v1/disputes",
        "/v2/evidence",
        "/v2/evidence/{id}",
        "/api/v1/evidence",
        "/files/{id}",
        "/v1/leads",
        "/v1/leads/{id}",
        "/v1/leads/l_{id}",
        "/api/v1/developer/leads",
        "/api/v1/developer/leads/{id}",
        "/api/v1/developer/events",
        "/v2/events",
        "/v2/event-types",
        "/v2/sequences",
        "/v2/sequences/{id}/stop",
        "/v2/leads/{id}/sequence",
        "/v2/leads/{id}/messages",
        "/v2/sequence-templates",
        "/v2/sequence-templates/{id}",
        "/v1/sequences",
        "/v1/sequences/l_{id}/stop",
        "/v2/analytics/kpis",
        "/v2/health",
    ];
    let queries = [
        "",
        "?",
        "?limit=1",
        "?limit=%",
        "?cursor=%F0%9F",
        "?status=NEW&status=WON",
        "?createdFrom=9999-12-31&createdTo=9999-12-31",
        "?createdFrom=0001-01-01",
        "?=&&=",
        "?email=%40",
        "?visitorId=v&limit=1",
        "?brand_id=0&created_from=x",
        "?cursor=eyJhZnRlciI6IiIsImxpc3QiOiIifQ",
    ];
    let methods =
        [Method::GET, Method::POST, Method::POST, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];
    let mut dice = Dice(0x5eed_1ead_0000_0001);
    let mut statuses = std::collections::BTreeMap::new();
    for round in 0..1_200 {
        let mut body = dice.pick(&seeds).to_owned().into_bytes();
        mutate(&mut body, &mut dice);
        let some_id = match dice.roll(4) {
            0 => "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            1 => "%E2%82",
            _ => id,
        };
        let path = format!("{}{}", dice.pick(&paths).replace("{id}", some_id), dice.pick(&queries));
        let method = methods[dice.roll(methods.len())].clone();
        let headers: &[(&str, &str)] = match dice.roll(6) {
            0 => &[("Idempotency-Key", "fuzz")],
            1 => &[("If-Match", "W/\"1\", \"x")],
            2 => &[("Idempotency-Key", "\""), ("X-Idempotency-Key", "\"\"\"")],
            3 => &[("Access-Control-Request-Method", "BREW")],
            _ => &[],
        };
        let shown = String::from_utf8_lossy(&body).into_owned();
        let reply = native.send(method.clone(), &path, headers, Some(body)).await;
        assert!(reply.status < 500, "round {round}: {} to {method} {path} {headers:?} {shown}", reply.status);
        *statuses.entry(reply.status).or_insert(0) += 1;
    }
    assert!(statuses.len() > 5, "the fuzz goes everywhere: {statuses:?}");
    server.stop().await;
}
