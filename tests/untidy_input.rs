//! Input as forms, spreadsheets and chat tools send it: blanks, invisible characters, byte-order marks, halves of emoji, fields
//! that nobody knows. A lead who can be reached is not lost for it.

use crate::harness::{Caller, RandomNumbers, id, leads, unlimited_server};
use domain::Contract;
use local::LocalServer;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Number of random leads for each contract.
const LEADS: usize = 120;

/// A contract's way to create a lead.
struct Endpoint {
    contract: Contract,
    caller: Caller,
    path: &'static str,
    /// Names of the required texts.
    name: &'static str,
    /// Optional texts, with their maximum length in characters.
    texts: &'static [(&'static str, usize)],
    /// Optional fields of other kinds, for which a blank means that they are absent.
    others: &'static [&'static str],
}

fn endpoints(server: &LocalServer) -> [Endpoint; 4] {
    [
        Endpoint {
            contract: Contract::Native,
            caller: Caller::native(server),
            path: "/v2/leads",
            name: "name",
            texts: &[("message", 10_000), ("serviceInterest", 200), ("visitorId", 100)],
            others: &["businessId", "source", "category", "utm", "consent", "attributes"],
        },
        Endpoint {
            contract: Contract::RevenueDefenders,
            caller: Caller::revenue_defenders(server),
            path: "/api/v1/leads",
            name: "name",
            texts: &[("message", 10_000), ("serviceInterest", 200)],
            others: &["businessId", "source"],
        },
        Endpoint {
            contract: Contract::VendorPad,
            caller: Caller::vendor_pad(server),
            path: "/api/v1/developer/leads",
            name: "first_name",
            texts: &[
                ("last_name", 99),
                ("event_type", 100),
                ("visitor_id", 100),
                ("utm_source", 500),
                ("utm_term", 500),
            ],
            others: &["event_date", "brand_id"],
        },
        Endpoint {
            contract: Contract::LeadRescue,
            caller: Caller::lead_rescue(server),
            path: "/v1/leads",
            name: "customer_name",
            texts: &[("car_model", 200)],
            others: &["consent", "license_photo_b64"],
        },
    ]
}

/// Strings that show nothing.
const BLANKS: [&str; 7] = ["", " ", "\u{200b}", "\u{feff}", "\t\n", "\u{0}", "\u{a0}\u{2800}"];

/// Pieces of texts.
const PIECES: [&str; 16] = [
    "a",
    "Å",
    "用",
    "😀",
    "👨\u{200d}👩",
    " ",
    "\n",
    "\r\n",
    "\u{0}",
    "\u{1b}",
    "\u{200b}",
    "\u{202e}",
    "\u{2028}",
    "\"",
    "\\",
    "{{name}}",
];

/// Texts that are found in a field for telephone numbers.
const PHONES: [&str; 14] = [
    "070-123 45 67",
    "+46 (0)70 123 45 67",
    "n/a",
    "none",
    "call after 5pm 555-1234",
    "٠٧٠١٢٣٤٥٦٧",
    "０７０１２３４５６７",
    "tel:+46701234567;ext=5",
    "\u{202a}+46\u{2011}701234567\u{202c}",
    "+999123456789012345",
    "0",
    "123456789012345678901234567890123456789",
    "jane@example.com",
    "-",
];

fn text(random: &RandomNumbers, max_chars: usize) -> String {
    let mut text = "x".to_owned();
    let wanted = random.index(max_chars.min(400)) + 1;
    while text.chars().count() < wanted {
        let piece = PIECES[random.index(PIECES.len())];
        if text.chars().count() + piece.chars().count() > max_chars {
            break;
        }
        text.push_str(piece);
    }
    text
}

fn any_value(random: &RandomNumbers) -> Value {
    match random.index(8) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(random.next()),
        3 => json!(random.fraction()),
        4 => json!([text(random, 20)]),
        5 => json!({ "nested": { "deeper": text(random, 20) } }),
        6 => json!("y".repeat(random.index(2_000))),
        _ => json!(text(random, 300)),
    }
}

