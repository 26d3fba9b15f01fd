//! VendorPad document: leads, keys and limits, line by line. Its webhooks are tested in `vendor_pad_signature`,
//! further cases of duplicates in `vendor_pad_duplicates`.

mod keys_and_limits;
mod visitor_events;

use crate::harness::{
    ApiResponse, Caller, error_with_fields, ids, programs, run_concurrently, server, unlimited_server,
};
use serde_json::{Value, json};
use std::collections::HashSet;

const DOCUMENT: &str = "vendor-pad.txt";

const LEADS: &str = "/api/v1/developer/leads";

const EVENTS: &str = "/api/v1/developer/events";

/// Returns the document's request.
fn documents_lead() -> Value {
    json!({
        "first_name": "Sam", "last_name": "Taylor", "email": "sam@example.com", "phone": "07700 900000",
        "event_type": "Wedding", "event_date": "2026-09-14", "brand_id": 1,
        "utm_source": "google", "utm_campaign": "summer_wedding",
    })
}

/// Returns the body below one of the document's request lines, unchanged.
fn documents_body(document: &str, request: &str) -> String {
    let lines = programs::lines_of(document, request, "}");
    lines.into_iter().skip_while(|line| *line != "{").collect::<Vec<_>>().join("\n")
}

fn lead(email: &str) -> Value {
    json!({ "first_name": "Sam", "email": email })
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

// "Every request carries a Bearer token."

#[tokio::test(flavor = "multi_thread")]
async fn document_curl_line_lists_leads() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let made = caller.post(LEADS, documents_lead()).await.expect(201);
    let line = match programs::document(DOCUMENT) {
        Some(document) => {
            let lines: Vec<_> = document.lines().skip_while(|line| !line.starts_with("curl ")).take(2).collect();
            lines.join("\n")
        }
        None => format!("curl https://api.vendorpad.app{LEADS} -H \"Authorization: Bearer vp_live_AbCdEfGh1234...\""),
    };
    let line =
        line.replace("https://api.vendorpad.app", &caller.base_url).replace("vp_live_AbCdEfGh1234...", &caller.key);
    assert!(line.contains(&caller.base_url) && line.contains(&caller.key), "{line}");
    let ran = tokio::process::Command::new("sh").args(["-c", &line]).output().await.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let page: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(ids(&page), [made["lead_id"].as_str().unwrap()]);
}

