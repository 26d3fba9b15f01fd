//! Businesses of a tenant.

use crate::harness::{Caller, IssuedKey, database_client, invalid_field, server, unlimited_server};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::accounts::business::Country;
use domain::accounts::rate_limit::Limits;
use domain::{Business, BusinessId, Clock};
use runtime::SystemClock;
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

/// Creates a lead with a national number, and returns how the number was read.
async fn read_number(caller: &Caller, number: &str) -> Value {
    let body = json!({ "name": "A", "email": "a@example.com", "phone": number });
    caller.post("/v2/leads", body).await.expect(201)["phoneE164"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_country_is_used_at_once() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let other = native.post("/v2/businesses", json!({ "name": "Other", "country": "DE" })).await.expect(201);
    let bound = json!({ "name": "k", "scopes": ["leads:write"], "businessId": other["id"] });
    let bound = native.post("/v2/keys", bound).await.expect(201);
    let bound = native.with_key(bound["key"].as_str().unwrap());
    let rotated = json!({ "name": "k", "scopes": ["leads:write"] });
    let rotated = native.post("/v2/keys", rotated).await.expect(201);
    let rotated = native.post(&format!("/v2/keys/{}/rotate", rotated["id"].as_str().unwrap()), json!({})).await;
    let rotated = native.with_key(rotated.expect(201)["key"].as_str().unwrap());
    assert_eq!(read_number(&native, "020 7946 0958").await, "+442079460958");
    assert_eq!(read_number(&rotated, "020 7946 0958").await, "+442079460958");
    assert_eq!(read_number(&bound, "030 123456").await, "+4930123456");
    let first = &server.credentials.native.business_id;
    for country in ["SE", "GB", "SE"] {
        native.patch(&format!("/v2/businesses/{first}"), json!({ "country": country })).await.expect(200);
        let (number, expected) =
            if country == "SE" { ("070-123 45 67", "+46701234567") } else { ("020 7946 0958", "+442079460958") };
        assert_eq!(read_number(&native, number).await, expected);
        assert_eq!(read_number(&rotated, number).await, expected);
        assert_eq!(read_number(&bound, "030 123456").await, "+4930123456", "bound to another business");
    }
    let path = format!("/v2/businesses/{}", other["id"].as_str().unwrap());
    native.patch(&path, json!({ "country": "SE" })).await.expect(200);
    assert_eq!(read_number(&bound, "070-123 45 67").await, "+46701234567");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_an_earlier_release_gets_its_copy() {
    let server = unlimited_server().await;
    let issued = IssuedKey::with_limits(&server, Limits::UNLIMITED).await;
    let client = database_client(&server.database);
    let copy = async || {
        let key = AttributeValue::S(format!("k#{}", issued.record.hash));
        let found = client.get_item().table_name("leadhouse-access").key("pk", key).send().await.unwrap().item.unwrap();
        found.get("bc").map(|country| country.as_s().unwrap().clone())
    };
    assert_eq!(copy().await, None);
    assert_eq!(read_number(&issued.caller(&server), "020 7946 0958").await, "+442079460958");
    assert_eq!(copy().await.as_deref(), Some("GB"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_never_replaces_a_later_one() {
    let server = unlimited_server().await;
    let issued = IssuedKey::with_limits(&server, Limits::UNLIMITED).await;
    let (store, now) = (&server.store, SystemClock.now());
    let first = store.businesses(issued.record.tenant).await.unwrap().remove(0);
    let version = |version: u64, country: &str| {
        let country = Country::parse(country).unwrap();
        vec![Business { version, country, ..first.clone() }]
    };
    let copied = async |businesses: Vec<Business>, bound: Option<BusinessId>| {
        store.copy_business(&issued.record.hash, bound, &businesses, now).await.unwrap();
        let call = store.authenticate(&issued.record.hash, [], SystemClock.now()).await.unwrap();
        call.key.business_copy.unwrap().business.country.as_str().to_owned()
    };
    assert_eq!(copied(version(5, "SE"), None).await, "SE");
    assert_eq!(copied(version(4, "DE"), None).await, "SE", "an earlier version");
    assert_eq!(copied(version(6, "FR"), None).await, "FR");
    let later = Business { id: BusinessId::new(now, [9; 16]), ..version(9, "ES").remove(0) };
    assert_eq!(copied(vec![later], None).await, "FR", "a business that sorts behind the first");
    server.stop().await;
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
