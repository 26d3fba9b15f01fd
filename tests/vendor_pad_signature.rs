//! VendorPad signatures: deliveries of each documented event pass the document's own verification in each of its
//! languages.

use crate::harness::signature::is_signed_with;
use crate::harness::{Caller, DELIVERY_TIMEOUT, Received, Receiver, eventually, programs, server};
use serde_json::{Value, json};
use std::process::Stdio;

const DOCUMENT: &str = "vendor-pad.txt";
/// Events that the document names.
const EVENTS: [&str; 4] = ["lead.created", "lead.status_changed", "lead.won", "lead.lost"];

/// Events of winning a lead and losing it afterwards, sorted.
const SENT_EVENTS: [&str; 5] = ["lead.created", "lead.lost", "lead.status_changed", "lead.status_changed", "lead.won"];

async fn subscribe(caller: &Caller, url: &str) -> String {
    let body = json!({ "url": url, "events": EVENTS, "contract": "vendorPad" });
    caller.post("/v2/webhooks", body).await.expect(201)["secret"].as_str().unwrap().to_owned()
}

async fn create_lead(caller: &Caller, number: usize) -> String {
    let body = json!({ "first_name": "Zoë", "last_name": "Åkesson", "email": format!("zoe{number}@example.com"), "brand_id": 1 });
    let made = caller.post("/api/v1/developer/leads", body).await.expect(201);
    made["lead_id"].as_str().unwrap().to_owned()
}

/// Returns the deliveries for a lead that is created, won and lost, oldest first.
async fn delivered() -> (Vec<Received>, String) {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let receiver = Receiver::new().await;
    let secret = subscribe(&caller, &receiver.url).await;
    let id = create_lead(&caller, 0).await;
    receiver.wait_for(1, DELIVERY_TIMEOUT).await;
    for status in ["WON", "LOST"] {
        caller.patch(&format!("/v2/leads/{id}"), json!({ "status": status })).await.expect(200);
    }
    let received = receiver.wait_for(SENT_EVENTS.len(), DELIVERY_TIMEOUT).await;
    server.stop().await;
    (received, secret)
}

/// Returns a question to the program: for each event a genuine delivery, one with a changed body and one with a
/// changed time.
fn question(example: &[&str], received: &[Received], secret: &str) -> Value {
    let three = |received: &Received| {
        let genuine = programs::shown_to_programs(received);
        let mut forged = genuine.clone();
        forged["body"] = forged["body"].as_str().unwrap().replace("Zoë", "Zoe").into();
        let mut later = genuine.clone();
        let timestamp: i64 = received.header("x-vendorpad-timestamp").parse().unwrap();
        later["headers"]["x-vendorpad-timestamp"] = (timestamp + 1).to_string().into();
        [genuine, forged, later]
    };
    let deliveries: Vec<_> = received.iter().flat_map(three).collect();
    json!({ "example": example.join("\n"), "secret": secret, "deliveries": deliveries })
}