/// Returns a lead with a good e-mail address (LeadRescue: a good number) and whatever else a form may send.
fn random_lead(endpoint: &Endpoint, number: usize, random: &RandomNumbers) -> Map<String, Value> {
    let blank = |random: &RandomNumbers| json!(BLANKS[random.index(BLANKS.len())]);
    let mut lead = Map::new();
    lead.insert(endpoint.name.to_owned(), json!(text(random, 99)));
    lead.insert("email".to_owned(), json!(format!("{}form{number}@example.com", BLANKS[random.index(BLANKS.len())])));
    let phone = match (endpoint.contract, random.index(4)) {
        (Contract::LeadRescue, _) => json!("+46701234567"),
        (_, 0) => blank(random),
        (_, 1) => json!(text(random, 200)),
        _ => json!(PHONES[random.index(PHONES.len())]),
    };
    lead.insert("phone".to_owned(), phone);
    for (name, max_chars) in endpoint.texts {
        let value = match random.index(3) {
            0 => continue,
            1 => blank(random),
            _ => json!(text(random, *max_chars)),
        };
        lead.insert((*name).to_owned(), value);
    }
    for name in endpoint.others {
        if random.index(2) == 0 {
            lead.insert((*name).to_owned(), blank(random));
        }
    }
    for _ in 0..random.index(80) {
        lead.insert(text(random, 80), any_value(random));
    }
    lead
}

