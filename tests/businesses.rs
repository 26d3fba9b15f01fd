//! Businesses of a tenant.

use crate::harness::{Caller, invalid_field, server};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_business_is_created_read_changed_and_listed() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({
        "name": "Villa Sol", "country": "ES", "timeZone": "Europe/Madrid", "currency": "EUR",
        "channels": ["WHATSAPP", "EMAIL"], "brandId": 7,
    });
    let made = native.post("/v2/businesses", body.clone()).await.expect(201);
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(made[name], *value, "{name}");
    }
    let path = format!("/v2/businesses/{}", made["id"].as_str().unwrap());
    assert_eq!(native.get(&path).await.expect(200), made);

    let changed = native.patch(&path, json!({ "name": "Villa Luna", "brandId": null })).await.expect(200);
    assert_eq!((&changed["name"], &changed["brandId"]), (&json!("Villa Luna"), &Value::Null));
    assert_eq!(changed["timeZone"], "Europe/Madrid", "what is not named stays");
    assert_eq!(native.get(&path).await.expect(200), changed);
    assert_eq!(native.patch(&path, json!({ "name": "Villa Luna" })).await.expect(200), changed, "the same again");

    let plain = native.post("/v2/businesses", json!({ "name": "Plain", "country": "SE" })).await.expect(201);
    assert_eq!(plain["channels"], json!(["EMAIL", "SMS", "WHATSAPP"]));
    assert_eq!((&plain["timeZone"], &plain["currency"]), (&json!("Europe/Stockholm"), &json!("SEK")), "the country's");
    let listed = native.get("/v2/businesses").await.expect(200);
    let names: Vec<_> = listed["data"].as_array().unwrap().iter().map(|business| business["name"].clone()).collect();
    assert_eq!(names, ["Plain", "Villa Luna", "Harbour Homes"], "newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_business_remains_the_default() {
    let server = server().await;
    let native = Caller::native(&server);
    for number in 0..3 {
        native.post("/v2/businesses", json!({ "name": format!("B{number}"), "country": "SE" })).await.expect(201);
    }
    let lead = native.post("/v2/leads", json!({ "name": "A", "email": "a@example.com" })).await.expect(201);
    assert_eq!(lead["businessId"], server.credentials.native.business_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_business_fields_are_named() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = native.post("/v2/businesses", json!({ "name": "Villa Sol", "country": "ES" })).await.expect(201);
    let path = format!("/v2/businesses/{}", made["id"].as_str().unwrap());
    let bad = [
        ("name", json!("")),
        ("name", json!("x".repeat(201))),
        ("name", json!(1)),
        ("country", json!("Spain")),
        ("country", json!("XX")),
        ("timeZone", json!("Europe/Atlantis")),
        ("currency", json!("euro")),
        ("channels", json!(["PIGEON"])),
        ("channels", json!("EMAIL")),
        ("brandId", json!(0)),
        ("brandId", json!(-1)),
        ("brandId", json!(1.5)),
        ("brandId", json!("-7")),
        ("brandId", json!(4_294_967_296_u64)),
    ];
    for (name, value) in bad {
        let mut body = json!({ "name": "B", "country": "SE" });
        body[name] = value.clone();
        assert_eq!(invalid_field(&native.post("/v2/businesses", body).await), name, "{value}");
        assert_eq!(invalid_field(&native.patch(&path, json!({ name: value })).await), name, "{value}");
    }
    for missing in ["name", "country"] {
        let mut body = json!({ "name": "B", "country": "SE" });
        body.as_object_mut().unwrap().remove(missing);
        assert_eq!(invalid_field(&native.post("/v2/businesses", body).await), missing);
        assert_eq!(invalid_field(&native.patch(&path, json!({ missing: null })).await), missing);
    }
    assert_eq!(invalid_field(&native.patch(&path, json!({})).await), "body");
    assert_eq!(native.get(&path).await.expect(200), made, "nothing of it was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn brand_ids_are_unique_per_tenant() {
    let server = server().await;
    let native = Caller::native(&server);
    let with_brand = |brand: u32| json!({ "name": "B", "country": "SE", "brandId": brand });
    native.post("/v2/businesses", with_brand(1)).await.expect(201);
    native.post("/v2/businesses", with_brand(1)).await.expect(409);
    let second = native.post("/v2/businesses", with_brand(2)).await.expect(201);
    let path = format!("/v2/businesses/{}", second["id"].as_str().unwrap());
    native.patch(&path, json!({ "brandId": 1 })).await.expect(409);
    native.patch(&path, json!({ "brandId": 2 })).await.expect(200);
    native.patch(&path, json!({ "brandId": null })).await.expect(200);
    native.post("/v2/businesses", with_brand(2)).await.expect(201);
    Caller::revenue_defenders(&server).post("/v2/businesses", with_brand(1)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_businesses_cannot_share_a_brand_id() {
    let server = server().await;
    let native = Caller::native(&server);
    let replies = futures_util::future::join_all((0..8).map(|number| {
        let native = native.clone();
        let body = json!({ "name": format!("B{number}"), "country": "SE", "brandId": 1 });
        async move { native.post("/v2/businesses", body).await.status }
    }))
    .await;
    assert_eq!(replies.iter().filter(|status| **status == 201).count(), 1, "{replies:?}");
    assert!(replies.iter().all(|status| [201, 409].contains(status)), "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_business_is_404() {
    let server = server().await;
    let native = Caller::native(&server);
    let foreign = server.credentials.revenue_defenders.business_id.clone();
    for id in [foreign.as_str(), "018f0000-0000-7000-8000-000000000000"] {
        native.get(&format!("/v2/businesses/{id}")).await.expect(404);
        native.patch(&format!("/v2/businesses/{id}"), json!({ "name": "Mine" })).await.expect(404);
    }
    assert_eq!(invalid_field(&native.get("/v2/businesses/first").await), "businessId");
    native.delete(&format!("/v2/businesses/{foreign}")).await.expect(405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_creates_no_second_business() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({ "name": "Once", "country": "SE", "brandId": 3 });
    let first = native.post_idempotent("/v2/businesses", "b-1", body.clone()).await;
    first.expect(201);
    let again = native.post_idempotent("/v2/businesses", "b-1", body).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(native.get("/v2/businesses").await.expect(200)["data"].as_array().unwrap().len(), 2);
}
