//! Invalid bodies, paths, cursors, ids and keys in every contract.

use super::{ErrorFormat, assert_error, lead_endpoints, post_raw};
use crate::harness::{Caller, id, leads, unlimited_server};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_a_json_object_is_400() {
    let server = unlimited_server().await;
    let deep = |open: &str, close: &str| format!("{{\"a\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
    for (caller, path, format) in lead_endpoints(&server) {
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
            b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nJane\r\n--x--\r\n".to_vec(),
            b"<lead/>".to_vec(),
            b"\0".to_vec(),
            deep("[", "]").into_bytes(),
            deep("{\"a\":", "}").into_bytes(),
        ] {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let fields = assert_error(&post_raw(&caller, path, body).await, 400, format);
            assert_eq!(fields[0], "body", "{shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_and_encoded_bodies_are_rejected() {
    let server = unlimited_server().await;
    for (caller, path, format) in lead_endpoints(&server) {
        let large = |bytes: usize| {
            let frame = json!({ "name": "Jane", "email": "jane@example.com", "more": "" }).to_string().len();
            json!({ "name": "Jane", "email": "jane@example.com", "more": "x".repeat(bytes - frame) }).to_string()
        };
        assert_error(&post_raw(&caller, path, large(1_048_577)).await, 413, format);
        assert_error(&post_raw(&caller, path, vec![b'x'; 3_000_000]).await, 413, format);
        assert_eq!(post_raw(&caller, path, large(1_048_576)).await.status, 201, "what fits is read");
        let body = || Some(json!({ "name": "Jane", "email": "jane@example.com" }).to_string().into_bytes());
        for encoding in ["gzip", "br", "deflate, gzip", "nonsense"] {
            let reply = caller.send(Method::POST, path, &[("Content-Encoding", encoding)], body()).await;
            assert_error(&reply, 415, format);
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
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_methods_use_contract_errors() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for (path, format) in [
        ("/v2", ErrorFormat::Native),
        ("/v2/nothing", ErrorFormat::Native),
        ("/v2/leads/", ErrorFormat::Native),
        ("/v2//leads", ErrorFormat::Native),
        ("/v3/leads", ErrorFormat::Native),
        ("/v2/leads/a/b/c", ErrorFormat::Native),
        ("/v2/leads/../keys/x", ErrorFormat::Native),
        ("/%", ErrorFormat::Native),
        ("/api/v1", ErrorFormat::RevenueDefenders),
        ("/api/v1/nothing", ErrorFormat::RevenueDefenders),
        ("/api/v1/developers", ErrorFormat::RevenueDefenders),
        ("/v1/nothing", ErrorFormat::Fields),
        ("/v1", ErrorFormat::Fields),
        ("/api/v1/developer/nothing", ErrorFormat::Fields),
        ("/api/v1/developer", ErrorFormat::Fields),
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PUT] {
            let reply = native.send(method.clone(), path, &[], None).await;
            assert!(
                assert_error(&reply, if path == "/v2/leads/../keys/x" { reply.status } else { 404 }, format).len() <= 1
            );
        }
        assert_eq!(native.with_key("").get(path).await.status / 100, 4);
    }
    for (path, allowed, format) in [
        ("/v2/leads", "GET,HEAD,POST", ErrorFormat::Native),
        ("/v2/leads/3f2504e0-4f89-41d3-9a0c-0305e82c3301", "DELETE,GET,HEAD,PATCH", ErrorFormat::Native),
        ("/v2/health", "GET,HEAD", ErrorFormat::Native),
        ("/v2/webhooks/x/test", "POST", ErrorFormat::Native),
        ("/api/v1/leads", "GET,HEAD,POST", ErrorFormat::RevenueDefenders),
    ] {
        for method in [Method::PUT, Method::from_bytes(b"BREW").unwrap(), Method::TRACE] {
            let reply = native.send(method, path, &[], None).await;
            assert_error(&reply, 405, format);
            let mut methods: Vec<_> = reply.header("allow").split(',').map(str::trim).collect();
            methods.sort_unstable();
            assert_eq!(methods.join(","), allowed, "{path}");
        }
    }
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
        native.post("/v2/leads", leads::with_field("message", json!(number.to_string()))).await.expect(201);
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
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_and_foreign_ids_are_indistinguishable() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let others = Caller::revenue_defenders(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let subscription = native.subscribe("http://127.0.0.1:9999/").await;
    let key = native.post("/v2/keys", json!({ "name": "ci", "scopes": ["leads:read"] })).await.expect(201);
    let id = |of: &Value| id(of);
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
            assert_eq!(assert_error(&native.get(&path).await, 400, ErrorFormat::Native), [field], "{path}");
        }
        assert_error(&others.get(&format!("/api/v1/leads/{bad}")).await, 404, ErrorFormat::RevenueDefenders);
        assert_error(&others.get(&format!("/v1/leads/{bad}")).await, 404, ErrorFormat::Fields);
    }
    let unknown_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let mut texts = Vec::new();
    for (caller, path, format) in [
        (&native, format!("/v2/leads/{unknown_id}"), ErrorFormat::Native),
        (&others, format!("/v2/leads/{}", id(&lead)), ErrorFormat::Native),
        (&Caller::native_test(&server), format!("/v2/leads/{}", id(&lead)), ErrorFormat::Native),
        (&others, format!("/v2/webhooks/{}", id(&subscription)), ErrorFormat::Native),
        (&others, format!("/v2/keys/{}", id(&key)), ErrorFormat::Native),
        (&others, format!("/v2/businesses/{}", server.credentials.native.business_id), ErrorFormat::Native),
        (&others, format!("/v2/deliveries/{unknown_id}"), ErrorFormat::Native),
        (&others, format!("/api/v1/leads/{}", id(&lead)), ErrorFormat::RevenueDefenders),
    ] {
        let reply = caller.get(&path).await;
        assert_error(&reply, 404, format);
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
        assert_error(&reply, 404, ErrorFormat::Native);
    }
    // The business of another tenant: 403 in Revenue Defenders, 404 in the other contracts.
    let foreign = leads::with_field("businessId", json!(server.credentials.native.business_id));
    assert_error(&others.post("/api/v1/leads", foreign.clone()).await, 403, ErrorFormat::RevenueDefenders);
    assert_error(&others.post("/v2/leads", foreign).await, 404, ErrorFormat::Native);
    let path = format!("?businessId={}", server.credentials.native.business_id);
    assert_error(&others.get(&format!("/api/v1/leads{path}")).await, 403, ErrorFormat::RevenueDefenders);
    assert_error(&others.get(&format!("/v2/leads{path}")).await, 404, ErrorFormat::Native);
    assert_eq!(native.get(&format!("/v2/leads/{}", id(&lead))).await.expect(200), lead);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_keys_are_401_in_each_contract() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for (path, format) in [("/v2/leads", ErrorFormat::Native), ("/api/v1/leads", ErrorFormat::RevenueDefenders)] {
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
            assert_error(&reply, 401, format);
            assert_eq!(reply.header("www-authenticate"), "Bearer");
        }
        let none = native.with_key("");
        assert_error(&none.get(path).await, 401, format);
        for value in ["", "Bearer", "Bearer ", "Basic eDp5", &format!("Token {}", native.key), &native.key] {
            let reply = none.send(Method::GET, path, &[("Authorization", value)], None).await;
            assert_error(&reply, 401, format);
        }
        let twice = native.send(Method::GET, path, &[("Authorization", "Bearer x")], None).await;
        assert_error(&twice, 401, format);
        let spaced = format!("bEaReR   {} ", native.key);
        assert_eq!(none.send(Method::GET, path, &[("Authorization", &spaced)], None).await.status, 200);
    }
}
