//! Invalid fields of LeadRescue's leads.

use super::{ErrorFormat, assert_error, post_raw};
use crate::harness::{Caller, unlimited_server};
use reqwest::Method;
use serde_json::json;

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
        ("customer_name", json!("\u{0}\u{feff}")),
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
        ("car_model", long(201)),
        ("consent", json!("true")),
        ("consent", json!(1)),
        ("license_photo_b64", json!("...")),
        ("license_photo_b64", json!({})),
    ] {
        let mut body = good();
        body[field] = value.clone();
        assert_eq!(assert_error(&caller.post("/v1/leads", body).await, 400, ErrorFormat::Fields), [field], "{value}");
    }
    let all = json!({ "customer_name": 1, "phone": 2, "car_model": 3, "consent": 4, "license_photo_b64": 5 });
    assert_eq!(
        assert_error(&caller.post("/v1/leads", all).await, 400, ErrorFormat::Fields),
        ["car_model", "consent", "customer_name", "license_photo_b64", "phone"]
    );
    for body in ["", "[]", "{", "\u{0}"] {
        assert_eq!(assert_error(&post_raw(&caller, "/v1/leads", body).await, 400, ErrorFormat::Fields), ["body"]);
    }
    assert_error(&post_raw(&caller, "/v1/leads", vec![b' '; 5_900_001]).await, 413, ErrorFormat::Fields);
    let reply = caller.send(Method::POST, "/v1/leads", &[("Content-Encoding", "gzip")], Some(b"{}".to_vec())).await;
    assert_error(&reply, 415, ErrorFormat::Fields);
    let lead = caller.post("/v1/leads", good()).await.expect(201);
    let path = format!("/v1/leads/{}", lead["id"].as_str().unwrap());
    for body in [json!({}), json!({ "status": null }), json!({ "status": "NEW" }), json!({ "status": ["closed"] })] {
        assert_eq!(
            assert_error(&caller.patch(&path, body.clone()).await, 400, ErrorFormat::Fields),
            ["status"],
            "{body}"
        );
    }
    assert_eq!(caller.get(&path).await.expect(200), lead, "nothing has changed");
}