// "Create a lead. Scope required: leads:write. first_name and email are required."

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_request_creates_a_lead() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let body = match programs::document(DOCUMENT) {
        Some(document) => documents_body(&document, "POST /api/v1/developer/leads"),
        None => documents_lead().to_string(),
    };
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), documents_lead());
    let headers = [("Content-Type", "application/json")];
    let made = caller.send(http::Method::POST, LEADS, &headers, Some(body.into_bytes())).await.expect(201);
    assert_eq!(keys(&made), ["duplicate", "lead_id", "visitor_id"]);
    assert_eq!(made["duplicate"], false);
    assert!(!made["visitor_id"].as_str().unwrap().is_empty(), "a missing id is generated");

    let id = made["lead_id"].as_str().unwrap();
    let shown = caller.get(&format!("{LEADS}/{id}")).await.expect(200);
    let expected = [
        ("id", json!(id)),
        ("status", json!("new")),
        ("first_name", json!("Sam")),
        ("last_name", json!("Taylor")),
        ("email", json!("sam@example.com")),
        ("phone", json!("07700 900000")),
        ("event_type", json!("Wedding")),
        ("event_date", json!("2026-09-14")),
        ("utm_source", json!("google")),
        ("utm_campaign", json!("summer_wedding")),
        ("utm_medium", Value::Null),
        ("visitor_id", made["visitor_id"].clone()),
    ];
    for (name, value) in expected {
        assert_eq!(shown[name], value, "{name}");
    }
    let business = caller.get("/v2/businesses").await.expect(200)["data"][0].clone();
    assert_eq!(
        (&business["brandId"], &business["country"], &business["currency"]),
        (&json!(1), &json!("GB"), &json!("GBP"))
    );
    assert_eq!(server.credentials.vendor_pad.brand_id, 1);
    assert_eq!(shown["business_id"], business["id"]);
    let native = caller.get(&format!("/v2/leads/{id}")).await.expect(200);
    assert_eq!(native["phoneE164"], "+447700900000", "read with the business's country");
    assert_eq!((&native["category"], &native["visitorId"]), (&json!("EVENT"), &made["visitor_id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn first_name_and_email_are_required() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let made = caller.post(LEADS, lead("a@example.com")).await.expect(201);
    let shown = caller.get(&format!("{LEADS}/{}", made["lead_id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&shown["first_name"], &shown["last_name"]), (&json!("Sam"), &Value::Null));
    let fields = |reply: ApiResponse| error_with_fields(&reply, 400);
    let invalid =
        |names: &[&str]| ("INVALID_REQUEST".to_owned(), names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(fields(caller.post(LEADS, json!({})).await), invalid(&["email", "first_name"]));
    assert_eq!(fields(caller.post(LEADS, json!({ "first_name": "Sam" })).await), invalid(&["email"]));
    assert_eq!(fields(caller.post(LEADS, json!({ "email": "b@example.com" })).await), invalid(&["first_name"]));
    let body = json!({ "first_name": "Mary Ann", "last_name": "von der Lee", "email": "c@example.com" });
    let made = caller.post(LEADS, body).await.expect(201);
    let shown = caller.get(&format!("{LEADS}/{}", made["lead_id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&shown["first_name"], &shown["last_name"]), (&json!("Mary Ann"), &json!("von der Lee")));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_lead_fields_are_named() {
    let server = unlimited_server().await;
    let caller = Caller::vendor_pad(&server);
    let long = |count: usize| json!("x".repeat(count));
    let cases = [
        ("first_name", vec![json!(1), json!(""), json!(null), json!("\u{0}\u{200b}"), long(101), json!(["Sam"])]),
        ("last_name", vec![json!(1), long(100), json!({})]),
        ("email", vec![json!(1), json!("sam"), json!("sam@localhost"), json!("a b@example.com"), json!(null)]),
        ("phone", vec![json!(7_700_900_000_u64), long(201)]),
        ("event_type", vec![json!(1), long(101)]),
        (
            "event_date",
            vec![json!("2026-02-30"), json!("14.09.2026"), json!("2026-9-14"), json!(20_260_914), json!("0000-01-01")],
        ),
        (
            "brand_id",
            vec![json!("one"), json!("0"), json!(0), json!(-1), json!(1.5), json!(4_294_967_296_u64), json!([1])],
        ),
        ("visitor_id", vec![json!(1), long(101)]),
        ("utm_source", vec![json!(1), long(501)]),
        ("utm_medium", vec![json!(1), long(501)]),
        ("utm_campaign", vec![json!(["a"]), long(501)]),
        ("utm_term", vec![json!({}), long(501)]),
        ("utm_content", vec![json!(false), long(501)]),
    ];
    for (field, values) in cases {
        for value in values {
            let mut body = documents_lead();
            body[field] = value.clone();
            let rejected = error_with_fields(&caller.post(LEADS, body).await, 400);
            assert_eq!(rejected, ("INVALID_REQUEST".to_owned(), vec![field.to_owned()]), "{value}");
        }
    }
    for body in ["", "{", "[]", "null", "first_name=Sam"] {
        let reply = caller.send(http::Method::POST, LEADS, &[], Some(body.into())).await;
        assert_eq!(error_with_fields(&reply, 400).1, ["body"]);
    }
    assert_eq!(ids(&caller.get(LEADS).await.expect(200)), [""; 0], "nothing was created");
}

// "Returns { lead_id, visitor_id, duplicate }."

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_id_is_stored_with_the_lead() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    for (number, visitor) in ["9f1c1b1e-5d8e-4c44-9f63-0a4b6f2f1a11", "visitor 7 / ü", "1"].into_iter().enumerate() {
        let mut body = lead(&format!("sam{number}@example.com"));
        body["visitor_id"] = visitor.into();
        let made = caller.post(LEADS, body).await.expect(201);
        assert_eq!(made["visitor_id"], visitor);
        let shown = caller.get(&format!("{LEADS}/{}", made["lead_id"].as_str().unwrap())).await.expect(200);
        assert_eq!(shown["visitor_id"], visitor);
    }
}

// "If a lead with the same email already exists in your business, duplicate: true …"

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_returns_the_first_leads_ids() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let mut body = documents_lead();
    body["visitor_id"] = "the first".into();
    let first = caller.post(LEADS, body).await.expect(201);
    for email in ["sam@example.com", " Sam@Example.COM ", "SAM@EXAMPLE.COM"] {
        let mut body = documents_lead();
        body["email"] = email.into();
        body["visitor_id"] = "another".into();
        let again = caller.post(LEADS, body).await.expect(200);
        let expected = json!({ "lead_id": first["lead_id"], "visitor_id": "the first", "duplicate": true });
        assert_eq!(again, expected, "{email}");
    }
    assert_eq!(ids(&caller.get(LEADS).await.expect(200)), [first["lead_id"].as_str().unwrap()]);
    // Another person, or the same person in another business, is no duplicate.
    caller.post(LEADS, lead("sam.taylor@example.com")).await.expect(201);
    let second = json!({ "name": "Second", "country": "GB", "brandId": 2 });
    caller.post("/v2/businesses", second).await.expect(201);
    let mut body = documents_lead();
    body["brand_id"] = 2.into();
    assert_eq!(caller.post(LEADS, body).await.expect(201)["duplicate"], false);
}

// "brand_id": 1

#[tokio::test(flavor = "multi_thread")]
async fn a_brand_id_selects_a_business() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let second = json!({ "name": "Second", "country": "GB", "brandId": 7 });
    let second = caller.post("/v2/businesses", second).await.expect(201);
    let of = async |body: Value| {
        let made = caller.post(LEADS, body).await.expect(201);
        caller.get(&format!("{LEADS}/{}", made["lead_id"].as_str().unwrap())).await.expect(200)
    };
    let in_second = of(json!({ "first_name": "Sam", "email": "a@example.com", "brand_id": 7 })).await;
    assert_eq!(in_second["business_id"], second["id"]);
    let in_first = of(lead("a@example.com")).await;
    assert_ne!(in_first["business_id"], second["id"], "defaults to the tenant's first business");
    assert_eq!(ids(&caller.get(&format!("{LEADS}?brand_id=7")).await.expect(200)), [in_second["id"].as_str().unwrap()]);
    assert_eq!(ids(&caller.get(LEADS).await.expect(200)).len(), 2, "all of the tenant's");
    let body = json!({ "name": "bound", "scopes": ["leads:read", "leads:write", "events:write"],
        "contract": "vendorPad", "businessId": second["id"] });
    let bound = caller.post("/v2/keys", body).await.expect(201);
    let bound = caller.with_key(bound["key"].as_str().unwrap());
    assert_eq!(bound.post(LEADS, lead("b@example.com")).await.expect(201)["duplicate"], false);
    assert_eq!(bound.post(LEADS, lead("a@example.com")).await.expect(200)["lead_id"], in_second["id"]);
    // Another tenant has a business with this number; this one has none.
    Caller::native(&server)
        .post("/v2/businesses", json!({ "name": "x", "country": "GB", "brandId": 9 }))
        .await
        .expect(201);
    for (sender, brand) in [(&caller, 9), (&caller, 99), (&bound, 1), (&bound, 9)] {
        let body = json!({ "first_name": "Sam", "email": "c@example.com", "brand_id": brand });
        assert_eq!(error_with_fields(&sender.post(LEADS, body).await, 404).0, "NOT_FOUND");
        let body = json!({ "visitor_id": "v", "event_type": "pageview", "brand_id": brand });
        error_with_fields(&sender.post(EVENTS, body).await, 404);
        error_with_fields(&sender.get(&format!("{LEADS}?brand_id={brand}")).await, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_are_listed_in_snake_case() {
    let server = unlimited_server().await;
    let caller = Caller::vendor_pad(&server);
    let create = |number: usize| {
        let caller = caller.clone();
        async move { caller.post(LEADS, lead(&format!("sam{number}@example.com"))).await.expect(201) }
    };
    let made: HashSet<_> = run_concurrently((0..101).map(create))
        .await
        .into_iter()
        .map(|made| made["lead_id"].as_str().unwrap().to_owned())
        .collect();
    let first = caller.get(LEADS).await.expect(200);
    assert_eq!(keys(&first), ["data", "pagination"]);
    assert_eq!(keys(&first["pagination"]), ["has_more", "next_cursor"]);
    assert_eq!((ids(&first).len(), &first["pagination"]["has_more"]), (20, &json!(true)));
    let first_page = caller.get(&format!("{LEADS}?limit=100")).await.expect(200);
    assert_eq!(ids(&first_page).len(), 100);
    let times: Vec<_> =
        first_page["data"].as_array().unwrap().iter().map(|lead| lead["created_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
    let cursor = first_page["pagination"]["next_cursor"].as_str().unwrap();
    let last = caller.get(&format!("{LEADS}?limit=100&cursor={cursor}")).await.expect(200);
    assert_eq!(last["pagination"], json!({ "next_cursor": null, "has_more": false }));
    let seen: HashSet<_> = ids(&first_page).into_iter().chain(ids(&last)).collect();
    assert_eq!(seen, made);

    let won = ids(&last).remove(0);
    caller.patch(&format!("/v2/leads/{won}"), json!({ "status": "WON" })).await.expect(200);
    let found = caller.get(&format!("{LEADS}?status=won")).await.expect(200);
    assert_eq!((ids(&found), &found["data"][0]["status"]), (vec![won], &json!("won")));
    let none = caller.get(&format!("{LEADS}?created_from=2001-01-01&created_to=2001-01-02")).await.expect(200);
    assert_eq!(ids(&none), [""; 0]);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("status=gained", "status"),
        ("status=converted", "status"),
        ("created_from=yesterday", "created_from"),
        ("created_to=2026-02-30", "created_to"),
        ("created_from=2026-01-02&created_to=2026-01-01", "created_from"),
        ("brand_id=first", "brand_id"),
        ("brand_id=0", "brand_id"),
        ("cursor=rubbish", "cursor"),
        (&format!("status=new&cursor={cursor}"), "cursor"),
    ] {
        assert_eq!(error_with_fields(&caller.get(&format!("{LEADS}?{query}")).await, 400).1, [field], "{query}");
    }
    for id in ["018f0000-0000-7000-8000-000000000000", "nonsense", "%FF"] {
        assert_eq!(error_with_fields(&caller.get(&format!("{LEADS}/{id}")).await, 404).0, "NOT_FOUND");
    }
}
