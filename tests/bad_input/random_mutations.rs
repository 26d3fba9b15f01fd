//! Randomly mutated requests never cause a 5xx.

use crate::harness::{Caller, unlimited_server};
use reqwest::Method;
use serde_json::json;

/// Reproducible pseudo-random numbers (xorshift).
struct RandomNumbers(u64);

impl RandomNumbers {
    fn next(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.next(from.len())]
    }
}

/// Replacement values for a JSON value.
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

/// Mutates a body slightly, or leaves it unchanged.
fn mutate(body: &mut Vec<u8>, random: &mut RandomNumbers) {
    for _ in 0..random.next(4) {
        match random.next(5) {
            0 if !body.is_empty() => {
                let place = random.next(body.len());
                body[place] = u8::try_from(random.next(256)).unwrap();
            }
            1 => body.truncate(random.next(body.len() + 1)),
            2 => {
                let place = random.next(body.len() + 1);
                body.insert(place, b"{}[]\",:\\0e\x7f\xff"[random.next(12)]);
            }
            _ => {
                // Replaces the value that follows a random colon.
                let colons: Vec<_> = (0..body.len()).filter(|place| body[*place] == b':').collect();
                if let Some(colon) = colons.get(random.next(colons.len().max(1))) {
                    let end =
                        body[*colon..].iter().position(|byte| b",}".contains(byte)).map_or(body.len(), |n| colon + n);
                    body.splice(colon + 1..end, random.pick(&VALUES).bytes());
                }
            }
        }
    }
}

/// Returns valid bodies to be mutated.
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
        "/v2/event-types/{id}/sample",
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
    let mut random = RandomNumbers(0x5eed_1ead_0000_0001);
    let mut statuses = std::collections::BTreeMap::new();
    for iteration in 0..1_200 {
        let mut body = random.pick(&seeds).to_owned().into_bytes();
        mutate(&mut body, &mut random);
        let some_id = match random.next(4) {
            0 => "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            1 => "%E2%82",
            _ => id,
        };
        let path = format!("{}{}", random.pick(&paths).replace("{id}", some_id), random.pick(&queries));
        let method = methods[random.next(methods.len())].clone();
        let headers: &[(&str, &str)] = match random.next(6) {
            0 => &[("Idempotency-Key", "fuzz")],
            1 => &[("If-Match", "W/\"1\", \"x")],
            2 => &[("Idempotency-Key", "\""), ("X-Idempotency-Key", "\"\"\"")],
            3 => &[("Access-Control-Request-Method", "BREW")],
            _ => &[],
        };
        let shown = String::from_utf8_lossy(&body).into_owned();
        let reply = native.send(method.clone(), &path, headers, Some(body)).await;
        assert!(reply.status < 500, "iteration {iteration}: {} to {method} {path} {headers:?} {shown}", reply.status);
        *statuses.entry(reply.status).or_insert(0) += 1;
    }
    assert!(statuses.len() > 5, "the fuzz goes everywhere: {statuses:?}");
}