/// Writes a lead as JSON in one of the ways that programs do.
fn written(lead: &Map<String, Value>, random: &RandomNumbers) -> Vec<u8> {
    let text = serde_json::to_string(lead).unwrap();
    match random.index(3) {
        0 => format!("\u{feff}{text}").into_bytes(),
        1 => text.replace('😀', "\\ud83d").into_bytes(),
        _ => text.into_bytes(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reachable_lead_is_always_stored() {
    let server = unlimited_server().await;
    let random = RandomNumbers::new(0x001e_ad5f);
    for endpoint in endpoints(&server) {
        for number in 0..LEADS {
            let lead = random_lead(&endpoint, number, &random);
            let body = written(&lead, &random);
            let sent = endpoint.caller.send(Method::POST, endpoint.path, &[], Some(body)).await;
            assert_eq!(sent.status, 201, "{:?}: {} for {}", endpoint.contract, sent.text, Value::Object(lead));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blank_fields_are_absent_in_every_contract() {
    let server = unlimited_server().await;
    for endpoint in endpoints(&server) {
        for (number, blank) in BLANKS.into_iter().enumerate() {
            let mut lead = json!({ "email": format!("blank{number}@example.com"), "phone": "+46701234567" });
            lead[endpoint.name] = json!("Jane");
            for name in endpoint.texts.iter().map(|(name, _)| name).chain(endpoint.others) {
                lead[*name] = json!(blank);
            }
            endpoint.caller.post(endpoint.path, lead.clone()).await.expect(201);
            lead[endpoint.name] = json!(blank);
            lead["email"] = json!("other@example.com");
            let error = endpoint.caller.post(endpoint.path, lead).await;
            assert!(error.status == 400 && error.text.contains(endpoint.name), "{}", error.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blank_clears_in_a_change_and_filters_nothing() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let mut lead = leads::with_email_and_message();
    lead["utm"] = json!({ "source": "x" });
    lead["consent"] = json!([]);
    let made = native.post("/v2/leads", lead).await.expect(201);
    assert_eq!(made["consent"], Value::Null);
    let path = format!("/v2/leads/{}", id(&made));
    let cleared = json!({ "message": " ", "utm": [], "attributes": "", "phone": "" });
    let changed = native.patch(&path, cleared).await.expect(200);
    assert_eq!((&changed["message"], &changed["utm"], &changed["attributes"]), (&json!(null), &json!({}), &json!({})));
    let page = native.get("/v2/leads?status=&email=&createdFrom=&createdTo=%20&limit=&cursor=").await.expect(200);
    assert_eq!(page["data"][0]["id"], made["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn invisible_characters_make_no_second_lead() {
    let server = unlimited_server().await;
    let pad = Caller::vendor_pad(&server);
    let first = pad.post("/api/v1/developer/leads", leads::for_every_contract("sam@example.com")).await.expect(201);
    for email in ["\u{200b}sam@example.com", " SAM@example.com\u{feff}", "s\u{ad}am@example.com"] {
        let again = pad.post("/api/v1/developer/leads", leads::for_every_contract(email)).await.expect(200);
        assert_eq!((&again["duplicate"], &again["lead_id"]), (&json!(true), &first["lead_id"]), "{email:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_and_halves_of_characters_are_understood() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let body = "\u{feff}{\"name\": \"Jane \\ud83d\", \"email\": \"jane@example.com\", \"message\": \"\\\\ud83d\"}";
    let made = native.send(Method::POST, "/v2/leads", &[], Some(body.as_bytes().to_vec())).await.expect(201);
    assert_eq!((&made["name"], &made["message"]), (&json!("Jane \u{fffd}"), &json!("\\ud83d")));
}

#[tokio::test(flavor = "multi_thread")]
async fn event_props_come_back_as_they_were_sent() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let props = r#"{"a":1.50,"b":18446744073709551615,"c":{"d":[117.63331139400017,1e3]}}"#;
    let body = format!(r#"{{"visitorId":"v","eventType":"custom","eventProps":{props}}}"#);
    let made = native.send(Method::POST, "/v2/events", &[], Some(body.into_bytes())).await;
    assert!(made.status == 201 && made.text.contains(props), "{}", made.text);
    assert!(native.get("/v2/events?visitorId=v").await.text.contains(props));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_read_in_any_letter_case() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", leads::with_field("category", json!("Agency"))).await.expect(201);
    assert_eq!(lead["category"], "AGENCY");
    let path = format!("/v2/leads/{}", id(&lead));
    assert_eq!(native.patch(&path, json!({ "status": "won" })).await.expect(200)["status"], "WON");
    let page = native.get("/v2/leads?status=Won&category=agency").await.expect(200);
    assert_eq!(page["data"][0]["id"], lead["id"]);
    let key =
        json!({ "name": "ci", "scopes": ["Leads:Read"], "mode": "TEST", "contract": "vendorpad", "tier": "Free" });
    let key = native.post("/v2/keys", key).await.expect(201);
    assert_eq!((&key["scopes"], &key["mode"]), (&json!(["leads:read"]), &json!("test")));
    let hook = json!({ "url": "http://127.0.0.1:9999/", "events": ["Lead.Won"], "contract": "NATIVE" });
    assert_eq!(native.post("/v2/webhooks", hook).await.expect(201)["events"], json!(["lead.won"]));
    let dispute = json!({ "reason": "not_received", "amountCents": 1 });
    let defenders = Caller::revenue_defenders(&server);
    assert_eq!(defenders.post("/api/v1/disputes", dispute).await.expect(201)["reason"], "NOT_RECEIVED");
    let event = json!({ "visitor_id": "v", "event_type": "PageView" });
    Caller::vendor_pad(&server).post("/api/v1/developer/events", event).await.expect(201);
    let rescue = Caller::lead_rescue(&server);
    let drive = json!({ "customer_name": "Anna", "phone": "+46701234567" });
    let drive = format!("/v1/leads/{}", id(&rescue.post("/v1/leads", drive).await.expect(201)));
    assert_eq!(rescue.patch(&drive, json!({ "status": "Converted" })).await.expect(200)["status"], "converted");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_may_be_given_as_text() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let pad = Caller::vendor_pad(&server);
    for (number, brand) in [json!("1"), json!(" 1 "), json!("1.0"), json!(1)].into_iter().enumerate() {
        let mut lead = leads::for_every_contract(&format!("sam{number}@example.com"));
        lead["brand_id"] = brand;
        pad.post("/api/v1/developer/leads", lead).await.expect(201);
    }
    let dispute = json!({ "reason": "GENERAL", "amountCents": "15000" });
    assert_eq!(native.post("/v2/disputes", dispute).await.expect(201)["amountCents"], 15_000);
    let business = json!({ "name": "B", "country": "SE", "brandId": "7" });
    assert_eq!(native.post("/v2/businesses", business).await.expect(201)["brandId"], 7);
    let rotated = native.subscribe("http://127.0.0.1:9999/").await;
    let path = format!("/v2/webhooks/{}/rotate-secret", id(&rotated));
    assert!(native.post(&path, json!({ "overlapSeconds": "0" })).await.expect(200)["previousSecretUntil"].is_null());
    native.post(&path, json!({ "overlapSeconds": "" })).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_empty_values_are_absent() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for empty in [json!({ "given": "", "text": "" }), json!({ "given": null, "text": " \u{200b}" }), json!({})] {
        let made = native.post("/v2/leads", leads::with_field("consent", empty.clone())).await.expect(201);
        assert_eq!(made["consent"], Value::Null, "{empty}");
        let path = format!("/v2/leads/{}", id(&made));
        native.patch(&path, json!({ "consent": { "given": true } })).await.expect(200);
        let cleared = native.patch(&path, json!({ "consent": empty, "utm": { "source": "" } })).await.expect(200);
        assert_eq!((&cleared["consent"], &cleared["utm"]), (&Value::Null, &json!({})), "{empty}");
    }
    let evidence = json!({ "category": "PHOTO", "file": { "contentType": "", "size": null, "name": "" } });
    assert_eq!(native.post("/v2/evidence", evidence).await.expect(201)["status"], "NONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_any_magnitude_come_back_exactly() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    for numbers in [r#"{"a":1e101,"b":-2.50E+400}"#, r#"{"a":1e-101,"b":5e-324}"#, r#"{"a":1e300,"b":1e-400}"#] {
        let body = format!(r#"{{"name":"Jane","email":"jane@example.com","attributes":{numbers}}}"#);
        let made = native.send(Method::POST, "/v2/leads", &[], Some(body.into_bytes())).await;
        assert!(made.status == 201 && made.text.contains(numbers), "{}", made.text);
        let location = made.header("location").to_owned();
        // Read back from the table, also after another change.
        let changed = native.patch(&location, json!({ "status": "CONTACTED" })).await;
        assert!(changed.status == 200 && changed.text.contains(numbers), "{}", changed.text);
        assert!(native.get(&location).await.text.contains(numbers));
    }
    let body = format!(r#"{{"name":"Jane","email":"jane@example.com","attributes":{{"a":1{}}}}}"#, "0".repeat(1_000));
    native.send(Method::POST, "/v2/leads", &[], Some(body.into_bytes())).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_among_attributes_are_never_kept() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let attributes =
        json!({ "password": "hunter2", "g-recaptcha-response": "hunter2", "_csrf": "hunter2", "vip": true });
    let made = native.post("/v2/leads", leads::with_field("attributes", attributes.clone())).await.expect(201);
    assert_eq!(made["attributes"], json!({ "vip": true }));
    let warned: Vec<_> = made["warnings"].as_array().unwrap().iter().map(|warning| &warning["field"]).collect();
    assert_eq!(warned, ["attributes._csrf", "attributes.g-recaptcha-response", "attributes.password"]);
    assert!(!made.to_string().contains("hunter2"));
    let path = format!("/v2/leads/{}", id(&made));
    let changed = native.patch(&path, json!({ "attributes": attributes })).await.expect(200);
    assert_eq!(changed["attributes"], json!({ "vip": true }));
    let batch =
        json!({ "leads": [{ "name": "A", "email": "a@example.com", "attributes": { "user_pwd": "hunter2" } }] });
    let batch = native.post("/v2/leads/batch", batch).await.expect(200);
    assert_eq!(batch["results"][0]["warnings"][0]["field"], "leads[0].attributes.user_pwd");
    assert_eq!(batch["results"][0]["lead"]["attributes"], json!({}));
}
