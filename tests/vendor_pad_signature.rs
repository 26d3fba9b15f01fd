//! A VendorPad delivery passes its document's own verification, in each of its three languages.

use crate::harness::signature::is_signed_with;
use crate::harness::{Caller, Received, Receiver, eventually, house, programs};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;

const DOCUMENT: &str = "vendor-pad.txt";
const SOON: Duration = Duration::from_secs(10);

async fn subscribe(native: &Caller, url: &str) -> String {
    let body = json!({ "url": url, "events": ["lead.created"], "contract": "vendorPad" });
    native.post("/v2/webhooks", body).await.expect(201)["secret"].as_str().unwrap().to_owned()
}

async fn create_lead(native: &Caller) {
    native.post("/v2/leads", json!({ "name": "Zoë Åkesson", "email": "zoe@example.com" })).await.expect(201);
}

async fn delivered() -> (Received, String) {
    let house = house().await;
    let native = Caller::native(&house);
    let receiver = Receiver::new().await;
    let secret = subscribe(&native, &receiver.url).await;
    create_lead(&native).await;
    let received = receiver.wait_for(1, SOON).await.remove(0);
    house.stop().await;
    (received, secret)
}

/// A genuine delivery, one whose body and one whose time were changed on the way.
fn question(example: &[&str], received: &Received, secret: &str) -> Value {
    let genuine = programs::shown_to_programs(received);
    let mut forged = genuine.clone();
    forged["body"] = forged["body"].as_str().unwrap().replace("Zoë", "Zoe").into();
    let mut later = genuine.clone();
    let timestamp: i64 = received.header("x-vendorpad-timestamp").parse().unwrap();
    later["headers"]["x-vendorpad-timestamp"] = (timestamp + 1).to_string().into();
    json!({ "example": example.join("\n"), "secret": secret, "deliveries": [genuine, forged, later] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_of_our_own_accepts_a_delivery_of_now() {
    let (received, secret) = delivered().await;
    assert!(is_signed_with("vendorPad", &secret, &received));
    let timestamp: u64 = received.header("x-vendorpad-timestamp").parse().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(timestamp) < 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_node_example_accepts_a_delivery_and_no_forged_one() {
    const LAST: &str = "if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) throw new Error('replay');";
    let Some(document) = programs::document(DOCUMENT) else { return };
    let Some(mut node) = programs::node() else { return };
    node.arg("vendor_pad.mjs");
    let example = programs::lines_of(&document, "const crypto = require('crypto');", LAST);
    let (received, secret) = delivered().await;
    let answers = programs::ask(node, &question(&example, &received, &secret));
    assert_eq!(answers, json!(["accepted", "bad sig", "bad sig"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_python_example_accepts_a_delivery_and_no_forged_one() {
    let Some(document) = programs::document(DOCUMENT) else { return };
    let Some(mut python) = programs::python() else { return };
    python.arg("vendor_pad.py");
    let example =
        programs::lines_of(&document, "import hmac, hashlib, time", "assert abs(time.time() - int(ts)) < 300");
    let (received, secret) = delivered().await;
    let answers = programs::ask(python, &question(&example, &received, &secret));
    assert_eq!(answers, json!(["accepted", "refused", "refused"]));
}

/// PHP's own server with the example as its whole program; the secret is told when it is known.
#[tokio::test(flavor = "multi_thread")]
async fn the_documents_php_example_accepts_a_delivery_and_none_under_another_secret() {
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
    eventually(SOON, "PHP serves", || async { tokio::net::TcpStream::connect(free).await.ok() }).await;

    let house = house().await;
    let native = Caller::native(&house);
    let secret = subscribe(&native, &format!("http://{free}/")).await;
    for (told, status, outcome) in [(secret.as_str(), 200, "DELIVERED"), ("whsec_another", 401, "REFUSED")] {
        std::fs::write(&secret_file, told).unwrap();
        create_lead(&native).await;
        let shown = eventually(SOON, "the attempt is recorded", || async {
            let newest = native.get("/v2/deliveries?limit=1").await.expect(200)["data"][0].clone();
            let shown = native.get(&format!("/v2/deliveries/{}", newest["id"].as_str()?)).await.expect(200);
            (shown["attempts"][0]["status"] == status).then_some(shown)
        })
        .await;
        assert_eq!(shown["attempts"][0]["outcome"], outcome);
    }
    house.stop().await;
}
