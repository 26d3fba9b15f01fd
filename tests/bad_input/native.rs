//! Invalid fields and parameters of the native contract.

use super::{ErrorFormat, assert_error, lead_endpoints, post_raw};
use crate::harness::{Caller, unlimited_server};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn invalid_lead_change_fields_are_named() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    for (field, body) in [
        ("body", json!({})),
        ("unknown", json!({ "unknown": 1 })),
        ("statu", json!({ "statu": "WON" })),
        ("version", json!({ "version": 7, "status": "WON" })),
        ("businessId", json!({ "businessId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "status": "WON" })),
        ("status", json!({ "status": "CONVERTED" })),
        ("status", json!({ "status": "winning" })),
        ("status", json!({ "status": null })),
        ("status", json!({ "status": 1 })),
        ("name", json!({ "name": null })),
        ("name", json!({ "name": "" })),
        ("email", json!({ "email": "x" })),
        ("email", json!({ "email": null })),
        ("phone", json!({ "phone": 5 })),
        ("phone", json!({ "phone": "x", "email": null })),
        ("category", json!({ "category": null })),
        ("source", json!({ "source": "no" })),
        ("consent", json!({ "consent": "yes" })),
        ("utm", json!({ "utm": ["x"] })),
        ("attributes", json!({ "attributes": "x" })),
    ] {
        assert_eq!(assert_error(&native.patch(&path, body.clone()).await, 400, ErrorFormat::Native), [field], "{body}");
    }
    for body in ["", "[]", "{", "\u{0}"] {
        let reply = native.send(Method::PATCH, &path, &[], Some(body.as_bytes().to_vec())).await;
        assert_eq!(assert_error(&reply, 400, ErrorFormat::Native), ["body"]);
    }
    assert_eq!(native.get(&path).await.expect(200), lead, "nothing has changed");
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
        ("/v2/webhooks", "businessId", webhook("businessId", json!(""))),
        ("/v2/webhooks", "event", webhook("event", json!("lead.created"))),
        ("/v2/keys", "businessId", key("businessId", json!(" "))),
        ("/v2/keys", "tier", key("tier", json!(""))),
        ("/v2/keys", "expiresAt", key("expiresAt", json!("\u{200b}"))),
        ("/v2/keys", "perMinute", key("perMinute", json!(5))),
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
        ("/v2/businesses", "currency", business("currency", json!("ZZZ"))),
        ("/v2/businesses", "timezone", business("timezone", json!("UTC"))),
        ("/v2/businesses", "channels", business("channels", json!(["PIGEON"]))),
        ("/v2/businesses", "brandId", business("brandId", json!(0))),
        ("/v2/businesses", "brandId", business("brandId", json!("seven"))),
        ("/v2/businesses", "brandId", business("brandId", json!(1.5))),
        ("/v2/businesses", "brandId", business("brandId", json!(1_u64 << 40))),
    ] {
        let fields = assert_error(&native.post(path, body.clone()).await, 400, ErrorFormat::Native);
        assert!(fields.iter().all(|named| named == field) && !fields.is_empty(), "{fields:?} for {path} {body}");
    }
    let subscription = native.subscribe("http://127.0.0.1:9999/").await;
    let path = format!("/v2/webhooks/{}", subscription["id"].as_str().unwrap());
    for (field, below, body) in [
        ("status", "", json!({ "status": "BROKEN" })),
        ("contract", "", json!({ "contract": "vendorPad", "status": "ENABLED" })),
        ("url", "", json!({ "url": "" })),
        ("enabled", "", json!({ "enabled": false })),
        ("body", "", json!({})),
        ("overlapSeconds", "/rotate-secret", json!({ "overlapSeconds": -1 })),
        ("overlapSeconds", "/rotate-secret", json!({ "overlapSeconds": "1s" })),
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
        assert_eq!(assert_error(&reply, 400, ErrorFormat::Native), [field], "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_query_parameters_are_named() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let revenue_defenders = Caller::revenue_defenders(&server);
    for number in 0..3 {
        for (caller, path, _) in lead_endpoints(&server) {
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
        ("limit", "/v2/leads?limit=99999999999999999999".to_owned()),
        ("limit", "/v2/keys?limit=0".to_owned()),
        ("limit", "/v2/deliveries?limit=1.5".to_owned()),
        ("status", "/v2/leads?status=OPEN".to_owned()),
        ("status", "/v2/leads?status=newest".to_owned()),
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
        ("createdfrom", "/v2/leads?createdfrom=2026-01-01".to_owned()),
        ("status[]", "/v2/leads?status[]=NEW".to_owned()),
        ("status", "/v2/leads?status=NEW&status=WON".to_owned()),
        ("page", "/v2/deliveries?page=2".to_owned()),
        ("createdFrom", "/v2/leads?createdFrom=2026-02-02T00:00:00+01:00".to_owned()),
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
        let fields = assert_error(&native.get(path).await, 400, ErrorFormat::Native);
        assert_eq!(fields, [*field], "{path}");
    }
    assert_eq!(
        assert_error(
            &Caller::native_test(&server).get(&format!("/v2/leads?cursor={of_leads}")).await,
            400,
            ErrorFormat::Native
        ),
        ["cursor"]
    );
    for (field, path) in [
        ("limit", "/api/v1/leads?limit=0".to_owned()),
        ("limit", "/api/v1/leads?limit=201".to_owned()),
        ("status", "/api/v1/leads?status=OPEN".to_owned()),
        ("cursor", format!("/api/v1/leads?cursor={of_leads}")),
        ("businessId", "/api/v1/leads?businessId=x".to_owned()),
    ] {
        assert_eq!(
            assert_error(&revenue_defenders.get(&path).await, 400, ErrorFormat::RevenueDefenders),
            [field],
            "{path}"
        );
    }
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
        ("steps[0].day", first("day", json!("today"))),
        ("steps[0].day", first("day", json!(0.5))),
        ("steps[0].channel", first("channel", json!("PIGEON"))),
        ("steps[0].channel", first("channel", json!(["SMS"]))),
        ("steps[0].delay", first("delay", json!(1))),
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
        assert_eq!(assert_error(&native.post(path, body.clone()).await, 400, ErrorFormat::Native), [*field], "{body}");
    }
    assert_eq!(native.get(path).await.expect(200)["data"], json!([]), "nothing was created");
    let max_steps: Value = (0..12).map(|number| step(number * 33, &"x".repeat(1_000))).collect();
    native.post(path, steps(max_steps)).await.expect(201);
    let made = native.post(path, steps(json!([step(365, "{{ first_name }}, {{car_model|it}}")]))).await.expect(201);
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    for (field, body) in bad.iter().filter(|(field, _)| field.starts_with("steps")) {
        let change = json!({ "steps": body["steps"] });
        assert_eq!(assert_error(&native.patch(&one, change).await, 400, ErrorFormat::Native), [*field], "{body}");
    }
    for (field, body) in [("body", json!({})), ("body", json!({ "businessId": 1 })), ("name", json!({ "name": null }))]
    {
        assert_eq!(assert_error(&native.patch(&one, body.clone()).await, 400, ErrorFormat::Native), [field], "{body}");
    }
    assert_eq!(native.get(&one).await.expect(200), made, "nothing has changed");
    for query in ["category=CAR", "builtIn=1", "businessId=x", "limit=0", "cursor=x"] {
        let named = assert_error(&native.get(&format!("{path}?{query}")).await, 400, ErrorFormat::Native);
        assert_eq!(named, [query.split('=').next().unwrap()]);
    }
    // Built-in templates cannot be changed by any key.
    let built_in = native.get(&format!("{path}?builtIn=true")).await.expect(200)["data"][0].clone();
    let path = format!("{path}/{}", built_in["id"].as_str().unwrap());
    assert_error(&native.patch(&path, json!({ "name": "Mine" })).await, 409, ErrorFormat::Native);
    assert_error(&native.delete(&path).await, 409, ErrorFormat::Native);
    assert_eq!(native.get(&path).await.expect(200), built_in);
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
        ("templateId", json!({ "leadId": lead, "templateId": "mine" })),
        ("templateId", json!({ "leadId": lead, "templateId": 1 })),
    ] {
        assert_eq!(
            assert_error(&native.post("/v2/sequences", body.clone()).await, 400, ErrorFormat::Native),
            [field],
            "{body}"
        );
    }
    for (field, body) in [
        ("lead_id", json!({})),
        ("lead_id", json!({ "lead_id": lead })),
        ("lead_id", json!({ "lead_id": "l_8f3a" })),
        ("template_id", json!({ "lead_id": format!("l_{}", "0".repeat(32)), "template_id": "x" })),
    ] {
        assert_eq!(
            assert_error(&rescue.post("/v1/sequences", body.clone()).await, 400, ErrorFormat::Fields),
            [field],
            "{body}"
        );
    }
    for body in [json!({ "leadId": unknown }), json!({ "leadId": lead, "templateId": unknown })] {
        assert_error(&native.post("/v2/sequences", body).await, 404, ErrorFormat::Native);
    }
    let unknown_lead = json!({ "lead_id": format!("l_{}", unknown.replace('-', "")) });
    assert_error(&rescue.post("/v1/sequences", unknown_lead).await, 404, ErrorFormat::Fields);
    let shown = format!("/v2/leads/{}/sequence", lead.as_str().unwrap());
    let stop = format!("/v2/sequences/{}/stop", lead.as_str().unwrap());
    for reply in [
        native.get(&shown).await,
        native.post(&stop, json!({})).await,
        native.get(&format!("/v2/leads/{unknown}/sequence")).await,
        native.get(&format!("/v2/leads/{unknown}/messages")).await,
        native.post(&format!("/v2/sequences/{unknown}/stop"), json!({})).await,
    ] {
        assert_error(&reply, 404, ErrorFormat::Native);
    }
    for path in ["/v2/leads/x/sequence", "/v2/leads/x/messages"] {
        assert_eq!(assert_error(&native.get(path).await, 400, ErrorFormat::Native), ["leadId"]);
    }
    assert_eq!(
        assert_error(&native.post("/v2/sequences/x/stop", json!({})).await, 400, ErrorFormat::Native),
        ["leadId"]
    );
    for body in ["[]", "{", "\u{0}"] {
        assert_eq!(assert_error(&post_raw(&native, &stop, body).await, 400, ErrorFormat::Native), ["body"], "{body}");
    }
    let messages = format!("/v2/leads/{}/messages", lead.as_str().unwrap());
    for query in ["limit=0", "limit=101", "cursor=x"] {
        let named = assert_error(&native.get(&format!("{messages}?{query}")).await, 400, ErrorFormat::Native);
        assert_eq!(named, [query.split('=').next().unwrap()]);
    }
    // A lead has at most one active sequence, and none after an opt-out or a final status.
    native.post("/v2/sequences", json!({ "leadId": lead })).await.expect(201);
    assert_error(&native.post("/v2/sequences", json!({ "leadId": lead })).await, 409, ErrorFormat::Native);
    for status in ["OPTED_OUT", "WON", "LOST", "CLOSED"] {
        let lead = native.post("/v2/leads", consenting.clone()).await.expect(201)["id"].clone();
        native.patch(&format!("/v2/leads/{}", lead.as_str().unwrap()), json!({ "status": status })).await.expect(200);
        let start = native.post_idempotent("/v2/sequences", status, json!({ "leadId": lead })).await;
        assert_error(&start, 409, ErrorFormat::Native);
        native.get(&format!("/v2/leads/{}/sequence", lead.as_str().unwrap())).await.expect(404);
    }
}
