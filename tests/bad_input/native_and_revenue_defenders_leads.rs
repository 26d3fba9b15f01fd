//! Invalid fields of a lead, in the native contract and in Revenue Defenders.

use super::{ErrorFormat, assert_error, lead_endpoints};
use crate::harness::{leads, unlimited_server};
use serde_json::{Value, json};

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
        ("name", json!("\u{200b}\u{0}")),
        ("name", long(201)),
        ("email", json!(true)),
        ("email", json!("jane")),
        ("email", json!("jane@localhost")),
        ("email", json!("a b@example.com")),
        ("email", json!("a@1.2.3.4")),
        ("email", json!({ "address": "jane@example.com" })),
        ("email", json!(format!("{}@example.com", "x".repeat(250)))),
        ("phone", json!(15_551_234_567_u64)),
        ("phone", long(201)),
        ("message", json!(1)),
        ("message", long(10_001)),
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
        ("attributes", json!([1])),
        ("attributes", json!({ "nested": { "a": 1 } })),
        ("attributes", json!({ "": 1 })),
        ("attributes", json!({ "list": [1] })),
        ("attributes", json!({ "long": "x".repeat(1_001) })),
        ("attributes", Value::Object((0..1_000).map(|number| (format!("key{number}"), json!(number))).collect())),
    ];
    for (caller, path, format) in lead_endpoints(&server) {
        let own = if format == ErrorFormat::Native { &native[..] } else { &[] };
        for (field, value) in common.iter().chain(own) {
            let fields = assert_error(&caller.post(path, leads::with_field(field, value.clone())).await, 400, format);
            assert_eq!(fields, [*field], "{value}");
        }
        assert_eq!(assert_error(&caller.post(path, json!({})).await, 400, format), ["name", "email"]);
        assert_eq!(assert_error(&caller.post(path, json!({ "name": "Jane" })).await, 400, format), ["email"]);
        assert_eq!(
            assert_error(&caller.post(path, json!({ "email": "jane@example.com" })).await, 400, format),
            ["name"]
        );
        let all = json!({ "name": 1, "email": 2, "phone": 3, "message": 4 });
        assert_eq!(assert_error(&caller.post(path, all).await, 400, format), ["name", "email", "phone", "message"]);
    }
    let (caller, path, format) = &lead_endpoints(&server)[0];
    for (field, value) in [
        ("utm.source", json!({ "utm": { "source": 1 } })),
        ("utm.term", json!({ "utm": { "term": "x".repeat(501) } })),
        ("consent.given", json!({ "consent": { "text": "I agree" } })),
        ("consent.given", json!({ "consent": { "given": "yes" } })),
        ("consent.text", json!({ "consent": { "given": true, "text": "x".repeat(2_001) } })),
    ] {
        let mut body = json!({ "name": "Jane", "email": "jane@example.com" });
        body.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        assert_eq!(assert_error(&caller.post(path, body).await, 400, *format), [field]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_phone_needs_an_email_address() {
    let server = unlimited_server().await;
    for (caller, path, format) in lead_endpoints(&server) {
        for phone in ["n/a", "call me", "12", "call after 5pm 555-1234", "+999123456789", "+46 70", "０"] {
            let mut body = json!({ "name": "Jane", "phone": phone });
            assert_eq!(assert_error(&caller.post(path, body.clone()).await, 400, format), ["phone"], "{phone}");
            body["email"] = json!("jane@example.com");
            assert_eq!(caller.post(path, body).await.expect(201)["phone"], phone, "kept as text");
        }
    }
    let (native, path, format) = &lead_endpoints(&server)[0];
    let made = native.post(path, json!({ "name": "Jane", "phone": "+46701234567" })).await.expect(201);
    let lead = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(assert_error(&native.patch(&lead, json!({ "phone": "n/a" })).await, 400, *format), ["phone"]);
    let change = json!({ "phone": "n/a", "email": "jane@example.com" });
    let changed = native.patch(&lead, change).await.expect(200);
    assert_eq!((&changed["phone"], &changed["phoneE164"]), (&json!("n/a"), &Value::Null));
    assert_eq!(assert_error(&native.patch(&lead, json!({ "email": null })).await, 400, *format), ["phone"]);
}
