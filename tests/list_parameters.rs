//! Parameters of lists: dates that are days of a business, parameters that links carry, and the same request in another
//! spelling.

use crate::harness::{Caller, IssuedKey, id, leads, options, server, unlimited_server};
use domain::{Contract, TenantId, Timestamp};
use local::LocalServer;
use reqwest::Method;
use serde_json::{Value, json};

async fn count(caller: &Caller, path: &str) -> usize {
    caller.get(path).await.expect(200)["data"].as_array().unwrap().len()
}

/// Returns the date of an instant in UTC.
fn day(at: &str) -> &str {
    &at[..10]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_at_the_end_includes_the_day() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let made = native.post("/v2/leads", leads::with_email()).await.expect(201);
    native.post("/v2/keys", json!({ "name": "ci", "scopes": ["leads:read"] })).await.expect(201);
    let today = day(made["createdAt"].as_str().unwrap());
    for path in [format!("createdTo={today}"), format!("createdFrom={today}&createdTo={today}")] {
        assert_eq!(count(&native, &format!("/v2/leads?{path}")).await, 1, "{path}");
    }
    assert!(count(&native, &format!("/v2/audit-log?createdFrom={today}&createdTo={today}")).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_is_that_of_the_business() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    // The two zones are 26 hours apart: at no time are their dates the same.
    let business = async |zone: &str| {
        let body = json!({ "name": zone, "country": "SE", "timeZone": zone });
        id(&native.post("/v2/businesses", body).await.expect(201))
    };
    let (first, last) = (business("Pacific/Kiritimati").await, business("Etc/GMT+12").await);
    let created = async |business: &String| {
        let made = native.post("/v2/leads", leads::with_field("businessId", json!(business))).await.expect(201);
        Timestamp::parse(made["createdAt"].as_str().unwrap()).unwrap()
    };
    for (business, offset) in [(&first, 14), (&last, -12)] {
        let local = Timestamp::from_millis(created(business).await.millis() + offset * domain::time::HOUR).to_string();
        let today = day(&local);
        let path = format!("/v2/leads?businessId={business}&createdFrom={today}&createdTo={today}");
        assert_eq!(count(&native, &path).await, 1, "{path}");
        let next = Timestamp::from_millis(Timestamp::parse(today).unwrap().millis() + domain::time::DAY).to_string();
        assert_eq!(count(&native, &format!("/v2/leads?businessId={business}&createdFrom={}", day(&next))).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_may_carry_tracking_parameters() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let made = native.post("/v2/leads?source=crm&page=1", leads::with_email()).await.expect(201);
    assert_eq!(count(&native, "/v2/leads?utm_source=x&utm_id=1&gclid=2&fbclid=3&_=4&status=NEW&status=NEW").await, 1);
    for path in [format!("/v2/leads/{}?page=1&x=2&x=3", id(&made)), "/v2/me?x=1".to_owned()] {
        native.get(&path).await.expect(200);
    }
    Caller::revenue_defenders(&server).get("/api/v1/leads?page=1&status=NEW&status=WON").await.expect(200);
    let error = native.get("/v2/leads?createdfrom=2026-11-26").await.expect(400);
    let message = error["error"]["details"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with("did you mean createdFrom?"), "{message}");
    let error = native.get("/v2/leads?email=jane+tag@example.com").await.expect(400).to_string();
    assert!(error.contains("%2B"), "{error}");
}

async fn post(caller: &Caller, path: &str, headers: &[(&str, &str)], body: &str) -> crate::harness::ApiResponse {
    caller.send(Method::POST, path, headers, Some(body.as_bytes().to_vec())).await
}

/// Asserts that a request in another spelling is the same under an idempotency key, and one with another value is not.
async fn assert_compared_by_value(caller: &Caller, path: &str, spellings: [&str; 3], other: &str) {
    let headers = [("Idempotency-Key", "form")];
    let first = post(caller, path, &headers, spellings[0]).await;
    assert!(first.status < 300, "{}", first.text);
    for spelling in spellings {
        let again = post(caller, path, &headers, spelling).await;
        assert_eq!((again.status, &again.text, again.is_replayed()), (first.status, &first.text, true), "{spelling}");
    }
    post(caller, path, &headers, other).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_bodies_are_the_same_request() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let leads = [
        r#"{"name":"Jane","email":"jane@example.com","attributes":{"a":1,"b":2.50}}"#,
        " { \"attributes\": {\"b\":25e-1, \"a\":1.0}, \"email\":\"jane@example.com\", \"name\":\"\\u004aane\"}",
        "\u{feff}{\"name\":\"Jane\",\n\"email\":\"jane@example.com\",\"attributes\":{\"b\":2.5,\"a\":1}}",
    ];
    let other = r#"{"name":"Jane","email":"jane@example.com","attributes":{"a":1,"b":2.51}}"#;
    assert_compared_by_value(&native, "/v2/leads", leads, other).await;
    let batch = leads.map(|lead| format!(r#"{{"leads":[{}]}}"#, lead.trim_start_matches('\u{feff}')));
    let other = format!(r#"{{"leads":[{other}]}}"#);
    assert_compared_by_value(&native, "/v2/leads/batch", batch.each_ref().map(String::as_str), &other).await;
    let disputes = [
        r#"{"reason":"GENERAL","amountCents":15000}"#,
        r#"{"amountCents":1.5e4,"reason":"GENERAL"}"#,
        r#"{"amountCents":15000.0, "reason":"GENERAL"}"#,
    ];
    assert_compared_by_value(&native, "/v2/disputes", disputes, r#"{"reason":"GENERAL","amountCents":15001}"#).await;
    let pad = [
        r#"{"first_name":"Sam","email":"sam@example.com"}"#,
        r#"{"email":"sam@example.com","first_name":"Sam"}"#,
        r#"{ "first_name": "Sam", "email": "sam@example.com" }"#,
    ];
    let other = r#"{"first_name":"Sam","email":"other@example.com"}"#;
    assert_compared_by_value(&Caller::vendor_pad(&server), "/api/v1/developer/leads", pad, other).await;
    let rescue = [
        r#"{"customer_name":"Anna","phone":"+46701234567"}"#,
        r#"{"phone":"+46701234567","customer_name":"Anna"}"#,
        r#"{ "customer_name": "Anna", "phone": "+46701234567" }"#,
    ];
    let other = r#"{"customer_name":"Anna","phone":"+46701234568"}"#;
    assert_compared_by_value(&Caller::lead_rescue(&server), "/v1/leads", rescue, other).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_different_idempotency_keys_are_explained() {
    let server = LocalServer::start(options()).await.unwrap();
    let native = Caller::native(&server);
    let body = leads::with_email().to_string();
    let same = [("Idempotency-Key", "a"), ("X-Idempotency-Key", "\"a\"")];
    post(&native, "/v2/leads", &same, &body).await.expect(201);
    for (headers, field) in [
        ([("Idempotency-Key", "a"), ("X-Idempotency-Key", "b")], "x-idempotency-key"),
        ([("Idempotency-Key", "a"), ("Idempotency-Key", "b")], "idempotency-key"),
    ] {
        let detail: Value =
            post(&native, "/v2/leads", &headers, &body).await.expect(400)["error"]["details"][0].clone();
        assert_eq!(detail["field"], field);
        assert!(detail["message"].as_str().unwrap().contains("differs from another idempotency key"), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_native_list_ignores_a_parameter() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let lead = id(&native.post("/v2/leads", leads::with_email()).await.expect(201));
    let mut lists = Vec::new();
    for path in contract::profile(Contract::Native).paths() {
        let path = format!("/v2{}", path.replace("{id}", &lead));
        let query = if path == "/v2/events" { "visitorId=v&" } else { "" };
        let page = native.get(&format!("{path}?{query}_=1&utm_source=x")).await;
        if page.status != 200 || page.json().get("pagination").is_none() {
            continue;
        }
        let error = native.get(&format!("{path}?{query}colour=blue")).await.expect(400);
        assert_eq!(error["error"]["details"][0]["field"], "colour", "{path}");
        native.get(&format!("{path}?{query}limit=0")).await.expect(400);
        assert_eq!(
            count(&native, &format!("{path}?{query}limit=100")).await,
            page.json()["data"].as_array().unwrap().len()
        );
        lists.push(path);
    }
    assert!(lists.len() >= 13 && lists.contains(&"/v2/event-types".to_owned()), "{lists:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fixed_lists_have_pages() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for path in ["/v2/event-types?", "/v2/sequence-templates?builtIn=True&"] {
        let all = native.get(path).await.expect(200)["data"].as_array().unwrap().clone();
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = native.get(&format!("{path}limit=2&cursor={cursor}")).await.expect(200);
            paged.extend(page["data"].as_array().unwrap().clone());
            match page["pagination"]["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(paged, all, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_times_say_what_is_wrong() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for (text, wrong) in [
        ("12:00:00Z", "RFC 3339"),
        ("2026-05-25T12:00:00", "time zone"),
        ("2026-05-25T12:00:00%2B25:00", "time zone"),
        ("2026-05-25T12:00:00 02:00", "%2B"),
        ("2026-05-25T12:00:00CET", "time zone"),
        ("2026-02-30", "exists"),
        ("2026-05-25T25:00:00Z", "time of day"),
        ("1960-01-01", "from 1970"),
    ] {
        for path in ["/v2/leads?createdFrom", "/v2/deliveries?createdTo", "/api/v1/developer/leads?created_to"] {
            let error = native.get(&format!("{path}={text}")).await.expect(400).to_string();
            assert!(error.contains(wrong) && error.contains("a day"), "{path} {text}: {error}");
        }
    }
}

/// The built-in templates are everybody's, a tenant's that has set up nothing too.
#[tokio::test(flavor = "multi_thread")]
async fn built_in_templates_need_no_business() {
    let server = server().await;
    let native = IssuedKey::new(&server, |record| record.tenant = TenantId::derived(&[b"no business"])).await;
    let native = native.caller(&server);
    let listed = native.get("/v2/sequence-templates?builtIn=true").await.expect(200);
    assert!(listed["data"].as_array().unwrap().iter().all(|template| template["builtIn"] == true));
    assert_ne!(listed["data"], json!([]));
    assert_eq!(native.get("/v2/sequence-templates").await.expect(200)["data"], json!([]));
    let foreign = format!("/v2/sequence-templates?builtIn=true&businessId={}", uuid::Uuid::new_v4());
    native.get(&foreign).await.expect(404);
}
