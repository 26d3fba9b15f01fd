//! Happy path: a lead is created with an API key, is stored once, and a signed webhook is delivered and retried.

use crate::harness::{Caller, CannedResponse, Receiver, eventually, leads, server, server_at};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_stored_and_delivered() {
    let server = server().await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    let subscription = native.subscribe(&receiver.url).await;
    let lead = native.post("/v2/leads", leads::with_email()).await.expect(201);
    let received = receiver.wait_for(1, Duration::from_secs(10)).await.remove(0);
    assert_eq!(received.header("x-event"), "lead.created");
    assert_eq!(received.json()["data"], lead);
    let secret = webhook_key(subscription["secret"].as_str().unwrap());
    assert_eq!(received.header("x-signature"), hmac_hex(&secret, &received.body));
    assert_eq!(native.get(&format!("/v2/leads/{}", lead["id"].as_str().unwrap())).await.expect(200), lead);
    let delivery = received.header("x-delivery").to_owned();
    let shown = eventually(Duration::from_secs(5), "the delivery is recorded", || async {
        let shown = native.get(&format!("/v2/deliveries/{delivery}")).await.expect(200);
        (shown["status"] == "DELIVERED").then_some(shown)
    })
    .await;
    assert_eq!(shown["webhookId"], subscription["id"]);
    assert_eq!(shown["attempts"][0]["outcome"], "DELIVERED");
    assert_eq!(shown["attempts"][0]["response"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_attempt_follows_the_retry_schedule() {
    let server = server_at(3600.0).await;
    let native = Caller::native(&server);
    let receiver = Receiver::responding(|number| CannedResponse::status(if number <= 5 { 503 } else { 200 })).await;
    native.subscribe(&receiver.url).await;
    native.post("/v2/leads", leads::with_email()).await.expect(201);
    let received = receiver.wait_for(6, Duration::from_secs(120)).await;
    let scheduled = [5.0, 30.0, 120.0, 720.0, 1440.0].map(|minutes| minutes * 60.0 / 3600.0);
    for (number, wait) in scheduled.iter().enumerate() {
        let waited = (received[number + 1].at - received[number].at).as_secs_f64();
        // Jitter adds up to a tenth; a busy machine adds delay but never shortens a wait.
        assert!(waited >= wait * 0.98 && waited < wait * 1.1 + 1.5, "wait {number}: {waited} s for {wait} s");
    }
    let delivery = received[0].header("x-delivery").to_owned();
    for one in &received {
        assert_eq!(one.header("x-delivery"), delivery, "the delivery id never changes");
        assert_eq!(one.header("webhook-id"), delivery);
    }
    let shown = eventually(Duration::from_secs(5), "the sixth attempt is recorded", || async {
        let shown = native.get(&format!("/v2/deliveries/{delivery}")).await.expect(200);
        (shown["status"] == "DELIVERED").then_some(shown)
    })
    .await;
    let attempts = shown["attempts"].as_array().unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["REFUSED", "REFUSED", "REFUSED", "REFUSED", "REFUSED", "DELIVERED"]);
    for (attempt, one) in attempts.iter().zip(&received) {
        let started = domain::Timestamp::parse(attempt["startedAt"].as_str().unwrap()).unwrap();
        assert_eq!(one.header("webhook-timestamp"), started.seconds().to_string(), "the timestamp is that attempt's");
    }
}

/// Returns the key of the contracts' own signatures, which is the whole `whsec_…` text.
fn webhook_key(secret: &str) -> Vec<u8> {
    secret.as_bytes().to_vec()
}

fn hmac_hex(key: &[u8], body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}