/// Returns the expected output, with `rejected` as the verdict on changed deliveries.
fn expected_output(rejected: &str) -> Value {
    let three = ["accepted", rejected, rejected];
    three.repeat(SENT_EVENTS.len()).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn documented_events_are_in_snake_case() {
    let (received, _) = delivered().await;
    let mut events: Vec<_> = received.iter().map(|one| one.header("x-vendorpad-event").to_owned()).collect();
    assert_eq!(events[0], "lead.created");
    events.sort_unstable();
    assert_eq!(events, SENT_EVENTS);
    for one in &received {
        let body = one.json();
        let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["created_at", "data", "event", "id"]);
        assert_eq!(body["event"], one.header("x-vendorpad-event"));
        assert_eq!(body["data"]["first_name"], "Zoë");
        assert_eq!(body["data"]["last_name"], "Åkesson");
        assert!(uuid::Uuid::parse_str(one.header("x-vendorpad-delivery")).is_ok());
        let status = match one.header("x-vendorpad-event") {
            "lead.created" => vec!["new"],
            "lead.won" => vec!["won"],
            "lead.lost" => vec!["lost"],
            _ => vec!["won", "lost"],
        };
        assert!(status.contains(&body["data"]["status"].as_str().unwrap()), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_receiver_accepts_a_fresh_delivery() {
    let (received, secret) = delivered().await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    for received in &received {
        assert!(is_signed_with("vendorPad", &secret, received));
        let timestamp: u64 = received.header("x-vendorpad-timestamp").parse().unwrap();
        assert!(now.abs_diff(timestamp) < 300);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_example_verifies_deliveries() {
    const LAST: &str = "if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) throw new Error('replay');";
    let Some(document) = programs::document(DOCUMENT) else { return };
    let Some(mut node) = programs::node() else { return };
    node.arg("vendor_pad.mjs");
    let example = programs::lines_of(&document, "const crypto = require('crypto');", LAST);
    let (received, secret) = delivered().await;
    assert_eq!(programs::ask(node, &question(&example, &received, &secret)), expected_output("bad sig"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_example_verifies_deliveries() {
    let Some(document) = programs::document(DOCUMENT) else { return };
    let Some(mut python) = programs::python() else { return };
    python.arg("vendor_pad.py");
    let example =
        programs::lines_of(&document, "import hmac, hashlib, time", "assert abs(time.time() - int(ts)) < 300");
    let (received, secret) = delivered().await;
    assert_eq!(programs::ask(python, &question(&example, &received, &secret)), expected_output("rejected"));
}

/// PHP's own server runs the example as its whole program; it gets the secret when that is known.
#[tokio::test(flavor = "multi_thread")]
async fn the_php_example_verifies_deliveries() {
    const LAST: &str = "if (!hash_equals($sig, $expected)) http_response_code(401);";
    let Some(document) = programs::document(DOCUMENT) else { return };
    let Some(php) = programs::php() else { return };
    let example = programs::lines_of(&document, "$body = file_get_contents('php://input');", LAST).join("\n");
    let folder = tempfile::tempdir().unwrap();
    let secret_file = folder.path().join("secret");
    let program = format!("<?php\n$secret = file_get_contents('{}');\n{example}\n", secret_file.display());
    std::fs::write(folder.path().join("index.php"), program).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut serving = tokio::process::Command::from(php);
    serving.args(["-S", &free.to_string(), "index.php"]).current_dir(folder.path());
    let _serving = serving.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    eventually(DELIVERY_TIMEOUT, "PHP serves", || async { tokio::net::TcpStream::connect(free).await.ok() }).await;

    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    let secret = subscribe(&caller, &format!("http://{free}/")).await;
    for (number, (events, status, outcome)) in
        [(secret.as_str(), 200, "DELIVERED"), ("whsec_another", 401, "REFUSED")].into_iter().enumerate()
    {
        std::fs::write(&secret_file, events).unwrap();
        let id = create_lead(&caller, number).await;
        for status in ["WON", "LOST"] {
            caller.patch(&format!("/v2/leads/{id}"), json!({ "status": status })).await.expect(200);
        }
        let attempts = eventually(DELIVERY_TIMEOUT, "the attempts are recorded", || async {
            let page = caller.get("/v2/deliveries").await.expect(200)["data"].as_array().unwrap().clone();
            let of_lead = page
                .get(..page.len() - number * SENT_EVENTS.len())
                .filter(|newest| newest.len() == SENT_EVENTS.len())?;
            let mut attempts = Vec::new();
            for delivery in of_lead {
                let path = format!("/v2/deliveries/{}", delivery["id"].as_str()?);
                attempts.push(caller.get(&path).await.expect(200)["attempts"].get(0)?.clone());
            }
            Some(attempts)
        })
        .await;
        for attempt in attempts {
            assert_eq!((&attempt["status"], &attempt["outcome"]), (&json!(status), &json!(outcome)));
        }
    }
}
